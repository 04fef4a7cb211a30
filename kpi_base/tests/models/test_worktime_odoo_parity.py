import random
from datetime import datetime, timedelta

import pytz

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ...engine.worktime import Timeline, due, to_datetime, to_instants, work_seconds

SAMPLES = 120


def week(hours, weekdays=range(5), **values):
    return [
        Command.create(
            {
                "name": "work",
                "dayofweek": str(weekday),
                "hour_from": low,
                "hour_to": high,
                "day_period": "morning" if low < 12 else "afternoon",
                **values,
            }
        )
        for weekday in weekdays
        for low, high in hours
    ]


@tagged("post_install", "-at_install")
class TestWorktimeOdooParity(TransactionCase):
    """The engine counts what Odoo's own calendar functions count."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.office = cls._calendar("Europe/Brussels", week([(8, 12), (13, 17)]))
        # public holidays of 2026, entered as Odoo's form does: to 23:59:59
        for month, day in [(1, 1), (4, 6), (5, 1), (5, 14), (5, 25), (7, 21)]:
            cls._leave(cls.office, datetime(2026, month, day), 86_399)
        cls._leave(cls.office, datetime(2026, 3, 24, 9, 30), 5 * 3600)
        cls.two_weeks = cls._calendar(
            "Pacific/Auckland",
            week([(7.3333, 11.75), (12.5, 16.2)], [0, 1, 3, 6], week_type="0")
            + week([(6, 10)], [0, 2, 5, 6], week_type="1"),
            two_weeks_calendar=True,
        )
        cls._leave(cls.two_weeks, datetime(2026, 4, 4, 11), 40 * 3600)
        cls.night = cls._calendar(
            "America/Los_Angeles", week([(0, 6), (22, 24)], range(7))
        )
        cls._leave(cls.night, datetime(2026, 3, 7, 20), 9 * 3600)
        cls._leave(cls.night, datetime(2026, 3, 8, 1), 6 * 3600)  # overlaps it

    @classmethod
    def _calendar(cls, tz, lines, **values):
        return cls.env["resource.calendar"].create(
            {
                "name": f"Parity {tz}",
                "tz": tz,
                "attendance_ids": [Command.clear(), *lines],
                "company_id": cls.env.company.id,
                **values,
            }
        )

    @classmethod
    def _leave(cls, calendar, wall, seconds, **values):
        start = pytz.timezone(calendar.tz).localize(wall).astimezone(pytz.utc)
        start = start.replace(tzinfo=None)
        return cls.env["resource.calendar.leaves"].create(
            {
                "name": "Parity",
                "calendar_id": calendar.id,
                "date_from": start,
                "date_to": start + timedelta(seconds=seconds),
                **values,
            }
        )

    def _pairs(self, seed, samples=SAMPLES):
        rng = random.Random(seed)
        for _sample in range(samples):
            start = datetime(2026, 1, 1) + timedelta(
                seconds=rng.randrange(310 * 86_400)
            )
            yield start, start + timedelta(seconds=rng.randrange(1, 30 * 86_400))

    def _assert_same_hours(self, calendar, samples=SAMPLES):
        timeline = Timeline(calendar._kpi_work_calendar())
        pairs = list(self._pairs(calendar.tz, samples))
        found = work_seconds(timeline, *to_instants(sum(pairs, ())).reshape(-1, 2).T)
        for (start, stop), seconds in zip(pairs, found, strict=True):
            theirs = calendar.get_work_duration_data(start, stop, compute_leaves=True)
            self.assertAlmostEqual(theirs["hours"] * 3600, seconds, delta=1)

    def test_hours_between_random_instants_are_equal(self):
        for calendar in (self.office, self.two_weeks, self.night):
            with self.subTest(tz=calendar.tz):
                self._assert_same_hours(calendar)

    def test_round_the_clock_differs_by_the_last_second_of_a_leave_at_most(self):
        always = self._calendar("Europe/Brussels", week([(0, 24)], range(7)))
        self._assert_same_hours(always)
        self._leave(always, datetime(2026, 6, 5), 86_399)  # one holiday: within 1 s
        self._assert_same_hours(always)
        timeline = Timeline(always._kpi_work_calendar())
        day = to_instants([datetime(2026, 6, 4, 22), datetime(2026, 6, 5, 22)])
        self.assertEqual(work_seconds(timeline, *day), 0)

    def test_due_times_are_those_of_plan_hours(self):
        for calendar in (self.office, self.two_weeks, self.night):
            timeline = Timeline(calendar._kpi_work_calendar())
            rng = random.Random(calendar.tz)
            for start, _stop in self._pairs(calendar.name):
                seconds = rng.randrange(60, 80 * 3600)
                theirs = calendar.plan_hours(seconds / 3600, start, compute_leaves=True)
                ours = to_datetime(due(timeline, to_instants([start])[0], seconds))
                with self.subTest(tz=calendar.tz, start=start, seconds=seconds):
                    self.assertAlmostEqual(
                        theirs.timestamp(), ours.timestamp(), delta=1
                    )

    def test_holiday_counts_though_plan_hours_ignores_it_by_default(self):
        # Friday 3 April 2026, 16:00 + 2 h; Monday the 6th is a holiday; UTC+2
        start = datetime(2026, 4, 3, 14)
        self.assertEqual(self.office.plan_hours(2, start), datetime(2026, 4, 6, 7))
        timeline = Timeline(self.office._kpi_work_calendar())
        instant = due(timeline, to_instants([start])[0], 7200)
        self.assertEqual(to_datetime(instant), datetime(2026, 4, 7, 7))

    def test_hours_of_a_person_use_their_zone_and_leaves(self):
        person = self.env["resource.resource"].create(
            {
                "name": "Parity",
                "calendar_id": self.office.id,
                "tz": "America/New_York",
                "company_id": self.office.company_id.id,
            }
        )
        other = person.copy()
        self._leave(
            self.office, datetime(2026, 2, 2), 9 * 86_400, resource_id=person.id
        )
        self._leave(self.office, datetime(2026, 9, 2), 9 * 86_400, resource_id=other.id)
        work = self.office._kpi_work_calendar(resource=person)
        timeline = Timeline(work)
        pairs = [*self._pairs("person"), (datetime(2026, 1, 1), datetime(2027, 1, 1))]
        for start, stop in pairs:
            intervals = self.office._work_intervals_batch(
                pytz.utc.localize(start), pytz.utc.localize(stop), person
            )[person.id]
            theirs = sum((b - a).total_seconds() for a, b, _line in intervals)
            ours = work_seconds(timeline, *to_instants([start, stop]))
            self.assertAlmostEqual(theirs, ours, delta=1)

    def test_flexible_hours_of_whole_weeks_are_equal(self):
        flexible = self._calendar(
            "Asia/Kolkata",
            [],
            schedule_type="flexible",
            hours_per_day=7.5,
            full_time_required_hours=38,
        )
        timeline = Timeline(flexible._kpi_work_calendar())
        monday = datetime(2026, 3, 1, 18, 30)  # 2 March, midnight at UTC+5:30
        for weeks in (1, 3, 10):
            stop = monday + timedelta(weeks=weeks)
            theirs = flexible.get_work_duration_data(monday, stop)["hours"]
            ours = work_seconds(timeline, *to_instants([monday, stop]))
            self.assertAlmostEqual(theirs * 3600, ours, delta=1)
            self.assertEqual(ours, weeks * 38 * 3600)

    def test_leaves_outside_of_the_days_asked_for_are_not_read(self):
        work = self.office._kpi_work_calendar(
            datetime(2026, 5, 1).date(), datetime(2026, 5, 31).date()
        )
        self.assertEqual(len(work.leaves), 3)

    def test_leave_of_another_company_closes_nothing_here(self):
        company = self.env["res.company"].create({"name": "Parity abroad"})
        abroad = {
            "calendar_id": False,
            "company_id": company.id,
            "date_from": datetime(2026, 6, 1),
            "date_to": datetime(2026, 6, 9),
        }
        before = self.office._kpi_work_calendar()
        leave = self.env["resource.calendar.leaves"].create(abroad)
        leave.company_id = company
        self.assertEqual(self.office._kpi_work_calendar(), before)
        leave.company_id = self.office.company_id
        self.assertEqual(
            len(self.office._kpi_work_calendar().leaves), len(before.leaves) + 1
        )

    def test_many_calendars_are_read_in_the_statements_of_one(self):
        calendars = self.office + self.two_weeks + self.night

        def statements(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            records._kpi_work_calendars()
            return self.env.cr.sql_log_count - before

        self.assertEqual(statements(calendars), statements(self.office))
