from datetime import date, timedelta
from math import sin, tau

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .analysis_case import MONTHS, NOW, AnalysisCase, months, seasonal

DAY, WEEK = timedelta(days=1), timedelta(days=7)
OUTLOOK = (
    "expected_value",
    "expected_low",
    "expected_high",
    "confidence_score",
    "skill",
)


def by_season(day):
    """The same at the same time of each year, whatever its week is called."""
    return 100 + 40 * sin(tau * day.timetuple().tm_yday / 365.25)


@tagged("post_install", "-at_install")
class TestKpiAnalysisFaults(AnalysisCase):
    """Calendars, values and people at their oddest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls._entered("Orders", months(seasonal()), target=130)

    def _entered_by(self, frequency, first, last, step, value_of, **values):
        kpi = self._entered(frequency, {}, frequency=frequency, **values)
        rows, day = [], first
        while day <= last:
            rows.append((kpi.id, day, value_of(day)))
            day += step
        self.env["kpi.measurement"]._upsert(frequency, rows, source="manual")
        return kpi

    def _numbers(self, kpi):
        """What is known of a KPI, as numbers."""
        row, trend = self._forecast(kpi), self._trend(kpi)
        return [
            *(row[name] for name in OUTLOOK),
            *(trend[name] for name in ("trend_periods", "performance_velocity")),
            *self._latest(kpi).mapped("value"),
        ]

    def _listed(self, action):
        """KPIs that a list shows, without its filters."""
        action = self.env.ref(f"kpi_tracking_analytics.{action}")
        model = self._as(self.officer, self.env[action.res_model])
        found = model.search(safe_eval(action.domain))
        return found["report_id" if "report_id" in model._fields else "kpi_id"]

    def test_a_season_goes_on_over_a_year_of_53_weeks(self):
        """2020 has 53; it is one of the three years that are learned from."""
        first, last = date(2019, 1, 7), date(2021, 12, 27)
        kpi = self._entered_by("week", first, last, WEEK, by_season)
        self._analyse(kpi, now="2022-01-05 12:00:00")
        points = self._latest(kpi)
        starts = points.mapped("period_start")
        self.assertEqual(starts, [date(2022, 1, 3) + WEEK * at for at in range(14)])
        for point in points:
            usual = by_season(point.period_start)
            self.assertAlmostEqual(point.value, usual, delta=8)
        self.assertEqual(self._trend(kpi).season_length, 52)
        found = self.env["kpi.anomaly"].search([("report_id", "=", kpi.id)])
        self.assertFalse(found.mapped("description"))

    def test_the_53rd_week_is_forecast_as_itself(self):
        first, last = date(2018, 1, 1), date(2020, 12, 7)
        kpi = self._entered_by("week", first, last, WEEK, by_season)
        self._analyse(kpi, now="2020-12-16 12:00:00")
        labels = self._latest(kpi).mapped("period_label")
        self.assertEqual(len({*labels}), 14, "each week has a name of its own")
        self.assertTrue([label for label in labels if "53" in label], labels)

    def test_the_29th_of_february_is_a_day_as_any(self):
        def by_weekday(day):
            return 40.0 - 20 * (day.weekday() > 4)

        first, last = date(2023, 3, 1), date(2024, 2, 28)
        kpi = self._entered_by(
            "day", first, last, DAY, by_weekday, aggregation_time="sum"
        )
        leap = date(2024, 2, 29)
        self._analyse(kpi, now="2024-02-29 12:00:00")
        points = self._latest(kpi)
        self.assertEqual(
            points.mapped("period_start"), [leap + DAY * at for at in range(35)]
        )
        for point in points:
            usual = by_weekday(point.period_start)
            self.assertAlmostEqual(point.value, usual, delta=1)
        self.env["kpi.measurement"]._upsert(
            "day", [(kpi.id, leap, 400.0)], source="manual"
        )
        self._analyse(kpi, now="2024-03-01 12:00:00")
        found = self.env["kpi.anomaly"].search([("report_id", "=", kpi.id)])
        self.assertEqual((found.oddest_start, found.expected), (leap, 40))
        change = kpi.explain_change("2024-02-28", "2024-02-29")
        self.assertEqual(change["change"], 360)
        history = self.env["kpi.report"].get_history(kpi.id)
        shown = {point["start"]: point["unusual"] for point in history["points"]}
        self.assertIn("400", shown.get("2024-02-29", "400"))

    def test_a_kpi_younger_than_its_season(self):
        """It is forecast without one, alone as beside old ones."""
        young = self._entered("Young", months(seasonal(8), first=date(2025, 7, 1)))
        self._analyse(young)
        row = self._forecast(young)
        self.assertEqual(row.origin, "mean")
        self.assertFalse(self._trend(young).seasonality_detected)
        self.assertEqual(self._trend(young).period_count, 8)
        alone = self._numbers(young)
        self._analyse(young, self.orders)
        for now, before in zip(self._numbers(young), alone, strict=True):
            self.assertAlmostEqual(now, before)

    def test_what_fades_is_not_expected_below_nothing(self):
        kpi = self._entered(
            "Fading",
            months([1000 * 0.8**at for at in range(MONTHS)]),
            aggregation_time="sum",
        )
        self._analyse(kpi)
        points = self._latest(kpi)
        self.assertEqual(len(points), 13)
        self.assertGreaterEqual(min(points.mapped("value")), 0)
        self.assertGreaterEqual(min(points.mapped("low_95")), 0)
        self.assertLess(points[0].value, 1)

    def test_what_is_entered_twice_changes_nothing(self):
        self._analyse(self.orders)
        facts = self.env["kpi.measurement"]
        rows = [(self.orders.id, date(2025, 3, 1), seasonal()[26])]
        facts._upsert("month", rows, source="manual")
        with self._at(NOW):
            self.assertFalse(self._forecast(self.orders).is_stale)
        rows = [(self.orders.id, date(2025, 3, 1), value) for value in (1.0, 2.0)]
        with self.assertRaises(ValidationError):
            facts._upsert("month", rows, source="manual")
        with self._at(NOW):
            self.assertFalse(self._forecast(self.orders).is_stale)

    def test_a_new_target_changes_the_chance_and_not_the_forecast(self):
        with self._at(NOW):
            kpi = self._entered("Later", months(seasonal()), target=130)
        self._analyse(kpi)
        row = self._forecast(kpi)
        expected, chance = row.expected_value, row.target_probability
        with self._at(NOW):
            self._as(self.officer, self.env["kpi.target"]).create(
                {"report_id": kpi.id, "date_from": "2026-01-01", "value": 900}
            )
            self.env.flush_all()
            self.assertIn(kpi.id, self.analytics._find_due())
        self._analyse(kpi)
        self.assertEqual(row.expected_value, expected)
        self.assertLess(row.target_probability, chance)
        self.assertEqual(row.expected_status, "off_target")
        self.assertAlmostEqual(
            row.predicted_target_achievement, 100 * row.expected_value / 900
        )

    def test_archived_kpis_leave_the_lists_and_come_back(self):
        self._fill(self.orders, {"2026-02": 400.0})
        self._analyse(self.orders)
        lists = ("kpi_predictive_analytics_action", "kpi_anomaly_action")
        for archived in (self.orders, self.orders.definition_id):
            with self.subTest(archived=archived._name):
                archived.active = False
                for action in lists:
                    self.assertNotIn(self.orders, self._listed(action), action)
                with self._at(NOW):
                    self.assertNotIn(self.orders.id, self.analytics._find_due())
                archived.active = True
                for action in lists:
                    self.assertIn(self.orders, self._listed(action), action)

    def test_what_comes_later_changes_no_past_result(self):
        """Analysed as of June 2025 with, and without, the months that followed."""
        self._fill(self.orders, {"2025-02": 300.0, "2025-09": 900.0})
        moment = "2025-06-15 12:00:00"
        self.assertGreater(self._analyse(self.orders, now=moment), 0)
        self.env.cr.execute(
            "DELETE FROM kpi_measurement WHERE report_id = %s AND period_start > %s",
            [self.orders.id, date(2025, 6, 1)],
        )
        self.env.invalidate_all()
        self.assertEqual(self._analyse(self.orders, now=moment), 0)

    def test_any_fault_of_one_series_is_named_on_its_row(self):
        """Not only faults of numbers: what is stored of the others is not lost."""
        method = type(self.analytics)._list_analysed
        orders = self.orders

        def fail(analytics, grain, reports, *arguments):
            if orders in reports:
                return reports.env[{}]
            return method(analytics, grain, reports, *arguments)

        self.patch(type(self.analytics), "_list_analysed", fail)
        module = "odoo.addons.kpi_tracking_analytics.models"
        with mute_logger(f"{module}.kpi_predictive_analytics"):
            self._analyse(self.orders, self.revenue, self.complaints)
        self.assertIn("dict", self._forecast(self.orders).error)
        self.assertFalse(self._forecast(self.revenue).error)
        self.assertTrue(self._forecast(self.complaints).origin)
        self.assertIn(orders, self._listed("kpi_predictive_analytics_action"))
