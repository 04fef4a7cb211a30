from datetime import date, timedelta

from odoo.tests import tagged

from .evaluation_case import EvaluationCase

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestKpiAlertCalendars(EvaluationCase):
    """Periods of all lengths close on the days of their calendars."""

    def _kpi(self, frequency, values, **calendar):
        """A KPI with values by the first days of its periods."""
        calendar = self._create_calendar(**{"tz": "UTC", **calendar})
        kpi = self._entered(
            f"By {frequency}", {}, frequency=frequency, calendar_id=calendar.id
        )
        rows = [(kpi.id, day, float(value)) for day, value in values.items()]
        self.env["kpi.measurement"]._upsert(frequency, rows, source="manual")
        return kpi

    def _first_alert(self, kpi, moment, **values):
        """First day of the period that fires at a moment; None: nothing does."""
        with self._at(moment):
            rule = self._evaluated(kpi, **{"compared": "value", **values})
            return self._open(rule).period_start or None

    def test_a_53rd_week_has_the_52nd_as_its_year_before(self):
        # 2026 has 53 weeks, 2025 has 52, of which the last begins on 22 December.
        values = {
            date(2025, 12, 15): 500,
            date(2025, 12, 22): 100,
            date(2025, 12, 29): 900,
            date(2026, 12, 28): 89,
        }
        weekly = self._kpi("week", values)
        for limit, expected in ((-10, date(2026, 12, 28)), (-11, None)):
            with self.subTest(limit=limit):
                found = self._first_alert(
                    weekly, "2027-01-06 10:00", compared="last_year", threshold=limit
                )
                self.assertEqual(found, expected)

    def test_a_week_closes_at_midnight_where_its_calendar_is(self):
        weekly = self._kpi("week", {date(2026, 2, 23): 1}, tz="Asia/Tokyo")
        # Monday the second of March begins at 15:00 UTC on Sunday.
        for moment, expected in (
            ("2026-03-01 14:59:00", None),
            ("2026-03-01 15:01:00", date(2026, 2, 23)),
        ):
            with self.subTest(moment=moment):
                found = self._first_alert(weekly, moment, threshold=5)
                self.assertEqual(found, expected)

    def test_days_of_23_and_25_hours(self):
        new_york = {"tz": "America/New_York"}
        for day, before, after in (
            (date(2026, 3, 8), "2026-03-09 03:59:00", "2026-03-09 04:01:00"),
            (date(2026, 11, 1), "2026-11-02 04:59:00", "2026-11-02 05:01:00"),
        ):
            daily = self._kpi("day", {day: 1}, **new_york)
            self.assertIsNone(self._first_alert(daily, before, threshold=5))
            self.assertEqual(self._first_alert(daily, after, threshold=5), day)

    def test_the_sweep_says_when_the_next_day_begins(self):
        rules = self.env["kpi.smart.alert"]
        self._evaluated(self._kpi("day", {}, tz="America/New_York"))
        # Others have the day of UTC, which began half an hour ago.
        for moment, expected in (
            ("2026-03-08 00:30:00", "2026-03-08 05:00:00"),
            ("2026-03-09 00:30:00", "2026-03-09 04:00:00"),
        ):
            with self._at(moment):
                self.assertEqual(str(rules._sweep_marks()), expected)

    def test_a_year_closes_on_the_first_of_january(self):
        values = {date(2025, 1, 1): 100, date(2026, 1, 1): 50}
        yearly = self._kpi("year", values)
        rule = {"compared": "previous", "threshold": -20}
        found = self._first_alert(yearly, "2026-12-31 23:59:00", **rule)
        self.assertIsNone(found)
        found = self._first_alert(yearly, "2027-01-01 00:00:30", **rule)
        self.assertEqual(found, date(2026, 1, 1))

    def test_quarters_of_a_fiscal_year(self):
        values = {date(2025, 2, 1): 100, date(2026, 2, 1): 70, date(2025, 11, 1): 70}
        fiscal = self._kpi("quarter", values, fiscal_month="2")
        rule = {"compared": "last_year", "threshold": -20}
        self.assertIsNone(self._first_alert(fiscal, "2026-04-30 23:00:00", **rule))
        found = self._first_alert(fiscal, "2026-05-01 01:00:00", **rule)
        self.assertEqual(found, date(2026, 2, 1))

    def test_months_of_four_and_five_weeks(self):
        weeks = self._create_calendar(tz="UTC", pattern="4-4-5")
        months = weeks._periods("month", date(2026, 1, 15), date(2026, 4, 15))
        self.assertEqual({month.days for month in months[1:3]}, {28, 35})
        values = {month.start: 100 - 30 * at for at, month in enumerate(months)}
        kpi = self._kpi("month", values, pattern="4-4-5")
        last = months[2]
        rule = {"compared": "value", "threshold": 50, "periods": 1}
        before = self._first_alert(kpi, f"{last.stop - DAY} 12:00:00", **rule)
        self.assertIsNone(before)
        found = self._first_alert(kpi, f"{last.stop} 12:00:00", **rule)
        self.assertEqual(found, last.start)

    def test_a_clock_that_goes_back_and_ahead_changes_nothing(self):
        rule = self._evaluated(self.revenue, threshold=0.95)
        event = self._open(rule)
        for moment in ("2026-03-04 23:30:00", "2026-03-08 10:00:00", self.NOW):
            with self._at(moment):
                self._evaluate()
                self.assertEqual((self._open(rule), event.state), (event, "firing"))
