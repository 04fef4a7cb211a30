import json
import sys
from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .analysis_case import MONTHS, NOW, AnalysisCase, months, seasonal


@tagged("post_install", "-at_install")
class TestKpiAnalysis(AnalysisCase):
    """What is worked out of the values of KPIs, and stored."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls._entered(
            "Orders", months(seasonal()), target=130, aggregation_time="sum"
        )

    def test_a_season_goes_on(self):
        self._analyse(self.orders)
        row, points = self._forecast(self.orders), self._latest(self.orders)
        self.assertEqual(row.origin, "combination")
        self.assertEqual(row.made_on, date(2026, 3, 1))
        self.assertEqual(points[0].period_start, date(2026, 3, 1))
        self.assertEqual(len(points), 13)
        expected = seasonal(MONTHS + 13)[MONTHS:]
        for point, value in zip(points, expected, strict=True):
            self.assertAlmostEqual(point.value, value, delta=0.07 * value)
            self.assertLessEqual(point.low_95, point.low_80)
            self.assertLess(point.low_80, point.value)
            self.assertLess(point.value, point.high_80)
            self.assertLessEqual(point.high_80, point.high_95)
        self.assertGreater(row.confidence_score, 90)

    def test_the_past_in_numbers(self):
        self._analyse(self.orders)
        trend = self._trend(self.orders)
        self.assertTrue(trend.seasonality_detected)
        self.assertEqual(trend.season_length, 12)
        self.assertAlmostEqual(trend.performance_velocity, 12 / 365, delta=0.006)
        self.assertLess(trend.velocity_low, trend.performance_velocity)
        self.assertGreater(trend.velocity_high, trend.performance_velocity)
        self.assertEqual(trend.course, "better")
        self.assertEqual(trend.period_count, MONTHS)
        values = seasonal()
        change = 100 * (sum(values[-3:]) / sum(values[-6:-3]) - 1)
        self.assertAlmostEqual(trend.trend_periods, change)
        self.assertIs(trend.trend_7_days, False, "months have no days")
        self.assertIs(trend.trend_30_days, False)

    def test_days_have_trends_of_days(self):
        kpi = self._entered("Visits", {}, frequency="day", aggregation_time="sum")
        days = [
            (kpi.id, date.fromordinal(date(2026, 3, 10).toordinal() - at), value)
            for at, value in enumerate([20.0] * 7 + [10.0] * 7 + [5.0] * 50)
        ]
        self.env["kpi.measurement"]._upsert("day", days, source="manual")
        self._analyse(kpi)
        trend = self._trend(kpi)
        self.assertAlmostEqual(trend.trend_7_days, 100)
        now, before = 7 * 20 + 7 * 10 + 16 * 5, 30 * 5
        self.assertAlmostEqual(trend.trend_30_days, 100 * (now / before - 1))

    def test_what_has_happened_of_a_sum_is_known(self):
        """A third of the month's working time has passed, at a fourth of it."""
        self._fill(self.orders, {"2026-03": 60.0})
        self._analyse(self.orders)
        row, point = self._forecast(self.orders), self._latest(self.orders)[0]
        self.assertGreater(row.expected_low, 60)
        self.assertAlmostEqual(point.value, row.expected_value)
        plain = seasonal(MONTHS + 1)[MONTHS]
        self.assertAlmostEqual(
            row.expected_value, 60 + plain * 0.65, delta=0.08 * plain
        )

    def test_the_end_of_a_period_leaves_nothing_open(self):
        self._fill(self.orders, {"2026-03": 129.0})
        self._analyse(self.orders, now="2026-03-31 23:59:59")
        row = self._forecast(self.orders)
        self.assertAlmostEqual(row.expected_value, 129, delta=0.01)
        self.assertLess(row.target_probability, 1)
        self._fill(self.orders, {"2026-03": 131.0})
        self._analyse(self.orders, now="2026-03-31 23:59:59")
        self.assertGreater(self._forecast(self.orders).target_probability, 99)

    def test_a_target_far_away_is_missed_and_one_near_reached(self):
        near = self._entered("Near", months(seasonal()), target=60)
        far = self._entered("Far", months(seasonal()), target=900)
        low = self._entered("Low", months(seasonal()), target=900, direction="lower")
        self._analyse(near, far, low)
        self.assertGreater(self._forecast(near).target_probability, 99)
        self.assertEqual(self._forecast(near).expected_status, "on_target")
        self.assertLess(self._forecast(far).target_probability, 1)
        self.assertEqual(self._forecast(far).expected_status, "off_target")
        self.assertGreater(self._forecast(low).target_probability, 99)

    def test_without_a_target_there_is_no_chance(self):
        kpi = self._entered("Free", months(seasonal()))
        self._analyse(kpi)
        row = self._forecast(kpi)
        self.assertIs(row.target_probability, False)
        self.assertIs(row.predicted_target_achievement, False)
        self.assertFalse(row.recommendation)

    def test_unchanged_values_write_no_row(self):
        self.assertGreater(self._analyse(self.orders), 0)
        self.assertEqual(self._analyse(self.orders), 0)

    def test_a_corrected_value_renews_the_forecast(self):
        self._analyse(self.orders, self.revenue)
        before = self._latest(self.orders).mapped("value")
        self._fill(self.orders, {"2025-03": 700.0})
        row = self._forecast(self.orders)
        self.assertTrue(row.is_stale)
        self.assertEqual(row.stale_from, date(2025, 3, 1))
        with self._at(NOW):
            self.assertFalse(self._forecast(self.revenue).is_stale)
        self._analyse(self.orders)
        self.assertNotEqual(self._latest(self.orders).mapped("value"), before)
        with self._at(NOW):
            self.assertFalse(self._forecast(self.orders).is_stale)

    def test_what_was_said_at_the_close_stays(self):
        self._analyse(self.orders)
        self._fill(self.orders, {"2025-03": 700.0})
        self._analyse(self.orders)
        domain = [("report_id", "=", self.orders.id), ("is_latest", "=", False)]
        kept = self.points.search(domain, order="period_start")
        self.assertEqual({*kept.mapped("made_on")}, {date(2026, 3, 1)})
        self.assertNotEqual(kept[1].value, self._latest(self.orders)[1].value)
        self._fill(self.orders, {"2026-03": 140.0})
        self._analyse(self.orders, now="2026-04-02 12:00:00")
        kept = self.points.search(domain)
        self.assertEqual(
            {*kept.mapped("made_on")}, {date(2026, 3, 1), date(2026, 4, 1)}
        )
        latest = self._latest(self.orders)
        self.assertEqual({*latest.mapped("made_on")}, {date(2026, 4, 1)})
        self.assertEqual(latest[0].period_start, date(2026, 4, 1))

    def test_the_accuracy_is_that_of_what_was_shown(self):
        """Also after a value was corrected, which no forecast of then knew of."""
        self._analyse(self.orders)
        self.assertEqual(self._forecast(self.orders).shown_result, "")
        shown = self._latest(self.orders)[0].value
        self._fill(self.orders, {"2025-11": 5.0, "2026-03": shown + 20})
        april = "2026-04-02 12:00:00"
        self._analyse(self.orders, now=april)
        with self._at(april):
            self.env.invalidate_all()
            row = self._forecast(self.orders)
            right = round(100 * (1 - 20 / (shown + 20)))
            self.assertEqual(
                row.shown_result,
                f"Average error: 20, {right}% accurate (closed periods: 1).",
            )
            self.assertEqual(row.plan_result, "")

    def test_forecasts_of_long_ago_are_dropped(self):
        self._analyse(self.orders)
        with self._at("2028-04-02 12:00:00"):
            self.points._gc_old()
        domain = [("report_id", "=", self.orders.id)]
        self.assertTrue(all(self.points.search(domain).mapped("is_latest")))

    def test_a_change_of_the_definition_is_no_trend(self):
        """Ten times as much from a month on: other values, not better ones."""
        values = [100.0 + at % 3 for at in range(24)] + [1000.0 + at for at in (2, 0)]
        kpi = self._entered("Seam", months(values, date(2024, 1, 1)))
        kpi.definition_id._change(
            {"computation": "manual", "filter_note": "x"}
            if "filter_note" in kpi.definition_id._fields
            else {"percentile": 80.0},
            date(2026, 1, 1),
        )
        self._analyse(kpi)
        self.assertEqual(self._trend(kpi).course, "steady")
        self.assertAlmostEqual(self._latest(kpi)[1].value, 1000, delta=60)

    def test_awkward_series_do_not_stop_the_others(self):
        rows = {
            "None": [],
            "One": [5.0],
            "Two": [5.0, 6.0],
            "Zero": [0.0] * 26,
            "Constant": [7.0] * 26,
            "Gaps": [5.0 if at % 3 else None for at in range(26)],
            "Huge": [1e300] * 13 + [-1e300] * 13,
            "Tiny": [5e-324 * at for at in range(26)],
            "Jump": [1.0 + at % 2 for at in range(13)]
            + [1000.0 + at for at in range(13)],
            "Negative": [-float(at) for at in range(26)],
        }
        kpis = [self._entered(name, months(values)) for name, values in rows.items()]
        self._analyse(self.orders, *kpis)
        self.assertEqual(self._forecast(self.orders).origin, "combination")
        rows = self.analytics.search([("kpi_id", "in", [kpi.id for kpi in kpis])])
        self.assertEqual(len(rows), len(kpis))
        self.assertFalse([row for row in rows if row.error])
        origins = {row.kpi_id.kpi_name: row.origin for row in rows}
        self.assertEqual(origins["None"], "no_data")
        self.assertEqual(origins["One"], "too_short")
        self.assertEqual(self._latest(kpis[1]).mapped("value"), [5.0] * 13)
        self.assertEqual(self._latest(kpis[4])[0].value, 7.0)

    def test_one_that_fails_costs_only_itself(self):
        method = type(self.analytics)._list_analysed
        orders = self.orders

        def fail(analytics, grain, reports, *arguments):
            if orders in reports:
                raise ValueError("no such thing")
            return method(analytics, grain, reports, *arguments)

        self.patch(type(self.analytics), "_list_analysed", fail)
        self._analyse(self.orders, self.revenue, self.complaints)
        self.assertEqual(self._forecast(self.orders).error, "no such thing")
        self.assertFalse(self._forecast(self.revenue).error)
        self.assertTrue(self._forecast(self.complaints).origin)

    def test_a_method_that_is_not_installed_says_so_and_stays_chosen(self):
        self._analyse(self.orders)
        self._forecast(self.orders).prediction_model = "machine_learning"
        with patch.dict(sys.modules, {"sklearn.ensemble": None}):
            self._analyse(self.orders, self.revenue)
        row = self._forecast(self.orders)
        self.assertEqual(row.prediction_model, "machine_learning")
        self.assertIn("scikit-learn", row.error)
        self.assertFalse(self._forecast(self.revenue).error)

    def test_statements_do_not_grow_with_kpis(self):
        kpis = [self._entered(f"Many {n}", months(seasonal())) for n in range(12)]
        counts = []
        for some in (kpis[:2], kpis):
            self._analyse(*some)
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self._analyse(*some)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_officers_choose_the_method(self):
        self._analyse(self.orders)
        row = self._as(self.officer, self._forecast(self.orders))
        row.prediction_model = "linear_regression"
        self.assertTrue(row.is_stale)
        job = self.env["kpi.job"].search([("kind", "=", "analyse")])
        self.assertTrue(job)
        self._analyse(self.orders)
        self.assertEqual(row.origin, "linear_regression")
        with self.assertRaises(AccessError):
            row.confidence_score = 100
        with self.assertRaises(AccessError):
            self._as(self.user, row).prediction_model = "seasonal"

    def test_the_chart_goes_on(self):
        self._analyse(self.orders)
        self._fill(self.orders, {"2026-03": 60.0})
        with self._at(NOW):
            reports = self._as(self.officer, self.env["kpi.report"])
            history = reports.get_history(self.orders.id)
            year = reports.get_history(self.orders.id, "year")
        json.dumps(history)
        shown = history["points"]
        running, april = shown[-6:-4]
        self.assertTrue(running["running"])
        self.assertEqual(running["value"], 60)
        self.assertEqual(april["start"], "2026-04-01")
        self.assertTrue(april["coming"])
        self.assertIsNone(april["value"])
        self.assertEqual(april["target"], 130)
        self.assertEqual([*april["expected"]], ["value", "low", "high"])
        self.assertEqual(len(shown), 24 + 5)
        self.assertFalse([point for point in year["points"] if point.get("expected")])

    def test_the_chart_leaves_room_for_periods_without_a_value(self):
        late = self._entered("Late", months(seasonal(MONTHS - 2)))
        old = self._entered("Old", months(seasonal(MONTHS - 8)))
        self._analyse(late, old)
        with self._at(NOW):
            reports = self._as(self.officer, self.env["kpi.report"])
            points = reports.get_history(late.id)["points"]
            without = reports.get_history(old.id)["points"]
        starts = [point["start"] for point in points[-9:]]
        self.assertEqual(
            starts, [f"{date(2025 + at // 12, at % 12 + 1, 1)}" for at in range(11, 20)]
        )
        january = points[-8]
        self.assertIsNone(january["value"])
        self.assertFalse(january.get("coming") or january.get("expected"))
        self.assertTrue(points[-6]["expected"])
        self.assertFalse([point for point in without if point.get("expected")])
        self.assertEqual(without[-1]["start"], "2025-06-01")

    def test_what_comes_of_a_day_ahead(self):
        with self._at(NOW):
            asked = self._as(self.officer, self.analytics)
            april = asked.predict_target_achievement(self.orders.id)
            march = asked.predict_target_achievement(self.orders.id, 0)
            self.assertEqual(april["period_start"], "2026-04-01")
            self.assertEqual(march["period_start"], "2026-03-01")
            self.assertAlmostEqual(
                april["value"], seasonal(MONTHS + 2)[MONTHS + 1], delta=9
            )
            self.assertAlmostEqual(april["achievement"], 100 * april["value"] / 130)
            with self.assertRaisesRegex(UserError, "The forecast ends on 2027-03-31"):
                asked.predict_target_achievement(self.orders.id, 900)
            with self.assertRaises(AccessError):
                self._as(self.user, asked).predict_target_achievement(self.orders.id)

    def test_the_overview_names_what_will_be_missed(self):
        far = self._entered("Far", months(seasonal()), target=900)
        self._analyse(self.orders, far)
        with self._at(NOW):
            home = self._as(self.officer, self.env["kpi.home"])
            json.dumps(home.get_summary()["digest"])
            (item,) = self._list_forecasts(home)
            self.assertEqual(item["title"], "1 KPI will likely miss its target")
            self.assertEqual((item["text"], item["ids"]), ("Far", far.ids))
            self.assertFalse(self._list_forecasts(self._as(self.user, home)))

    def test_several_that_will_be_missed_lead_to_their_forecasts(self):
        missed = self._entered("Far", months(seasonal()), target=900)
        missed |= self._entered("Farther", months(seasonal()), target=950)
        self._analyse(*missed)
        with self._at(NOW):
            (item,) = self._list_forecasts(self._as(self.officer, self.env["kpi.home"]))
        self.assertEqual(item["title"], "2 KPIs will likely miss their targets")
        self.assertEqual(item["model"], "kpi.predictive.analytics")
        forecasts = self.env[item["model"]].browse(item["ids"])
        self.assertEqual(forecasts.kpi_id, missed)

    def _list_forecasts(self, home):
        digest = home.get_summary()["digest"] or {"items": []}
        return [item for item in digest["items"] if item["kind"] == "forecast"]

    def test_words_say_what_it_takes(self):
        self._fill(self.orders, {"2026-03": 10.0})
        self._analyse(self.orders)
        row = self._as(self.officer, self._forecast(self.orders))
        self.assertRegex(row.recommendation, r"Required per working day: [\d.]+")
        self.assertAlmostEqual(row.pace_needed, 120 / 15, delta=1.5)

    def test_no_chance_is_said_to_be_certain(self):
        far = self._entered("Far", months(seasonal()), target=900)
        near = self._entered("Near", months(seasonal()), target=60)
        self._analyse(self.orders, far, near)
        self.assertRegex(self._forecast(far).chance_label, "^below 1%$")
        self.assertRegex(self._forecast(near).chance_label, "^above 99%$")
        even = self._entered("Even", months(seasonal()), target=141)
        self._analyse(even)
        self.assertRegex(self._forecast(even).chance_label, r"^\d+%$")
        self.assertIn("target: below 1", self._forecast(far).recommendation)
        free = self._entered("Free", months(seasonal()))
        self._analyse(free)
        self.assertEqual(self._forecast(free).chance_label, "")

    def test_few_values_promise_little(self):
        kpi = self._entered("Young", months([90, 92, 91, 93, 92], date(2025, 10, 1)))
        self._analyse(kpi)
        forecast, point = self._forecast(kpi), self._latest(kpi)[0]
        self.assertIs(forecast.confidence_score, False)
        self.assertTrue(point.high_80 > point.value > point.low_80)
        self.assertIs(point.high_95, False)
        self.assertRegex(
            forecast.caution, r"on 4 past forecasts \(at most 80% reliable\)"
        )

    def test_a_sentence_says_how_errors_compare_with_those_of_repeating(self):
        kpi = self._entered("Compared", months(seasonal()))
        self._analyse(kpi)
        forecast = self._forecast(kpi)
        for skill, said in (
            (42.4, "42% more accurate than"),
            (3, "3% more accurate than"),
            (2.9, "About as accurate as"),
            (-2.9, "About as accurate as"),
            (-9.6, "10% less accurate than"),
            (-100, "more than double"),
        ):
            forecast.skill = skill
            self.assertRegex(forecast.caution, said)
        forecast.skill = 0  # they are those of repeating
        self.assertFalse(forecast.caution)
