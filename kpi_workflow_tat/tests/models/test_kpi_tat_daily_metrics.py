from collections import defaultdict
from datetime import datetime, timezone
from decimal import Decimal
from statistics import mean
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo.sql_db import Cursor
from odoo.tests import tagged
from odoo.tools import SQL

from .report_case import ReportCase

# In one, clocks go forward on 8 March; the other is 5:45 ahead of UTC.
ZONES = ("America/New_York", "Asia/Kathmandu")
PERIOD = datetime(2026, 2, 27, 3, 17), datetime(2026, 3, 14, 21, 9, 30)
COUNTS = {
    "created": "requests_created",
    "approved": "requests_approved",
    "rejected": "requests_rejected",
    "decision": "levels_completed",
    "met": "levels_completed_within_tat",
    "breach": "breaches_count",
    "alert": "alerts_sent",
}
SHOWN = {name: {} for name in ("metric_date", "department_id", *COUNTS.values())}


@tagged("post_install", "-at_install")
class TestKpiTatDailyMetrics(ReportCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.company, cls.other_company
        cls.zones = {}
        for company, zone in zip(companies, ZONES, strict=True):
            company.partner_id.tz = zone
            cls.zones[company.id] = ZoneInfo(zone)
        cls.env.flush_all()

    def _find_events(self):
        """Everything that happened: the request, the kind, the moment, the hours."""
        for request in self.requests:
            yield request, "created", request["submitted_at"], None
            if request["approval_state"] in ("approved", "rejected"):
                decided = request["decided_at"], request["cycle_hours"]
                yield request, request["approval_state"], *decided
        for level in self.levels:
            if level["is_passed_on"] or level["is_left_to_others"]:
                continue
            yield level["request"], "decision", level["decided_at"], None
            kind = "breach" if level["tat_breached"] else "met"
            moment = "overdue_at" if level["tat_breached"] else "decided_at"
            yield level["request"], kind, level[moment], None
        for alert in self.alerts:
            yield alert["request"], "alert", alert["alert_sent_at"], None

    def _count_by_day(self, start, stop):
        """Day, company and department → figures, event by event."""
        days = defaultdict(lambda: dict.fromkeys(COUNTS, 0) | {"hours": []})
        for request, kind, moment, hours in self._find_events():
            if request["is_test"] or not moment or not start <= moment < stop:
                continue
            zone = self.zones[request["company_id"]]
            day = moment.replace(tzinfo=timezone.utc).astimezone(zone).date()
            figures = days[day, request["company_id"], request["department_id"]]
            figures[kind] += 1
            if hours is not None:
                figures["hours"].append(Decimal(str(hours)))
        return days

    def _assert_rows(self, rows, start, stop):
        expected = self._count_by_day(start, stop)
        found = {
            (row["metric_date"], row["company_id"], row["department_id"]): row
            for row in rows
        }
        self.assertTrue(expected)
        self.assertEqual(len(found), len(rows))
        self.assertEqual(found.keys(), expected.keys())
        for key, figures in expected.items():
            row, judged = found[key], figures["met"] + figures["breach"]
            with self.subTest(key):
                for kind, name in COUNTS.items():
                    self.assertEqual(row[name], figures[kind], name)
                share = round(figures["met"] * 100 / judged, 4) if judged else None
                hours = mean(figures["hours"]) if figures["hours"] else None
                for name, value in (
                    ("tat_compliance_percentage", share),
                    ("avg_cycle_time_hours", hours),
                ):
                    if value is None:
                        self.assertIsNone(row[name], name)
                    else:
                        self.assertAlmostEqual(float(row[name]), float(value), 3)

    def test_each_day_counts_the_events_of_its_company_s_day(self):
        rows = self._query("SELECT * FROM vw_daily_kpi_metrics")
        self._assert_rows(rows, datetime.min, datetime.max)
        # A weekend counts as any other day.
        self.assertTrue(any(row["metric_date"].weekday() > 4 for row in rows))

    def test_a_period_cuts_its_first_and_last_day(self):
        start, stop = PERIOD
        rows = self._query(
            "SELECT * FROM vw_daily_kpi_metrics",
            date_from=str(start),
            date_to=str(stop),
        )
        self._assert_rows(rows, start, stop)
        records = self.env["kpi.tat.daily.metrics"].with_context(
            kpi_tat_date_from=str(start), kpi_tat_date_to=str(stop)
        )
        self.assertEqual(
            set(records.search([]).ids),
            {row["id"] for row in rows},
        )

    def test_pages_are_those_of_the_list_and_counted_up_to_the_limit(self):
        model = self.env["kpi.tat.daily.metrics"]
        rows = model.search([])
        self.assertGreater(len(rows), 40)
        for offset, limit, most, length in (
            (0, 7, None, len(rows)),
            (7, 7, 10_001, len(rows)),
            (0, 7, 20, 20),
            (14, 7, 20, 21),
            (0, None, 20, len(rows)),
            (len(rows) - 3, 7, None, len(rows)),
        ):
            found = model.web_search_read(
                [], SHOWN, offset=offset, limit=limit, count_limit=most
            )
            with self.subTest(offset=offset, limit=limit, most=most):
                page = rows[offset:][:limit]
                self.assertEqual([one["id"] for one in found["records"]], page.ids)
                self.assertEqual(found["length"], length)

    def test_the_list_counts_events_once(self):
        manager = self._make_user("manager")
        own = self.departments[0]
        own.manager_id = self.env["hr.employee"].create(
            {
                "name": "Manager",
                "user_id": manager.id,
                "company_id": self.company.id,
                "department_id": own.id,
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        execute, texts = Cursor.execute, []

        def note(cursor, query, *args, **kwargs):
            texts.append(query.code if isinstance(query, SQL) else query)
            return execute(cursor, query, *args, **kwargs)

        rows = self.env["kpi.tat.daily.metrics"].with_user(manager)
        with patch.object(Cursor, "execute", note):
            found = rows.web_search_read([], SHOWN, limit=5, count_limit=10_001)
        seen = {row["department_id"] for row in found["records"]}
        self.assertEqual(seen, {own.id})
        self.assertGreater(found["length"], 5)
        self.assertEqual(sum("tat_alerts" in text for text in texts), 1)
