from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import LONG

from ..common import KpiCase, days, local_day, month_of

AUCKLAND, LOS_ANGELES = "Pacific/Auckland", "America/Los_Angeles"
HALF_HOUR = timedelta(minutes=30)


def moments(first, last, step=HALF_HOUR):
    """Moments in UTC from the day before ``first`` to the day after ``last``."""
    moment = datetime.combine(first - timedelta(days=1), datetime.min.time())
    stop = datetime.combine(last + timedelta(days=2), datetime.min.time())
    while moment < stop:
        yield moment
        moment += step


def weeks_from(start, weeks):
    """Starts of consecutive periods of so many ``weeks`` each."""
    for count in weeks:
        yield start
        start += timedelta(weeks=count)


@tagged("post_install", "-at_install")
class TestKpiTime(KpiCase):
    """Records fall into the period of their local day, whatever the clock does."""

    def _count(self, tz="UTC", frequency="day", first=None, calendar=None, **values):
        calendar = calendar or self._create_calendar(tz)
        definition = self._definition(
            f"Count {tz} {frequency} {first}",
            frequency=frequency,
            coarsest_grain=frequency,
            calendar_id=calendar.id,
            history_start=first,
            **values,
        )
        (report,) = self._track(definition)
        return report

    def _create_at(self, stamps):
        self.deals.create(
            [
                {"x_at": stamp, "x_active": True, "x_company_id": self.company.id}
                for stamp in stamps
            ]
        )

    def _create_on(self, dates):
        self.deals.create(
            [
                {"x_date": day, "x_active": True, "x_company_id": self.company.id}
                for day in dates
            ]
        )

    def _check_days(self, tz, first, last):
        """Half-hourly records by local day, with the standard library's zones."""
        self._create_at(moments(first, last))
        report = self._count(tz, first=first, date_field="x_at")
        self._compute(first, last)
        counted = Counter(local_day(moment, tz) for moment in moments(first, last))
        expected = {day: float(counted[day]) for day in days(first, last)}
        self.assertValues(report, expected, label=tz)
        return expected

    def test_a_spring_night_in_los_angeles_has_23_hours(self):
        found = self._check_days(LOS_ANGELES, date(2023, 3, 10), date(2023, 3, 14))
        self.assertEqual(found[date(2023, 3, 12)], 46)  # 23 h × 2 records

    def test_an_autumn_night_in_los_angeles_has_25_hours(self):
        found = self._check_days(LOS_ANGELES, date(2023, 11, 3), date(2023, 11, 7))
        self.assertEqual(found[date(2023, 11, 5)], 50)  # 25 h × 2 records

    def test_both_clock_changes_in_auckland(self):
        autumn = self._check_days(AUCKLAND, date(2023, 4, 1), date(2023, 4, 3))
        self.assertEqual(autumn[date(2023, 4, 2)], 50)
        self.deals.search([]).unlink()
        spring = self._check_days(AUCKLAND, date(2023, 9, 23), date(2023, 9, 25))
        self.assertEqual(spring[date(2023, 9, 24)], 46)

    def test_a_midnight_that_happens_twice_loses_no_record(self):
        # Cuba puts its clocks back at 1:00, to a second 0:00: a period that starts on
        # that day starts at the first of the two.
        found = self._check_days("America/Havana", date(2023, 11, 5), date(2023, 11, 5))
        self.assertEqual(found[date(2023, 11, 5)], 50)

    def test_a_stock_before_a_midnight_that_happens_twice(self):
        self._create_at(["2023-11-05 03:59:00", "2023-11-05 04:30:00"])
        report = self._count(
            "America/Havana", first=date(2023, 11, 4), date_field="x_at", kind="stock"
        )
        self._compute(date(2023, 11, 4), date(2023, 11, 5))
        self.assertValues(report, {date(2023, 11, 4): 1, date(2023, 11, 5): 2})

    def test_a_midnight_that_does_not_happen_loses_no_record(self):
        # Egypt put its clocks forward at 0:00 on 28 April 2023.
        found = self._check_days("Africa/Cairo", date(2023, 4, 28), date(2023, 4, 28))
        self.assertEqual(found[date(2023, 4, 28)], 46)

    def test_the_last_second_of_a_month_belongs_to_it_in_the_local_zone(self):
        for tz in (AUCKLAND, LOS_ANGELES, "UTC"):
            midnight = datetime(2023, 2, 1, tzinfo=ZoneInfo(tz)).astimezone(
                ZoneInfo("UTC")
            )
            midnight = midnight.replace(tzinfo=None)
            second = timedelta(seconds=1)
            self._create_at([midnight - second, midnight, midnight + second])
            report = self._count(tz, "month", date(2023, 1, 1), date_field="x_at")
            self._compute(date(2023, 1, 1), date(2023, 2, 28))
            self.assertValues(
                report, {date(2023, 1, 1): 1, date(2023, 2, 1): 2}, label=tz
            )
            self.deals.search([]).unlink()

    def test_a_date_is_never_moved_by_a_time_zone(self):
        self._create_on([date(2023, 1, 31), date(2023, 2, 1), date(2023, 2, 28)])
        for tz in (AUCKLAND, LOS_ANGELES):
            report = self._count(tz, "month", date(2023, 1, 1))
            self._compute(date(2023, 1, 1), date(2023, 2, 28))
            self.assertValues(report, {date(2023, 1, 1): 1, date(2023, 2, 1): 2})

    def test_week_53_of_2020_reaches_into_january(self):
        first, last = date(2020, 12, 14), date(2021, 1, 17)
        self._create_on(days(first, last))
        report = self._count("UTC", "week", first)
        self._compute(first, last)
        expected = Counter(
            date.fromisocalendar(*day.isocalendar()[:2], 1) for day in days(first, last)
        )
        self.assertIn(date(2020, 12, 28), expected)  # Monday of 2020-W53
        self.assertEqual(date(2021, 1, 3).isocalendar()[:2], (2020, 53))
        self.assertValues(report, {key: float(n) for key, n in expected.items()})

    def test_weeks_may_start_on_sunday(self):
        first, last = date(2023, 1, 1), date(2023, 1, 14)  # 1 January is a Sunday
        self._create_on(days(first, last))
        calendar = self._create_calendar(week_start="6")
        report = self._count("UTC", "week", first, calendar=calendar)
        self._compute(first, last)
        self.assertValues(report, {first: 7, date(2023, 1, 8): 7})

    def test_29_february_counts_for_its_day_month_and_year(self):
        first, last = date(2024, 1, 1), date(2024, 12, 31)
        self._create_on(days(first, last))
        reports = {
            frequency: self._count("UTC", frequency, first)
            for frequency in ("day", "month", "year")
        }
        self._compute(first, last)
        self.assertEqual(self._values(reports["day"])[date(2024, 2, 29)], 1)
        self.assertEqual(self._values(reports["month"])[date(2024, 2, 1)], 29)
        self.assertValues(reports["year"], {first: 366})

    def test_a_fiscal_year_from_october_has_its_own_quarters(self):
        first, last = date(2022, 10, 1), date(2024, 9, 30)
        self._create_on(days(first, last))
        calendar = self._create_calendar(fiscal_month="10")
        quarters = self._count("UTC", "quarter", first, calendar=calendar)
        years = self._count("UTC", "year", first, calendar=calendar)
        self._compute(first, last)
        # October to September: 2023-24 holds 29 February.
        self.assertValues(
            years, {date(2022, 10, 1): 365, date(2023, 10, 1): 366}, label="years"
        )
        self.assertValues(
            quarters,
            {
                date(2022, 10, 1): 92,
                date(2023, 1, 1): 90,
                date(2023, 4, 1): 91,
                date(2023, 7, 1): 92,
                date(2023, 10, 1): 92,
                date(2024, 1, 1): 91,
                date(2024, 4, 1): 91,
                date(2024, 7, 1): 92,
            },
            label="quarters",
        )

    def test_fiscal_months_may_start_within_a_month(self):
        first, last = date(2023, 4, 6), date(2023, 7, 5)  # the British tax months
        self._create_on(days(first, last))
        calendar = self._create_calendar(fiscal_month="4", fiscal_day=6)
        report = self._count("UTC", "month", first, calendar=calendar)
        self._compute(first, last)
        self.assertValues(
            report, {date(2023, 4, 6): 30, date(2023, 5, 6): 31, date(2023, 6, 6): 30}
        )

    def test_months_of_4_4_5_weeks_with_a_53rd_week(self):
        # Years end on the last Sunday of December: 2022 on the 25th, 2023 on the 31st
        # (53 weeks later: the last month has six), 2024 on the 29th.
        first, last = date(2022, 12, 26), date(2024, 12, 29)
        self._create_on(days(first, last))
        calendar = self._create_calendar(pattern="4-4-5", year_end="last")
        months = self._count("UTC", "month", first, calendar=calendar)
        years = self._count("UTC", "year", first, calendar=calendar)
        self._compute(first, last)
        weeks = [4, 4, 5] * 3 + [4, 4, 6] + [4, 4, 5] * 4
        expected = dict(
            zip(weeks_from(first, weeks), (7.0 * n for n in weeks), strict=True)
        )
        self.assertValues(months, expected, label="4-4-5")
        self.assertValues(years, {first: 53 * 7, date(2024, 1, 1): 52 * 7})

    def test_a_calendar_that_changes_has_other_periods_at_once(self):
        calendar = self._create_calendar()
        self.assertEqual(calendar._period("year", date(2023, 2, 1)).start.month, 1)
        calendar.fiscal_month = "4"
        self.assertEqual(calendar._period("year", date(2023, 2, 1)).start.month, 4)
        unsaved = calendar.new({"fiscal_month": "7"}, origin=calendar)
        self.assertEqual(unsaved._spec().fiscal_month, 7)
        self.assertEqual(calendar._spec().fiscal_month, 4)

    def test_periods_are_named_for_whoever_sees_a_kpi_of_another_companys_calendar(
        self,
    ):
        other = self.env["res.company"].create({"name": "Other"})
        calendar = self._create_calendar(company_id=other.id)
        self.env.registry.clear_cache()  # nobody asked before
        own = calendar.with_user(self._create_user("reader")).browse(calendar.id)
        own.invalidate_recordset()
        self.assertFalse(own.has_access("read"))
        period = own._period("month", date(2023, 2, 1))
        self.assertEqual(own._period_label(period), "Feb 2023")

    def test_the_year_in_which_a_history_starts_has_what_its_months_have(self):
        for day, amount in (
            ("02-10", 1.0),
            ("03-05", 10),
            ("03-20", 20),
            ("06-01", 60),
        ):
            self.deals.create(
                {
                    "x_date": f"2023-{day}",
                    "x_amount": amount,
                    "x_active": True,
                    "x_company_id": self.company.id,
                }
            )
        measured = {"measure_field": "x_amount", "history_start": date(2023, 3, 15)}
        total = self._track(self._definition("Total", measure="sum", **measured))
        median = self._track(self._definition("Middle", measure="median", **measured))
        self._compute()
        year = date(2023, 1, 1)
        self.assertEqual(total._values("year", year, year)[total], {year: 90.0})
        self.assertEqual(self._values(median, "year"), {year: 20.0})
        quarters = {date(2023, 1, 1): 15.0, date(2023, 4, 1): 60.0}
        self.assertEqual(self._values(median, "quarter"), quarters)
        for report in total, median:
            explained = report.get_explanation(year, "year")
            self.assertEqual(explained["records"]["count"], 3)
            self.assertIn("from Mar 1", explained["method"])
        self.assertSameAsForced()

    def test_only_the_periods_asked_for_are_computed(self):
        first, last = date(2023, 1, 1), date(2023, 6, 30)
        self._create_on(days(first, last))
        report = self._count("UTC", "month", first)
        self._compute(date(2023, 3, 15), date(2023, 4, 2))
        self.assertValues(report, {date(2023, 3, 1): 31, date(2023, 4, 1): 30})

    def test_a_history_may_start_long_ago(self):
        # each day since has a row in the calendar
        year = 1900 if LONG else 2000
        first = date(year, 1, 1)
        self._create_on([first, date(year, 12, 31)])
        report = self._count("UTC", "year", first)
        self._compute(first, date(year + 1, 12, 31))
        self.assertValues(report, {first: 2, date(year + 1, 1, 1): 0})

    def test_a_record_far_in_the_future_does_not_disturb(self):
        self._create_on([date(2023, 1, 5), date(9998, 1, 1)])
        report = self._count("UTC", "month", date(2023, 1, 1))
        self._compute(date(2023, 1, 1), date(2023, 1, 31))
        self.assertValues(report, {month_of(date(2023, 1, 5)): 1})
