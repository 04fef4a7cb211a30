from datetime import date

from odoo.tests import TransactionCase, freeze_time, tagged

from odoo.addons.kpi_base.tests.common import ClockMixin

from ...engine.status import Judged

TODAY = "2026-11-20 12:00:00"


@freeze_time(TODAY)
class KpiTargetCase(ClockMixin, TransactionCase):
    """Monthly KPIs of a company that people enter, on a calendar in UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["kpi.calendar"].create({"name": "UTC", "tz": "UTC"})

    @classmethod
    def _report(cls, name, values=None, scope=None, **definition):
        """A KPI of a company with values by month: {(year, month): value}."""
        kpi = cls.env["kpi.definition"].create(
            {
                "name": name,
                "computation": "manual",
                "calendar_id": cls.calendar.id,
                **definition,
            }
        )
        report = kpi._track_for("company", scope or cls.env.company)
        cls._enter(report, values or {})
        return report

    @classmethod
    def _enter(cls, report, values):
        rows = [(report.id, date(*month, 1), value) for month, value in values.items()]
        cls.env["kpi.measurement"]._upsert(report.frequency, rows, source="manual")

    @classmethod
    def _target(cls, report, month=(2026, 1), value=None, **values):
        if value is not None:
            values["value"] = value
        return cls.env["kpi.target"].create(
            {"report_id": report.id, "date_from": date(*month, 1), **values}
        )

    @classmethod
    def _targets(cls, report, by_month):
        """Targets entered together: {(year, month): value}."""
        return cls.env["kpi.target"].create(
            [
                {"report_id": report.id, "date_from": date(*month, 1), "value": value}
                for month, value in by_month.items()
            ]
        )

    def _judged(self, report, grain="month", first=(2026, 1), last=(2026, 12), **how):
        return report._get_judged_values(grain, date(*first, 1), date(*last, 1), **how)[
            report
        ]


@tagged("post_install", "-at_install")
class TestKpiJudged(KpiTargetCase):
    """Values beside their targets, for many KPIs at once."""

    def test_a_month_is_judged_by_the_target_that_holds_at_its_end(self):
        sales = self._report("Sales", {(2026, 1): 90, (2026, 2): 90})
        self._target(sales, (2026, 2), 60)
        self._target(sales, (2026, 1), 100, stretch=110)
        judged = self._judged(sales, last=(2026, 2))
        self.assertEqual(
            judged,
            {
                date(2026, 1, 1): Judged(90, 100, None, 110, None, None, 90, "at_risk"),
                date(2026, 2, 1): Judged(90, 60, achievement=150, status="on_target"),
            },
        )

    def test_a_year_adds_up_what_adds_up(self):
        values = {(2026, month): 10 for month in range(1, 11)}
        sales = self._report("Sales", values)
        share = self._report("Share", values, unit="percent")
        for report in (sales, share):
            self._targets(report, {(2025, 12): 20, (2026, 7): 30})
        (year,) = self._judged(sales, "year").values()
        # 6 × 20 + 6 × 30; 323 of 365 days are over on 20 November
        self.assertEqual((year.value, year.target), (100, 300))
        self.assertAlmostEqual(year.achievement, 100 * 100 / (300 * 323 / 365))
        (year,) = self._judged(share, "year").values()
        self.assertEqual((year.value, year.target), (10, 30))

    def test_a_range_has_ends(self):
        stock = self._report("Stock", {(2026, 1): 7}, direction="range")
        self._target(stock, (2026, 1), range_low=4, range_high=6)
        judged = self._judged(stock, last=(2026, 1))[date(2026, 1, 1)]
        # one above a range that is 2 wide: 80 * (1 - 0.4 / 0.9)
        self.assertAlmostEqual(judged.achievement, 80 * 5 / 9)
        self.assertEqual(
            judged,
            Judged(
                7,
                low=4,
                high=6,
                achievement=judged.achievement,
                status="off_target",
            ),
        )

    def test_a_target_without_a_value_is_there(self):
        sales = self._report("Sales")
        self._target(sales, (2026, 1), 100)
        judged = self._judged(sales, last=(2026, 1))
        self.assertEqual(
            judged, {date(2026, 1, 1): Judged(target=100, status="no_data")}
        )

    def test_a_value_without_a_target_is_there(self):
        sales = self._report("Sales", {(2026, 1): 5})
        judged = self._judged(sales, last=(2026, 1))
        self.assertEqual(judged, {date(2026, 1, 1): Judged(5, status="no_target")})

    def test_many_kpis_take_as_many_queries_as_one(self):
        reports = self.env["kpi.report"]
        for number in range(6):
            report = self._report(f"Sales {number}", {(2026, 1): 5})
            self._target(report, (2026, 1), 100)
            reports |= report
        counts = []
        for chosen in (reports[:1], reports):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            chosen._get_judged_values("quarter", date(2025, 1, 1), date(2026, 12, 31))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
