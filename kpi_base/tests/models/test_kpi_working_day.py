import random
from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ...engine.working_days import (
    INLINE_SEGMENTS,
    worked_seconds_sql,
)
from ...engine.worktime import Timeline, to_instants, work_seconds

FIRST, LAST = date(2026, 2, 25), date(2026, 4, 20)


@tagged("post_install", "-at_install")
class TestKpiWorkingDay(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.days = cls.env["kpi.working.day"]
        cls.calendar = cls.env["resource.calendar"].create(
            {
                "name": "Brussels",
                "tz": "Europe/Brussels",
                "company_id": cls.env.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        cls._line(weekday, low, high)
                        for weekday in range(5)
                        for low, high in ((8, 12), (13, 17))
                    ),
                ],
            }
        )
        cls.days._refresh(cls.calendar, FIRST, LAST)

    @staticmethod
    def _line(weekday, low, high):
        return Command.create(
            {
                "name": "work",
                "dayofweek": str(weekday),
                "hour_from": low,
                "hour_to": high,
                "day_period": "morning",
            }
        )

    def _worked(self, pairs, calendar=None):
        """Seconds worked between the instants of each pair, by SQL."""
        calendar = calendar or self.calendar
        cr = self.env.cr
        cr.execute(
            "CREATE TEMPORARY TABLE event (id serial, low timestamp, high timestamp)"
        )
        for pair in pairs:
            cr.execute("INSERT INTO event (low, high) VALUES (%s, %s)", pair)
        joins = " ".join(
            f"LEFT JOIN kpi_working_day AS {alias} ON {alias}.calendar_id = %(id)s"
            f" AND {alias}.day = (event.{column} AT TIME ZONE 'UTC'"
            " AT TIME ZONE %(tz)s)::date"
            for alias, column in (("start_day", "low"), ("stop_day", "high"))
        )
        worked = worked_seconds_sql("event.low", "event.high")
        cr.execute(
            f"SELECT {worked} FROM event {joins} ORDER BY event.id",
            {"id": calendar.id, "tz": calendar.tz},
        )
        found = [seconds for (seconds,) in cr.fetchall()]
        cr.execute("DROP TABLE event")
        return found

    def _rows(self):
        self.env.cr.execute(
            "SELECT day, ctid::text, seconds_before, segments FROM kpi_working_day"
            " WHERE calendar_id = %s ORDER BY day",
            (self.calendar.id,),
        )
        return self.env.cr.fetchall()

    def _leave(self, start, stop):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "closed",
                "calendar_id": self.calendar.id,
                "date_from": start,
                "date_to": stop,
            }
        )

    def test_sql_counts_the_hours_known_by_hand(self):
        # Local Brussels times: UTC+1 until 29 March 2026, 02:00, then UTC+2
        cases = [
            # Friday 27 March 16:00 to Monday 10:00: 1 + 2 h
            (datetime(2026, 3, 27, 15), datetime(2026, 3, 30, 8), 3 * 3600),
            # Saturday to Sunday
            (datetime(2026, 3, 28, 9), datetime(2026, 3, 29, 9), 0),
            # Monday 08:00 to Tuesday 17:00: two days of 8 h
            (datetime(2026, 3, 23, 7), datetime(2026, 3, 24, 16), 16 * 3600),
            (datetime(2026, 3, 24, 16), datetime(2026, 3, 23, 7), 0),  # reversed
            (datetime(2026, 3, 23, 7), datetime(2026, 3, 23, 7), 0),
            (datetime(2026, 3, 23, 7), None, None),  # still open
            (None, datetime(2026, 3, 23, 7), None),
            (datetime(2026, 3, 23, 7), datetime(2026, 8, 1), None),  # day not known
        ]
        found = self._worked([(low, high) for low, high, _seconds in cases])
        self.assertEqual(found, [seconds for _low, _high, seconds in cases])

    def test_sql_equals_the_engine(self):
        # Leaves cut Monday 23 March into more intervals than are read inline.
        for minute in range(10, 240, 40):
            start = datetime(2026, 3, 23, 7) + timedelta(minutes=minute)
            self._leave(start, start + timedelta(minutes=10))
        self.days._refresh(self.calendar, FIRST, LAST)
        segments = {row[0]: row[3] for row in self._rows()}[date(2026, 3, 23)]
        self.assertGreater(len(segments), 2 * INLINE_SEGMENTS)
        rng = random.Random(5)
        pairs = []
        for _sample in range(400):
            start = datetime(2026, 2, 27) + timedelta(
                seconds=rng.randrange(25 * 86_400)
            )
            pairs.append((start, start + timedelta(seconds=rng.randrange(25 * 86_400))))
        timeline = Timeline(self.calendar._kpi_work_calendar())
        expected = work_seconds(timeline, *to_instants(sum(pairs, ())).reshape(-1, 2).T)
        self.assertEqual(self._worked(pairs), expected.tolist())

    def test_nothing_is_written_when_nothing_changed(self):
        before = self._rows()
        self.assertFalse(self.days._refresh(self.calendar, FIRST, LAST))
        inner = (FIRST + timedelta(days=5), LAST - timedelta(days=5))
        self.assertFalse(self.days._refresh(self.calendar, *inner))
        self.assertEqual(self._rows(), before)

    def test_only_days_that_differ_are_rewritten(self):
        before = self._rows()
        # Monday 6 April closed, 00:00 to 24:00 at UTC+2
        self._leave(datetime(2026, 4, 5, 22), datetime(2026, 4, 6, 21, 59, 59))
        self.assertEqual(self.days._refresh(self.calendar, FIRST, LAST), self.calendar)
        after = self._rows()
        moved = [new[0] for old, new in zip(before, after, strict=True) if old != new]
        self.assertEqual(min(moved), date(2026, 4, 6))
        self.assertEqual(len(moved), (LAST - date(2026, 4, 6)).days + 1)
        closed = next(row for row in after if row[0] == date(2026, 4, 6))
        self.assertEqual(closed[3], [])
        self.assertEqual(after[-1][2], before[-1][2] - 8 * 3600)

    def test_hours_of_a_weekday_change(self):
        self.calendar.attendance_ids.filtered(
            lambda line: line.dayofweek == "0" and line.hour_from == 13
        ).unlink()
        self.assertTrue(self.days._refresh(self.calendar, FIRST, LAST))
        monday = [(datetime(2026, 3, 23, 7), datetime(2026, 3, 23, 16))]
        self.assertEqual(self._worked(monday), [4 * 3600])

    def test_range_grows_without_holes(self):
        self.days._refresh(self.calendar, date(2026, 6, 1), date(2026, 6, 30))
        rows = self._rows()
        self.assertEqual((rows[0][0], rows[-1][0]), (FIRST, date(2026, 6, 30)))
        self.assertEqual(len(rows), (date(2026, 6, 30) - FIRST).days + 1)
        self.days._refresh(self.calendar, date(2025, 12, 1), date(2025, 12, 2))
        rows = self._rows()
        self.assertEqual(rows[0][:1] + rows[0][2:3], (date(2025, 12, 1), 0))
        # Monday 1 December 2025 08:00 to Tuesday 2 June 2026 17:00 in weeks: 26 × 40 h
        # to Monday 1 June 08:00, then two days
        pair = (datetime(2025, 12, 1, 7), datetime(2026, 6, 2, 15))
        self.assertEqual(self._worked([pair]), [(26 * 40 + 16) * 3600])

    def test_calendars_in_two_zones_are_refreshed_together(self):
        auckland = self.calendar.copy({"tz": "Pacific/Auckland"})
        both = self.calendar + auckland
        self.assertEqual(self.days._refresh(both, FIRST, LAST), auckland)
        # Monday 23 March 08:00 to 17:00 at UTC+13
        pair = (datetime(2026, 3, 22, 19), datetime(2026, 3, 23, 4))
        self.assertEqual(self._worked([pair], auckland), [8 * 3600])

    def test_days_go_with_their_calendar(self):
        calendar = self.calendar.copy()
        self.days._refresh(calendar, FIRST, LAST)
        calendar.unlink()
        self.assertFalse(self.days.search([("calendar_id", "=", calendar.id)]))
