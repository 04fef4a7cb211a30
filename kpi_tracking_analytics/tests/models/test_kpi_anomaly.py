from datetime import date, timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .analysis_case import MONTHS, NOW, AnalysisCase, months, seasonal

LAST = date(2026, 2, 1)


@tagged("post_install", "-at_install")
class TestKpiAnomaly(AnalysisCase):
    """Values that are out of the ordinary, and what people say of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anomalies = cls.env["kpi.anomaly"]
        cls.orders = cls._entered("Orders", months(seasonal()), aggregation_time="sum")

    def _found(self, kpi=None):
        kpi = kpi or self.orders
        return self.anomalies.search([("report_id", "=", kpi.id)])

    def _spike(self, month="2026-02", value=400.0):
        self._fill(self.orders, {month: value})
        self._analyse(self.orders)

    def test_what_goes_on_as_ever_is_not_listed(self):
        self._analyse(self.orders)
        self.assertFalse(self._found())

    def test_a_spike_says_what_was_usual(self):
        self._spike()
        found = self._found()
        self.assertEqual((found.kind, found.state), ("spike", "new"))
        self.assertEqual(found.period_start, LAST)
        self.assertEqual(found.value, 400)
        plain = seasonal()[-1]
        self.assertAlmostEqual(found.expected, plain, delta=0.1 * plain)
        self.assertRegex(
            found.description, r"^Feb 2026 was 400, usually 1[23]\d ± \d+\.$"
        )
        # Odoo stores it with activities: it says no value.
        name = f"{self.orders.display_name}, Feb 2026"
        self.assertEqual(found.display_name, name)
        self.assertIn(found.id, [one for one, _ in found.name_search("Orders")])

    def _calls_by_day(self, closed_on):
        """A year of days, on one of which nobody called."""
        calls = self._entered("Calls", {}, frequency="day", aggregation_time="sum")
        first = date(2025, 3, 10)
        rows = []
        for number in range(366):
            day = first + timedelta(days=number)
            usual = 100 + 8 * (number % 3) if day.weekday() < 5 else 4 + number % 2
            rows.append((calls.id, day, 0.0 if day == closed_on else float(usual)))
        self.env["kpi.measurement"]._upsert("day", rows, source="manual")
        return calls

    def test_a_holiday_is_nothing_unusual(self):
        """The same day without work is, where everybody should have been there."""
        thursday = date(2026, 2, 19)
        calls = self._calls_by_day(thursday)
        self.company.resource_calendar_id.tz = "UTC"
        self._analyse(calls)
        self.assertEqual(self._found(calls).oddest_start, thursday)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.company.resource_calendar_id.id,
                "company_id": self.company.id,
                "date_from": "2026-02-19 00:00:00",
                "date_to": "2026-02-19 23:59:59",
            }
        )
        self._analyse(calls)
        self.assertFalse(self._found(calls))

    def test_a_weekend_is_no_holiday(self):
        days = [
            self.calendar._period("day", date(2026, 1, number))
            for number in range(1, 29)
        ]
        self.assertFalse(self.orders._find_holidays(days).any())

    def test_decimals_show_why_it_is_unusual(self):
        """Two lost deals where 0.8 ± 0.6 are usual; where nothing moved, no margin."""
        anomaly = self.anomalies.create(
            {
                "report_id": self.orders.id,
                "kind": "spike",
                "period_start": LAST,
                "period_last": LAST,
                "oddest_start": LAST,
                "value": 2.0,
                "expected": 0.8,
                "margin": 0.6,
            }
        )
        self.orders.definition_id.decimals = 0
        self.assertEqual(anomaly.description, "Feb 2026 was 2.0, usually 0.8 ± 0.6.")
        anomaly.margin = 0.0
        self.assertEqual(anomaly.description, "Feb 2026 was 2, usually 1.")
        self.orders.definition_id.write(
            {"unit": "currency", "currency_id": self.env.ref("base.EUR").id}
        )
        anomaly.write({"value": 71760.0, "expected": 0.0, "kind": "level_shift"})
        anomaly.invalidate_recordset()
        self.assertEqual(
            anomaly.description.replace("\u202f", " ").replace("\u00a0", " "),
            "New level since Feb 2026: 71,760 €, previously 0 €.",
        )

    def test_it_opens_its_kpi(self):
        self._spike()
        opened = self._as(self.officer, self._found()).action_open_kpi()
        self.assertEqual(
            (opened["res_model"], opened["res_id"]), ("kpi.report", self.orders.id)
        )

    def test_a_corrected_value_takes_it_back(self):
        self._spike()
        self._fill(self.orders, {"2026-02": seasonal()[-1]})
        self._analyse(self.orders)
        self.assertFalse(self._found())

    def test_a_new_level_is_one_event(self):
        values = [100.0 + at * 7919 % 11 / 5 for at in range(MONTHS)]
        values[-4:] = [300 + value for value in values[-4:]]
        kpi = self._entered("Level", months(values))
        self._analyse(kpi)
        found = self._found(kpi)
        self.assertEqual((len(found), found.kind), (1, "level_shift"))
        self.assertEqual(found.period_start, date(2025, 11, 1))
        self.assertRegex(found.description, "^New level since Nov 2025: ")

    def test_a_missing_value_is_a_gap(self):
        values = [*seasonal(MONTHS - 1), None]
        kpi = self._entered("Gap", months(values))
        self._analyse(kpi)
        found = self._found(kpi)
        self.assertEqual((found.kind, found.value), ("gap", False))
        self.assertEqual(found.description, "No value for Feb 2026.")

    def test_what_was_long_ago_is_history(self):
        self._spike("2024-06")
        self.assertFalse(self._found())

    def test_one_that_begins_late_is_not_odd_for_it(self):
        """A person who starts selling has no new level each month."""
        values = [0.0] * 14 + [5.0, 6, 5, 7, 6, 5, 6, 7, 5, 6, 6, 5]
        kpi = self._entered(
            "Late", months(values, date(2024, 1, 1)), aggregation_time="sum"
        )
        self._analyse(kpi)
        self.assertFalse(self._found(kpi))
        self.assertEqual(self._trend(kpi).period_count, 12)

    def test_people_decide(self):
        self._spike()
        found = self._found()
        own = self._as(self.officer, found)
        own.action_confirm()
        self.assertEqual(
            (found.state, found.decided_by_id), ("confirmed", self.officer)
        )
        own.action_dismiss()
        self.assertEqual(found.state, "dismissed")
        with self._at(NOW):
            self.assertTrue(self._forecast(self.orders).is_stale)

    def test_forecasts_leave_it_out_until_somebody_says_that_it_is_real(self):
        self._analyse(self.orders)
        usual = self._latest(self.orders)[0].value
        self._spike()
        forecast = self._forecast(self.orders)
        self.assertAlmostEqual(self._latest(self.orders)[0].value, usual, delta=5)
        self.assertIn("unusual: Feb 2026.", forecast.left_out_note)
        self._as(self.officer, self._found()).action_dismiss()
        self._analyse(self.orders)
        self.assertGreater(self._latest(self.orders)[0].value, usual + 20)
        self.assertNotIn("Excluded as unusual", forecast.left_out_note)

    def test_one_wrong_value_of_a_young_kpi_is_listed_and_left_out(self):
        values = [100, 96, 104, 99, 1030, 95, 108, 101]
        young = self._entered("Young", months(values, date(2025, 7, 1)))
        self._analyse(young)
        found = self._found(young)
        self.assertRegex(
            found.description, r"^Nov 2025 was 1,030, usually 10[01] ± [78]\.$"
        )
        self.assertAlmostEqual(self._latest(young)[0].value, 100, delta=10)
        forecast = self._forecast(young)
        self.assertIn("unusual: Nov 2025.", forecast.left_out_note)
        self._as(self.officer, found).action_dismiss()
        self._analyse(young)
        self.assertNotIn("Excluded as unusual", forecast.left_out_note)

    def test_a_forecast_says_which_value_called_usual_decides_it(self):
        self._spike(value=10 * seasonal()[-1])
        forecast = self._forecast(self.orders)
        self.assertNotIn("decides", forecast.left_out_note)
        self._as(self.officer, self._found()).action_dismiss()
        self._analyse(self.orders)
        *_middle, mean, without = forecast.leaning.split()
        self.assertGreater(float(mean), 2 * float(without))
        self.assertRegex(
            forecast.left_out_note,
            r"^Feb 2026 \(1,3\d\d\), marked “Not Unusual”, drives this forecast:"
            r" [\d,]+ in \w+ 202\d, \d+ without this value\.$",
        )
        self._as(self.officer, self._found()).action_confirm()
        self._analyse(self.orders)
        self.assertFalse(forecast.leaning)

    def test_few_of_many_that_are_left_out_are_named(self):
        self._analyse(self.orders)
        forecast = self._forecast(self.orders)
        days = [f"2024-0{month}-01" for month in range(1, 9)]
        forecast.left_out = " ".join(days[:7])
        self.assertIn("unusual: 1 earlier, Feb 2024,", forecast.left_out_note)
        forecast.left_out = " ".join(days)
        self.assertIn("unusual: 2 earlier, Mar 2024,", forecast.left_out_note)

    def test_an_older_one_is_real_by_a_note(self):
        self._spike("2024-06")
        forecast = self._forecast(self.orders)
        self.assertIn("unusual: Jun 2024.", forecast.left_out_note)
        self._as(self.officer, self.env["kpi.annotation"]).create(
            {
                "report_id": self.orders.id,
                "date": "2024-06-03",
                "text": "The fair",
                "effect": "real",
            }
        )
        with self._at(NOW):
            self.assertTrue(forecast.is_stale)
        self._analyse(self.orders)
        self.assertRegex(
            forecast.left_out_note, r"^Jun 2024 \(400\), marked “Not Unusual”,"
        )

    def test_what_somebody_decided_stays(self):
        self._spike()
        self._as(self.officer, self._found()).action_confirm()
        self._fill(self.orders, {"2026-02": seasonal()[-1]})
        self._analyse(self.orders)
        self.assertEqual(self._found().state, "confirmed")

    def test_a_dismissed_one_widens_its_season(self):
        """Every February from now on: a sale, not a surprise."""
        self._spike("2025-02", 200.0)
        (found,) = self._found()
        self._as(self.officer, found).action_dismiss()
        self._spike("2026-02", 205.0)
        self.assertEqual(self._found(), found)

    def test_a_new_level_that_is_called_usual_is_learned_from(self):
        values = seasonal()[:-3] + [value + 200 for value in seasonal()[-3:]]
        kpi = self._entered("Level", months(values), aggregation_time="sum")
        self._analyse(kpi)
        (found,) = self._found(kpi)
        self.assertEqual(found.kind, "level_shift")
        self._as(self.officer, found).action_dismiss()
        self._analyse(kpi)
        self.assertEqual(self._found(kpi), found)
        self.assertEqual((found.kind, found.state), ("level_shift", "dismissed"))
        self.assertFalse(self._forecast(kpi).left_out_note)

    def test_who_sees_a_kpi_does_not_decide_for_it(self):
        self._spike()
        self.assertTrue(self._as(self.officer, self._found()).can_decide)
        self.orders.shared_user_ids = self.user
        self.assertFalse(self._as(self.user, self._found()).can_decide)
        with self.assertRaises(AccessError):
            self._as(self.user, self._found()).action_confirm()
        with self.assertRaises(AccessError):
            self._as(self.officer, self._found()).state = "confirmed"

    def test_a_change_of_the_definition_is_not_unusual(self):
        values = [100.0 + at % 3 for at in range(MONTHS - 2)] + [1002.0, 1000.0]
        kpi = self._entered("Seam", months(values))
        kpi.definition_id._change({"percentile": 80.0}, date(2026, 1, 1))
        self._analyse(kpi)
        self.assertFalse(self._found(kpi))

    def test_the_chart_and_programs_know(self):
        self._spike()
        with self._at(NOW):
            reports = self._as(self.officer, self.env["kpi.report"])
            points = reports.get_history(self.orders.id)["points"]
            said = {point["start"]: point["unusual"] for point in points}
            self.assertRegex(said["2026-02-01"], "was 400")
            self.assertFalse(said["2026-01-01"])
            asked = self._as(self.officer, self.analytics)
            (found,) = asked.detect_performance_anomalies(self.orders.id)
            self.assertEqual(found["kind"], "spike")
            with self.assertRaises(AccessError):
                self._as(self.user, asked).detect_performance_anomalies(self.orders.id)
