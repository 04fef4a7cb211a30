import datetime as dt
import random
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from ...engine.working_days import day_table, worked_seconds_sql
from ...engine.worktime import (
    FOREVER,
    Attendance,
    Timeline,
    WorkCalendar,
    WorkTimeError,
    due,
    elapsed_seconds,
    overdue_from,
    to_datetime,
    to_instants,
    work_seconds,
)

HOUR = 3600
OFFICE = tuple(
    Attendance(weekday, *hours) for weekday in range(5) for hours in ((8, 12), (13, 17))
)
NIGHT = tuple(  # 22 to 6, every night
    Attendance(weekday, *hours) for weekday in range(7) for hours in ((0, 6), (22, 24))
)
BRUSSELS = WorkCalendar("Europe/Brussels", OFFICE)
MONDAY_OFF = WorkCalendar(  # 30 March 2026, local midnights at UTC+2
    "Europe/Brussels",
    OFFICE,
    leaves=((dt.datetime(2026, 3, 29, 22), dt.datetime(2026, 3, 30, 22)),),
)


EMPTY = WorkCalendar("UTC")


def at(text, tz="Europe/Brussels"):
    """Instant of a local time such as ``2026-03-27 16:30``."""
    moment = dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz))
    return int(moment.timestamp())


def local(instant, tz="Europe/Brussels"):
    moment = dt.datetime.fromtimestamp(int(instant), ZoneInfo(tz))
    return moment.strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "expected"),
    [
        # 27 March 2026 is a Friday; clocks go forward on Sunday the 29th
        (BRUSSELS, "2026-03-27 16:30", 2, "2026-03-30 09:30:00"),
        (MONDAY_OFF, "2026-03-27 16:30", 2, "2026-03-31 09:30:00"),
        # 6 h from Monday 14:00: half on Monday, three quarters and all on Tuesday
        (BRUSSELS, "2026-03-23 14:00", 3, "2026-03-23 17:00:00"),
        (BRUSSELS, "2026-03-23 14:00", 4.5, "2026-03-24 09:30:00"),
        (BRUSSELS, "2026-03-23 14:00", 6, "2026-03-24 11:00:00"),
        (BRUSSELS, "2026-03-23 11:00", 2, "2026-03-23 14:00:00"),  # over lunch
        (BRUSSELS, "2026-03-22 11:00", 1, "2026-03-23 09:00:00"),  # from a Sunday
        (BRUSSELS, "2026-03-23 17:00", 0, "2026-03-23 17:00:00"),
        (WorkCalendar.always("Europe/Brussels"), "2026-03-29 00:00", 24,
         "2026-03-30 01:00:00"),  # that day has 23 h
    ],
)  # fmt: skip
def test_due_time(calendar, start, hours, expected):
    timeline = Timeline(calendar)
    instant = due(timeline, at(start), int(hours * HOUR))
    assert local(instant) == expected
    assert elapsed_seconds(timeline, at(start), instant) == hours * HOUR


def test_closing_time_is_due_but_not_overdue_until_work_resumes():
    timeline = Timeline(BRUSSELS)
    start, limit = at("2026-03-27 16:00"), HOUR
    assert local(due(timeline, start, limit)) == "2026-03-27 17:00:00"
    assert local(overdue_from(timeline, start, limit)) == "2026-03-30 08:00:00"
    for moment, is_broken in [
        ("2026-03-27 17:00", False),
        ("2026-03-28 12:00", False),  # after the due time, yet nothing more was worked
        ("2026-03-30 08:00", False),
        ("2026-03-30 08:01", True),
    ]:
        assert (elapsed_seconds(timeline, start, at(moment)) > limit) == is_broken, (
            moment
        )
    # no time at all allowed: late as soon as work begins
    closed = at("2026-03-27 17:00")
    assert local(overdue_from(timeline, closed, 0)) == "2026-03-30 08:00:00"


def open_between(timeline, start, stop):
    """Open intervals of a timeline from one instant to another, in its zone."""
    timeline.cover(start, stop)
    zone = ZoneInfo(timeline.calendar.tz)
    edges = np.clip([timeline.opens, timeline.closes], start, stop).T.tolist()
    return [
        (dt.datetime.fromtimestamp(a, zone), dt.datetime.fromtimestamp(b, zone))
        for a, b in edges
        if a < b
    ]


def test_hours_over_a_weekend():
    timeline = Timeline(BRUSSELS)
    start, stop = at("2026-03-27 16:00"), at("2026-03-30 10:00")
    assert work_seconds(timeline, start, stop) == 3 * HOUR
    found = open_between(timeline, start, stop)
    assert [f"{a:%a %H:%M}-{b:%H:%M}" for a, b in found] == [
        "Fri 16:00-17:00",
        "Mon 08:00-10:00",
    ]
    assert found[0][0].utcoffset() == dt.timedelta(hours=1)
    assert found[1][0].utcoffset() == dt.timedelta(hours=2)


@pytest.mark.parametrize(
    ("tz", "day", "length", "night"),
    [
        ("Europe/Brussels", "2026-03-29", 23, 7),
        ("Europe/Brussels", "2026-10-25", 25, 9),
        ("Pacific/Auckland", "2026-04-05", 25, 9),  # autumn in the south
        ("Pacific/Auckland", "2026-09-27", 23, 7),
        ("America/Los_Angeles", "2026-03-08", 23, 7),
        ("America/Los_Angeles", "2026-11-01", 25, 9),
        ("America/Los_Angeles", "2026-06-01", 24, 8),
    ],
)
def test_days_and_nights_on_which_clocks_change(tz, day, length, night):
    start = at(f"{day} 00:00", tz)
    stop = start + length * HOUR
    assert local(stop, tz).endswith("00:00:00")
    assert work_seconds(Timeline(WorkCalendar.always(tz)), start, stop) == length * HOUR
    night_shift = Timeline(WorkCalendar(tz, NIGHT))
    evening = start - 2 * HOUR  # 22:00 on the day before
    assert work_seconds(night_shift, evening, start + 12 * HOUR) == night * HOUR
    office = Timeline(WorkCalendar(tz, OFFICE))  # all of these are Sundays but one
    is_sunday = dt.date.fromisoformat(day).weekday() == 6
    assert work_seconds(office, start, stop) == (0 if is_sunday else 8 * HOUR)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        # 02:30 is skipped: by standard time it is 01:30 UTC, 03:30 on the new clock
        ("2026-03-29", 0.5),
        # 02:30 comes twice: the second one, in standard time, counts
        ("2026-10-25", 1.5),
        ("2026-10-24", 1.5),
    ],
)
def test_work_that_begins_while_clocks_change_begins_in_standard_time(day, hours):
    lines = tuple(Attendance(weekday, 2.5, 4) for weekday in range(7))
    timeline = Timeline(WorkCalendar("Europe/Brussels", lines))
    start = at(f"{day} 00:00")
    assert work_seconds(timeline, start, start + 20 * HOUR) == hours * HOUR


def test_a_day_of_24_hours_has_exactly_86400_seconds():
    timeline = Timeline(WorkCalendar.always("UTC"))
    start = at("2026-01-05 00:00", "UTC")
    assert work_seconds(timeline, start, start + 86_400) == 86_400
    # a week of 0-24 h days is one interval, without a gap at midnight
    assert len(open_between(timeline, start, start + 7 * 86_400)) == 1


def test_naive_times_are_utc():
    assert to_instants([dt.datetime(2026, 3, 27, 15)])[0] == at("2026-03-27 16:00")
    aware = dt.datetime(2026, 3, 27, 16, tzinfo=ZoneInfo("Europe/Brussels"))
    assert to_instants([aware])[0] == at("2026-03-27 16:00")
    assert to_datetime(at("2026-03-27 16:00")) == dt.datetime(2026, 3, 27, 15)


def test_a_time_limit_of_ten_years_of_work_has_a_due_time():
    # 20,000 h at 40 h a week = 500 weeks of Mondays 08:00 to Fridays 17:00
    timeline = Timeline(BRUSSELS)
    instant = due(timeline, at("2026-03-23 08:00"), 20_000 * HOUR)
    monday = dt.date(2026, 3, 23) + dt.timedelta(weeks=500)
    assert local(instant) == f"{monday - dt.timedelta(days=3)} 17:00:00"


@pytest.mark.parametrize(
    ("pauses", "hours"),
    [
        ([], 16),
        ([("2026-03-23 09:00", "2026-03-23 10:00")], 15),
        # evening and night were closed anyway: only 16:00 to 17:00 counts
        ([("2026-03-23 16:00", "2026-03-24 08:00")], 15),
        ([("2026-03-23 17:00", "2026-03-24 08:00")], 16),
        ([("2026-03-23 12:00", "2026-03-23 13:00")], 16),  # lunch
        # two people pause it at overlapping times
        ([("2026-03-23 09:00", "2026-03-23 11:00"),
          ("2026-03-23 10:00", "2026-03-23 14:00")], 12),
        ([("2026-03-23 09:00", "2026-03-23 16:00"),
          ("2026-03-23 10:00", "2026-03-23 11:00")], 10),  # one inside the other
        ([("2026-03-23 09:00", "2026-03-23 10:00"),
          ("2026-03-23 09:00", "2026-03-23 10:00")], 15),  # the same twice
        # beyond both ends
        ([("2026-03-20 08:00", "2026-03-23 09:00"),
          ("2026-03-24 16:00", "2026-03-27 09:00")], 14),
        ([("2026-03-24 08:00", None)], 8),  # still runs
        ([("2026-03-23 10:00", "2026-03-23 09:00")], 16),  # ends before it begins
        ([("2026-03-16 08:00", "2026-04-16 08:00")], 0),
    ],
)  # fmt: skip
def test_pauses(pauses, hours):
    rows = [(0, at(a), at(b) if b else FOREVER) for a, b in pauses]
    timeline = Timeline(BRUSSELS)
    start, stop = at("2026-03-23 08:00"), at("2026-03-24 17:00")  # 16 h of work
    assert elapsed_seconds(timeline, start, stop, rows) == hours * HOUR
    assert elapsed_seconds(timeline, start, stop, rows[::-1]) == hours * HOUR


def test_due_time_moves_by_the_worked_part_of_a_pause():
    timeline = Timeline(BRUSSELS)
    start = at("2026-03-23 14:00")
    # 16:00 to 09:00: one hour of Monday and one of Tuesday
    pause = [(0, at("2026-03-23 16:00"), at("2026-03-24 09:00"))]
    assert local(due(timeline, start, 6 * HOUR, pause)) == "2026-03-24 14:00:00"
    # what is due when the pause begins is not moved by it; lateness is
    assert local(due(timeline, start, 2 * HOUR, pause)) == "2026-03-23 16:00:00"
    assert local(overdue_from(timeline, start, 2 * HOUR, pause)) == (
        "2026-03-24 09:00:00"
    )
    assert local(due(timeline, start, HOUR, pause)) == "2026-03-23 15:00:00"


def test_nothing_is_due_while_a_pause_runs():
    timeline = Timeline(BRUSSELS)
    start = at("2026-03-23 14:00")
    pause = [(0, at("2026-03-23 16:00"), FOREVER)]
    assert due(timeline, start, 6 * HOUR, pause) == FOREVER
    assert due(timeline, start, 2 * HOUR, pause) == at("2026-03-23 16:00")
    assert overdue_from(timeline, start, 2 * HOUR, pause) == FOREVER
    both = due(timeline, [start, start], 6 * HOUR, pause)
    assert both[0] == FOREVER
    assert local(both[1]) == "2026-03-24 11:00:00"


# Boundaries avoid 1 to 3 o'clock, when clocks change: there a wall clock is ambiguous.
CALENDARS = [
    MONDAY_OFF,
    WorkCalendar("Pacific/Auckland", NIGHT),
    WorkCalendar(
        "America/Los_Angeles",
        (
            *(Attendance(day, 7.5, 11.75, week=0) for day in range(5)),
            *(Attendance(day, 10, 19, week=1) for day in (1, 2, 6)),
            Attendance(1, 18, 20),  # overlaps the line above
            Attendance(6, 9, 12),
            Attendance(0, 20, 24),
        ),
        leaves=(
            (dt.datetime(2026, 3, 17, 17, 30), dt.datetime(2026, 3, 18, 20)),
            (dt.datetime(2026, 3, 18, 18), dt.datetime(2026, 3, 19, 16)),
        ),
    ),
    WorkCalendar.always("America/Los_Angeles"),
    WorkCalendar.flexible("Asia/Kolkata", 7.5, 38),
]


def is_open(calendar, moment):
    """Check whether a naive UTC minute is worked, read off the clock on the wall."""
    wall = moment.replace(tzinfo=dt.timezone.utc).astimezone(ZoneInfo(calendar.tz))
    if any(start <= moment < stop for start, stop in calendar.leaves):
        return False
    hour, day = wall.hour + wall.minute / 60, wall.date()
    return any(
        line.weekday == wall.weekday()
        and line.hour_from <= hour < line.hour_to
        and line.week in (None, (day - dt.date(1, 1, 1)).days // 7 % 2)
        for line in calendar.attendances
    )


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.tz)
def test_equal_to_counting_minutes(calendar):
    rng = random.Random(calendar.tz)
    first = dt.datetime(2026, 3, 1)  # clocks change in all of these zones but one
    minutes = [first + dt.timedelta(minutes=i) for i in range(45 * 1440)]
    is_worked = np.array([is_open(calendar, minute) for minute in minutes])
    begin = to_instants([first])[0]
    timeline = Timeline(calendar)
    for _sample in range(40):
        low, high = sorted(rng.sample(range(len(minutes)), 2))
        counted = is_worked.copy()
        pauses = []
        for _pause in range(rng.randrange(4)):
            a, b = sorted(rng.sample(range(len(minutes)), 2))
            counted[a:b] = False
            pauses.append((0, begin + 60 * a, begin + 60 * b))
        start, stop = begin + 60 * low, begin + 60 * high
        expected = 60 * int(counted[low:high].sum())
        assert elapsed_seconds(timeline, start, stop, pauses) == expected


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.tz)
def test_due_is_the_inverse_of_elapsed(calendar):
    rng = np.random.default_rng(20260327)
    rows = 2000
    start = at("2026-01-01 00:00") + rng.integers(0, 200 * 86_400, rows)
    seconds = rng.integers(1, 60 * HOUR, rows)
    pauses = np.empty((3000, 3), np.int64)
    pauses[:, 0] = rng.integers(0, rows, 3000)
    pauses[:, 1] = start[pauses[:, 0]] + rng.integers(-86_400, 9 * 86_400, 3000)
    pauses[:, 2] = pauses[:, 1] + rng.integers(0, 4 * 86_400, 3000)
    timeline = Timeline(calendar)
    instant = due(timeline, start, seconds, pauses)
    late = overdue_from(timeline, start, seconds, pauses)
    assert np.all(elapsed_seconds(timeline, start, instant, pauses) == seconds)
    assert np.all(elapsed_seconds(timeline, start, instant - 1, pauses) == seconds - 1)
    assert np.all(elapsed_seconds(timeline, start, late, pauses) == seconds)
    assert np.all(elapsed_seconds(timeline, start, late + 1, pauses) == seconds + 1)


def test_answers_do_not_depend_on_what_was_asked_before():
    rng = np.random.default_rng(7)
    moments = at("2026-06-01 00:00") + rng.integers(-9, 9, (50, 2)) * 200 * 86_400
    timeline = Timeline(MONDAY_OFF)
    for start, stop in moments:
        fresh = Timeline(MONDAY_OFF)
        assert work_seconds(timeline, start, stop) == work_seconds(fresh, start, stop)
        assert work_seconds(fresh, start, stop) >= 0


def test_a_clone_grows_by_itself():
    monday = at("2026-03-30 00:00")
    timeline = Timeline(MONDAY_OFF)
    usual = timeline.without_leaves()
    usual.cover(monday, monday)
    known = usual.opens.size

    clone = timeline.clone()
    assert work_seconds(clone, monday, monday + 86_400) == 0
    assert work_seconds(clone.without_leaves(), monday, monday + 86_400) == 8 * HOUR
    work_seconds(clone.without_leaves(), monday, at("2027-03-30 00:00"))
    assert timeline.without_leaves() is usual
    assert usual.opens.size == known


def test_the_next_year_is_looked_at_where_this_one_does_not_suffice():
    # 20 h from Wednesday 30 December 2026, 16:00: 1 + 8 + 8 h, 3 h on Monday
    instant = due(
        Timeline(WorkCalendar("UTC", OFFICE)), at("2026-12-30 16:00", "UTC"), 20 * HOUR
    )
    assert local(instant, "UTC") == "2027-01-04 11:00:00"


def test_seconds_worked_before_an_instant_stay_when_an_earlier_one_is_asked_about():
    timeline = Timeline(BRUSSELS)
    monday = at("2026-03-23 00:00")
    before = timeline.seconds_until([monday, monday + 86_400])
    timeline.seconds_until(at("2019-01-01 00:00"))
    after = timeline.seconds_until([monday, monday + 86_400])
    assert after.tolist() == before.tolist() == [0, 8 * HOUR]


@pytest.mark.parametrize("tz", ["America/Los_Angeles", "Pacific/Kiritimati", "UTC"])
def test_round_the_clock_every_second_counts_around_the_new_year(tz):
    # UTC-8 to UTC+14: the local day there is another one than in UTC
    for start, stop in [
        (dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, 10)),
        (dt.datetime(2026, 12, 31, 8), dt.datetime(2026, 12, 31, 23, 59, 59)),
        (dt.datetime(2025, 12, 31, 8), dt.datetime(2026, 1, 1, 10)),
    ]:
        low, high = to_instants([start, stop])
        assert work_seconds(Timeline(WorkCalendar.always(tz)), low, high) == high - low


def test_shapes():
    timeline = Timeline(BRUSSELS)
    monday = at("2026-03-23 00:00")
    days = monday + 86_400 * np.arange(6).reshape(2, 3)
    assert work_seconds(timeline, days, days + 86_400).tolist() == [
        [8 * HOUR, 8 * HOUR, 8 * HOUR],
        [8 * HOUR, 8 * HOUR, 0],
    ]
    assert isinstance(work_seconds(timeline, monday, monday + 86_400), int)
    assert isinstance(due(timeline, monday, HOUR), int)
    assert work_seconds(timeline, [], []).shape == (0,)
    assert due(timeline, [], [], []).shape == (0,)
    assert work_seconds(timeline, monday + 86_400, monday) == 0


def test_flexible_hours_are_centred_on_noon_until_the_week_is_full():
    calendar = WorkCalendar.flexible("UTC", 9, 20)
    monday = at("2026-03-23 00:00", "UTC")
    found = open_between(Timeline(calendar), monday, monday + 7 * 86_400)
    assert [f"{a:%a %H:%M}-{b:%H:%M}" for a, b in found] == [
        "Mon 07:30-16:30",
        "Tue 07:30-16:30",
        "Wed 11:00-13:00",
    ]


def test_two_weeks_alternate_across_the_new_year():
    # 23 March 2026 is day 739,698 of the calendar: 739,697 // 7 = 105,671 is odd. So
    # the Mondays of odd weeks are 23 March ± 14 days; 28 December 2026 is 40 weeks
    # later, 4 January 2027 is 41.
    calendar = WorkCalendar("UTC", (Attendance(0, 8, 12, week=1),))
    timeline = Timeline(calendar)
    for day, hours in [
        ("2026-03-16", 0), ("2026-03-23", 4), ("2026-03-30", 0),
        ("2026-12-28", 4), ("2027-01-04", 0), ("2027-01-11", 4),
    ]:  # fmt: skip
        start = at(f"{day} 00:00", "UTC")
        assert work_seconds(timeline, start, start + 86_400) == hours * HOUR, day


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (EMPTY, "This calendar has no working hours"),
        (
            WorkCalendar("UTC", (Attendance(0, 8, 8),)),
            "do not reach the due time before 21",
        ),
    ],
)
def test_a_calendar_that_never_works_says_so(calendar, words):
    timeline = Timeline(calendar)
    start = at("2026-03-23 14:00")
    with pytest.raises(WorkTimeError, match=words):
        due(timeline, start, 20 * HOUR)
    assert due(timeline, start, 0) == start


def test_elapsed_time_without_working_hours_is_zero():
    assert work_seconds(Timeline(EMPTY), 0, 10**9) == 0


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: WorkCalendar("Mars/Olympus"), 'Unknown time zone "Mars/Olympus"'),
        (lambda: Attendance(7, 8, 12), "No such weekday"),
        (lambda: Attendance(0, 8, 12, week=2), "No such weekday or week"),
        (lambda: Attendance(0, 12, 8), "end after they begin"),
        (lambda: Attendance(0, 8, 25), "between 0 and 24 h"),
        (lambda: due(Timeline(BRUSSELS), 0, -1), "must not be negative"),
        (lambda: elapsed_seconds(Timeline(BRUSSELS), 0, FOREVER), "years 1900 to 2300"),
        (
            lambda: elapsed_seconds(Timeline(BRUSSELS), -(10**10), 0),
            "years 1900 to 2300",
        ),
    ],
)
def test_impossible_questions_are_refused(ask, words):
    with pytest.raises(WorkTimeError, match=words):
        ask()


@pytest.mark.parametrize("calendar", CALENDARS, ids=lambda calendar: calendar.tz)
def test_table_of_days_gives_the_same_numbers(calendar):
    first, last = dt.date(2026, 2, 25), dt.date(2026, 4, 20)
    table = {row.day: row for row in day_table(calendar, first, last)}
    assert len(table) == (last - first).days + 1
    assert table[first].seconds_before == 0

    def until(instant):  # what the SQL expression computes
        wall = dt.datetime.fromtimestamp(instant, ZoneInfo(calendar.tz))
        row = table[wall.date()]
        pairs = zip(row.segments[::2], row.segments[1::2], strict=True)
        return row.seconds_before + sum(max(min(instant, b) - a, 0) for a, b in pairs)

    rng = random.Random(3)
    timeline = Timeline(calendar)
    for _sample in range(200):
        start = at("2026-02-27 00:00") + rng.randrange(25 * 86_400)
        stop = start + rng.randrange(25 * 86_400)
        expected = work_seconds(timeline, start, stop)
        assert until(stop) - until(start) == expected


def test_fingerprint_follows_the_hours():
    same = WorkCalendar("Europe/Brussels", tuple(OFFICE))
    assert same.fingerprint == BRUSSELS.fingerprint
    prints = {calendar.fingerprint for calendar in [BRUSSELS, *CALENDARS]}
    assert len(prints) == len(CALENDARS) + 1


def test_sql_needs_no_escaping_in_a_parametrised_statement():
    text = worked_seconds_sql("t.start", "t.stop")
    assert "%" not in text
