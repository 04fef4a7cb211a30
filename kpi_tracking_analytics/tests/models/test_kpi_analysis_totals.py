from datetime import date

from odoo.tests import tagged

from .analysis_case import AnalysisCase, months, seasonal


@tagged("post_install", "-at_install")
class TestKpiAnalysisTotals(AnalysisCase):
    """What longer periods come to that are running, of KPIs that add up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.totals = cls.env["kpi.predictive.total"]
        own = {"aggregation_time": "sum", "coarsest_grain": "year"}
        cls.kpi = cls._entered("Orders", months(seasonal()), target=150, **own)

    def _of(self, kpi):
        found = self.totals.search([("report_id", "=", kpi.id)])
        return {total.grain: total for total in found}

    def _enter_day(self, kpi, day, value):
        rows = [(kpi.id, day, value)]
        self.env["kpi.measurement"]._upsert("day", rows, source="manual")

    def test_a_quarter_and_a_year_of_months(self):
        self._analyse(self.kpi)
        found = self._of(self.kpi)
        self.assertEqual(set(found), {"quarter", "year"})
        known = sum(seasonal()[-2:])  # January and February 2026
        points = self._latest(self.kpi)
        for grain, count in (("quarter", 1), ("year", 10)):
            total = found[grain]
            self.assertEqual(total.period_start, date(2026, 1, 1))
            expected = known + sum(points[:count].mapped("value"))
            self.assertAlmostEqual(total.value, expected, places=6)
            self.assertLess(total.low_80, total.value)
            self.assertGreater(total.high_95, total.high_80)
        year = found["year"]
        self.assertAlmostEqual(year.achievement, 100 * year.value / (12 * 150), 6)
        self.assertGreater(found["quarter"].period_label, "")

    def test_a_month_of_days(self):
        kpi = self._entered(
            "Calls", {}, frequency="day", coarsest_grain="month", aggregation_time="sum"
        )
        for number in range(1, 11):
            for month in (1, 2, 3):
                self._enter_day(kpi, date(2026, month, number), 10.0)
        kpi._refresh_current()
        self._analyse(kpi)
        found = self._of(kpi)
        self.assertEqual(set(found), {"week", "month"})
        total = found["month"]
        self.assertEqual(total.period_start, date(2026, 3, 1))
        inside = self._latest(kpi).filtered(
            lambda point: point.period_start < date(2026, 4, 1)
        )
        self.assertEqual(len(inside), 21)
        expected = 100 + sum(inside.mapped("value"))
        self.assertAlmostEqual(total.value, expected, places=6)

    def test_what_does_not_add_up_has_none(self):
        for aggregation in ("average", "last", "none"):
            kpi = self._entered(
                f"By {aggregation}",
                months(seasonal()),
                aggregation_time=aggregation,
                coarsest_grain="year",
            )
            self._analyse(kpi)
            self.assertFalse(self._of(kpi), aggregation)

    def test_unchanged_values_write_no_row(self):
        self._analyse(self.kpi)
        self.assertEqual(self._analyse(self.kpi), 0)

    def test_a_period_that_has_ended_is_replaced(self):
        self._analyse(self.kpi)
        self._fill(self.kpi, {"2026-03": 140.0})
        self._analyse(self.kpi, now="2026-04-02 12:00:00")
        quarter = self._of(self.kpi)["quarter"]
        self.assertEqual(quarter.period_start, date(2026, 4, 1))

    def test_one_that_is_not_shown_by_year_any_more(self):
        self._analyse(self.kpi)
        self.kpi.definition_id.coarsest_grain = "quarter"
        self._analyse(self.kpi)
        self.assertEqual(set(self._of(self.kpi)), {"quarter"})

    def test_rest_gives_them(self):
        self._analyse(self.kpi)
        answer = self._forecast(self.kpi)._as_answer()
        self.assertEqual(
            {total["grain"] for total in answer["totals"]}, {"quarter", "year"}
        )
