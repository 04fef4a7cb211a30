"""KPIs of the gallery on the demo company, beside plain Python over ``search_read``."""

import math
import statistics
from collections import defaultdict
from datetime import UTC
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged

MONTHS = 3


@tagged("post_install", "-at_install")
class TestDemoGallery(TransactionCase):
    """All of the gallery that the demo's apps make possible is turned on at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("kpi_demo.company_de")
        cls.env = cls.env(
            context={**cls.env.context, "allowed_company_ids": cls.company.ids}
        )
        possible = [("state", "in", ["off", "on"])]
        cls.kpis = cls.env["kpi.gallery.kpi"].search(possible)
        cls.kpis.action_turn_on()
        cls.kpis.invalidate_recordset()
        cls.first = fields.Date.today().replace(day=1) - relativedelta(months=MONTHS)
        cls.months = [cls.first + relativedelta(months=n) for n in range(MONTHS)]
        cls.env["kpi.source"]._recompute_all(
            cls.first - relativedelta(months=3), cls.months[-1]
        )

    def _values(self, code):
        (report,) = self.kpis.filtered(
            lambda kpi: kpi.code == code
        ).definition_id.report_ids
        return report._values("month", self.first, self.months[-1])[report]

    def _rows(self, model, domain, date_field, *names):
        """Month → records of the company, in the calendar's time zone."""
        tz = self.env["kpi.calendar"]._company_default(self.company).tz
        records = self.env[model].with_context(active_test=False, tz=tz)
        rows = records.search_read(
            [("company_id", "in", [self.company.id, False]), *domain],
            [date_field, *names],
            load=None,
        )
        found = defaultdict(list)
        for row in rows:
            day = row[date_field]
            if hasattr(day, "hour"):
                day = fields.Datetime.context_timestamp(records, day).date()
            if day:
                found[day.replace(day=1)].append(row)
        return found

    def _days(self, stop):
        """Days since creation by the clocks of the calendar, of a row."""
        calendar = self.env["kpi.calendar"]._company_default(self.company)
        zone = ZoneInfo(calendar.tz)

        def clock(moment):
            return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)

        return lambda row: (
            (clock(row[stop]) - clock(row["create_date"])).total_seconds() / 86400
        )

    def assertMonths(self, code, expected):
        """``expected``: month → value; None = no value."""
        values = self._values(code)
        for month in self.months:
            found, wanted = values.get(month), expected.get(month)
            same = found == wanted or math.isclose(found, wanted, rel_tol=1e-9)
            self.assertTrue(same, f"{code} {month}: {found!r}, not {wanted!r}")
        self.assertTrue(any(values.values()), f"{code} has nothing to compare")

    def _by_month(self, rows, function):
        return {month: function(rows.get(month, [])) for month in self.months}

    def test_all_of_them_are_on_and_can_be_computed(self):
        self.assertGreaterEqual(len(self.kpis), 60)
        self.assertEqual(set(self.kpis.mapped("state")), {"on"})
        definitions = self.kpis.definition_id
        failed = definitions.filtered("computation_error")
        self.assertEqual(failed.mapped("code"), [])
        broken = self.env["kpi.source"].search([("last_error", "!=", False)])
        self.assertEqual(broken.mapped("name"), [])

    def test_opportunities(self):
        kind = ("type", "=", "opportunity")
        won = self._rows(
            "crm.lead",
            [kind, ("won_status", "=", "won")],
            "date_closed",
            "expected_revenue",
            "create_date",
        )
        closed = self._rows(
            "crm.lead", [kind, ("won_status", "in", ["won", "lost"])], "date_closed",
            "won_status",
        )  # fmt: skip
        new = self._rows("crm.lead", [kind], "create_date")
        self.assertMonths("crm_new_opportunities", self._by_month(new, len))
        self.assertMonths("crm_won_count", self._by_month(won, len))
        revenue = self._by_month(won, lambda rows: _sum(rows, "expected_revenue"))
        self.assertMonths("crm_won_revenue", revenue)
        self.assertMonths(
            "crm_average_deal",
            {month: revenue[month] / len(won[month]) for month in self.months},
        )
        self.assertMonths(
            "crm_win_rate",
            self._by_month(
                closed,
                lambda rows: (
                    100
                    * len([row for row in rows if row["won_status"] == "won"])
                    / len(rows)
                ),
            ),
        )
        self.assertMonths(
            "crm_sales_cycle",
            self._by_month(
                won,
                lambda rows: statistics.median(map(self._days("date_closed"), rows)),
            ),
        )

    def test_orders(self):
        orders = self._rows(
            "sale.order",
            [("state", "=", "sale")],
            "date_order",
            "amount_untaxed",
            "currency_id",
            "create_date",
            "partner_id",
        )
        self.assertMonths("sale_orders", self._by_month(orders, len))
        self.assertMonths(
            "sale_days_to_order",
            self._by_month(
                orders,
                lambda rows: statistics.median(map(self._days("date_order"), rows)),
            ),
        )
        partners = self.env["res.partner"].with_context(active_test=False)
        self.assertMonths(
            "sale_customers",
            self._by_month(
                orders,
                lambda rows: len(
                    partners.browse(
                        [row["partner_id"] for row in rows]
                    ).commercial_partner_id
                ),
            ),
        )
        created = self._rows("sale.order", [], "create_date", "state")
        self.assertMonths("sale_quotations", self._by_month(created, len))
        self.assertMonths(
            "sale_conversion",
            self._by_month(
                created,
                lambda rows: (
                    100
                    * len([row for row in rows if row["state"] == "sale"])
                    / len(rows)
                ),
            ),
        )

    def test_tasks(self):
        project = ("project_id", "!=", False)
        done = self._rows(
            "project.task",
            [project, ("state", "=", "1_done")],
            "date_end",
            "create_date",
        )
        new = self._rows("project.task", [project], "create_date")
        self.assertMonths("project_tasks_done", self._by_month(done, len))
        self.assertMonths("project_tasks_new", self._by_month(new, len))
        self.assertMonths(
            "project_flow",
            {month: 100 * len(done[month]) / len(new[month]) for month in self.months},
        )
        self.assertMonths(
            "project_lead_time",
            self._by_month(
                done,
                lambda rows: statistics.fmean(map(self._days("date_end"), rows)),
            ),
        )

    def test_open_tasks_at_the_end_of_the_month(self):
        rows = self.env["project.task"].search_read(
            [
                ("company_id", "in", [self.company.id, False]),
                ("project_id", "!=", False),
                ("state", "!=", "1_canceled"),
            ],
            ["create_date", "date_end"],
        )
        tz = self.env["kpi.calendar"]._company_default(self.company).tz
        here = self.env["project.task"].with_context(tz=tz)
        expected = {}
        for month in self.months:
            stop = month + relativedelta(months=1)
            opened = [
                row
                for row in rows
                if _local(here, row["create_date"]) < stop
                and not (row["date_end"] and _local(here, row["date_end"]) < stop)
            ]
            expected[month] = len(opened)
        self.assertMonths("project_open_tasks", expected)


def _sum(rows, name):
    return math.fsum(row[name] for row in rows)


def _local(records, moment):
    return fields.Datetime.context_timestamp(records, moment).date()
