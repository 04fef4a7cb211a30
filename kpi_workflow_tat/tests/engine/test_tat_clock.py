import random

import pytest

from odoo.addons.kpi_base.engine.worktime import (
    FOREVER,
    Timeline,
    WorkCalendar,
    WorkTimeError,
)

from ...engine.calendar_text import read_calendar, write_calendar
from ...engine.clock import (
    Clock,
    Pause,
    choose_calendar,
    count_allowed_seconds,
    count_threshold_seconds,
    merge_pauses,
    plan_clock,
    read_clock,
    read_clocks,
)
from .hours import (
    ALWAYS,
    BRUSSELS,
    EMPTY,
    HOUR,
    MINUTE,
    MONDAY_OFF,
    NIGHTS,
    OFFICE,
    WEEK,
    at,
    local,
    walk,
)


def take_over(clock, moment):
    """The clock of whoever gets the request at a moment."""
    elapsed = read_clock(Timeline(WEEK), clock, moment).elapsed
    running = tuple(pause for pause in clock.pauses if pause.stop > moment)
    return Clock(moment, clock.allowed, elapsed, running)


def hold(start, stop=None):
    return Pause(at(start), at(stop) if stop else FOREVER)


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "percent", "expected"),
    [
        # 6 h from Monday 14:00: 50% 17:00, 75% Tuesday 09:30, 100% 11:00
        (WEEK, "2026-03-23 14:00", 6, 50, "2026-03-23 17:00:00"),
        (WEEK, "2026-03-23 14:00", 6, 75, "2026-03-24 09:30:00"),
        # … which is broken a second later
        (WEEK, "2026-03-23 14:00", 6, 100, "2026-03-24 11:00:01"),
        # 1 h from Friday 16:00 is done in time all weekend
        (WEEK, "2026-03-27 16:00", 1, 50, "2026-03-27 16:30:00"),
        (WEEK, "2026-03-27 16:00", 1, 100, "2026-03-30 08:00:01"),
        (MONDAY_OFF, "2026-03-27 16:00", 1, 100, "2026-03-31 08:00:01"),
        # over the night on which clocks go forward
        (WEEK, "2026-03-27 16:30", 4, 50, "2026-03-30 09:30:00"),
        (MONDAY_OFF, "2026-03-27 16:30", 4, 50, "2026-03-31 09:30:00"),
        # that night has 7 h of 8, the one in autumn 9
        (NIGHTS, "2026-03-28 22:00", 14, 50, "2026-03-29 06:00:00"),
        (NIGHTS, "2026-10-24 22:00", 18, 50, "2026-10-25 06:00:00"),
        # round the clock: days of 23 and of 25 h
        (ALWAYS, "2026-03-29 00:00", 46, 50, "2026-03-30 00:00:00"),
        (ALWAYS, "2026-10-25 00:00", 50, 50, "2026-10-26 00:00:00"),
        (ALWAYS, "2026-03-29 00:00", 23, 100, "2026-03-30 00:00:01"),
        # begun on a Sunday, counted from Monday
        (WEEK, "2026-03-22 11:00", 2, 50, "2026-03-23 09:00:00"),
        # a reminder after the breach
        (WEEK, "2026-03-23 14:00", 6, 150, "2026-03-24 15:00:00"),
    ],
)  # fmt: skip
def test_thresholds_fall_due_to_the_second(calendar, start, hours, percent, expected):
    clock = Clock(at(start), count_allowed_seconds(hours))
    timeline = Timeline(calendar)
    plan = plan_clock(timeline, clock, (percent,))
    moment = plan.thresholds[percent]
    assert local(moment) == expected
    shown = read_clock(timeline, clock, moment).elapsed
    limit = count_threshold_seconds(clock.allowed, percent)
    assert shown == limit + (percent == 100)


def test_closing_time_is_due_and_in_time():
    clock, timeline = Clock(at("2026-03-27 16:00"), HOUR), Timeline(WEEK)
    plan = plan_clock(timeline, clock)
    assert local(plan.due_at) == "2026-03-27 17:00:00"
    assert local(plan.thresholds[100]) == "2026-03-30 08:00:01"
    for moment, is_breached in [
        ("2026-03-27 17:00:00", False),
        ("2026-03-29 03:00:00", False),
        ("2026-03-30 08:00:00", False),
        ("2026-03-30 08:00:01", True),
    ]:
        assert read_clock(timeline, clock, at(moment)).is_breached == is_breached


def test_both_clocks_are_shown():
    reading = read_clock(
        Timeline(WEEK), Clock(at("2026-03-27 16:00"), 4 * HOUR), at("2026-03-30 10:00")
    )
    assert reading.elapsed == 3 * HOUR  # Friday 16 to 17, Monday 8 to 10
    assert reading.wall == 65 * HOUR  # 66 on the dial, one of them skipped
    assert (reading.remaining, reading.percent) == (HOUR, 75.0)


@pytest.mark.parametrize(
    ("pauses", "elapsed"),
    [
        ([], 8),
        ([hold("2026-03-23 09:00", "2026-03-23 11:00")], 6),
        # overlapping ones count once
        (
            [
                hold("2026-03-23 09:00", "2026-03-23 11:00"),
                hold("2026-03-23 10:00", "2026-03-23 12:00"),
                hold("2026-03-23 09:30", "2026-03-23 10:00"),
            ],
            5,
        ),
        # a pause over lunch takes away what was open only
        ([hold("2026-03-23 11:00", "2026-03-23 14:00")], 6),
        ([hold("2026-03-23 12:00", "2026-03-23 13:00")], 8),
        ([hold("2026-03-23 17:00", "2026-03-24 08:00")], 8),
        # no length, before the start, over the end, never ended
        ([hold("2026-03-23 10:00", "2026-03-23 10:00")], 8),
        ([hold("2026-03-20 10:00", "2026-03-23 09:00")], 7),
        ([hold("2026-03-23 16:00", "2026-03-25 09:00")], 7),
        ([hold("2026-03-23 15:00")], 6),
    ],
)
def test_time_on_hold_does_not_count(pauses, elapsed):
    clock = Clock(at("2026-03-23 08:00"), 8 * HOUR, pauses=tuple(pauses))
    reading = read_clock(Timeline(WEEK), clock, at("2026-03-23 18:00"))
    assert reading.elapsed == elapsed * HOUR
    assert reading.wall == 10 * HOUR


def test_nothing_falls_due_during_a_hold_that_runs():
    start = at("2026-03-23 08:00")
    clock = Clock(start, 4 * HOUR, pauses=(hold("2026-03-23 10:30"),))
    plan = plan_clock(Timeline(WEEK), clock)
    assert local(plan.thresholds[50]) == "2026-03-23 10:00:00"
    assert plan.thresholds[75] is None
    assert plan.thresholds[100] is None
    assert plan.due_at is None
    # a hold over the closed hours is no reason to be late
    over_night = Clock(at("2026-03-27 16:00"), HOUR, pauses=(hold("2026-03-27 18:00"),))
    plan = plan_clock(Timeline(WEEK), over_night)
    assert local(plan.due_at) == "2026-03-27 17:00:00"
    assert plan.thresholds[100] is None


def test_handing_over_never_resets_the_clock():
    timeline = Timeline(WEEK)
    clock = Clock(at("2026-03-23 14:00"), 6 * HOUR)
    moment = at("2026-03-24 09:00")  # 4 h later
    second = take_over(clock, moment)
    assert (second.start, second.elapsed_before) == (moment, 4 * HOUR)
    assert read_clock(timeline, second, moment).elapsed == 4 * HOUR
    before, after = plan_clock(timeline, clock), plan_clock(timeline, second)
    assert after.thresholds[100] == before.thresholds[100]
    assert after.thresholds[75] == before.thresholds[75]
    # what was passed before is passed at once
    assert after.thresholds[50] == moment
    late = take_over(clock, at("2026-03-25 08:30"))
    assert plan_clock(timeline, late).thresholds[100] == late.start
    assert read_clock(timeline, late, late.start).is_breached


def test_all_used_up_is_not_broken_yet():
    clock = Clock(at("2026-03-23 17:00"), 6 * HOUR, 6 * HOUR)
    plan = plan_clock(Timeline(WEEK), clock)
    assert plan.due_at == clock.start
    assert local(plan.thresholds[100]) == "2026-03-24 08:00:01"


def test_a_hold_that_runs_goes_on_when_somebody_takes_over():
    timeline = Timeline(WEEK)
    pauses = (
        hold("2026-03-23 09:00", "2026-03-23 10:00"),
        hold("2026-03-23 15:00", "2026-03-23 16:00"),
    )
    clock = Clock(at("2026-03-23 08:00"), 8 * HOUR, pauses=pauses)
    moment = at("2026-03-23 15:30")
    second = take_over(clock, moment)
    assert second.pauses == pauses[1:]
    stop = at("2026-03-24 09:00")
    assert read_clock(timeline, second, stop) .elapsed == (
        read_clock(timeline, clock, stop).elapsed
    )  # fmt: skip


def test_another_allowance_keeps_what_has_elapsed():
    clock = Clock(at("2026-03-23 14:00"), 6 * HOUR)
    taken = take_over(clock, at("2026-03-23 16:00"))
    express = Clock(taken.start, 4 * HOUR, taken.elapsed_before)
    assert (express.elapsed_before, express.allowed) == (2 * HOUR, 4 * HOUR)
    plan = plan_clock(Timeline(ALWAYS), express)
    assert local(plan.due_at) == "2026-03-23 18:00:00"
    assert local(plan.thresholds[100]) == "2026-03-23 18:00:01"


@pytest.mark.parametrize(
    ("allowed", "percent", "seconds"),
    [(HOUR, 50, 1800), (1, 50, 1), (3, 75, 3), (3, 100, 3), (7, 50, 4), (7, 150, 11)],
)
def test_thresholds_are_whole_seconds_and_never_early(allowed, percent, seconds):
    assert count_threshold_seconds(allowed, percent) == seconds


@pytest.mark.parametrize("hours", [0, -1, 10 * 8760, float("nan"), float("inf"), 8761])
def test_time_that_nobody_can_be_given_is_refused(hours):
    with pytest.raises(WorkTimeError, match="up to 8,760 hours"):
        count_allowed_seconds(hours)


def test_in_test_mode_an_hour_lasts_a_minute():
    start = at("2026-03-28 23:00")  # a Saturday night
    clock = Clock(start, count_allowed_seconds(6, is_test=True))
    timeline = Timeline(choose_calendar("standard", WEEK, is_test=True))
    plan = plan_clock(timeline, clock)
    assert plan.thresholds == {
        50: start + 3 * MINUTE,
        75: start + 4 * MINUTE + 30,
        100: start + 6 * MINUTE + 1,
    }


def test_express_counts_hours_of_the_clock_and_standard_those_of_work():
    clock = Clock(at("2026-03-27 16:00"), 8 * HOUR)
    stop = at("2026-03-28 00:00")
    for priority, elapsed in (("express", 8 * HOUR), ("standard", HOUR)):
        timeline = Timeline(choose_calendar(priority, WEEK))
        assert read_clock(timeline, clock, stop).elapsed == elapsed


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        (EMPTY, "no working hours"),
        # closed for longer than is looked ahead
        (WorkCalendar("UTC", OFFICE[:1], leaves=MONDAY_OFF.leaves), None),
    ],
)
def test_a_calendar_without_hours_is_refused(hours, reason):
    clock = Clock(at("2026-03-27 16:00"), HOUR)
    if reason is None:
        assert plan_clock(Timeline(hours), clock).due_at
        return
    with pytest.raises(WorkTimeError, match=reason):
        plan_clock(Timeline(hours), clock)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Clock(0, 0),
        lambda: Clock(0, -1),
        lambda: Clock(0, 1, -1),
        lambda: Pause(2, 1),
        lambda: count_threshold_seconds(1, 0),
    ],
)
def test_what_is_no_clock_is_refused(make):
    with pytest.raises(WorkTimeError):
        make()


def test_pauses_are_merged():
    pauses = [Pause(8, 9), Pause(1, 3), Pause(2, 4), Pause(4, 5), Pause(7, 7)]
    assert merge_pauses(pauses) == (Pause(1, 5), Pause(8, 9))
    assert merge_pauses([Pause(3), Pause(1, 2), Pause(5, 6)]) == (Pause(1, 2), Pause(3))


@pytest.mark.parametrize("calendar", [WEEK, NIGHTS, ALWAYS, MONDAY_OFF, EMPTY])
def test_a_frozen_calendar_is_read_back_equal(calendar):
    text = write_calendar(calendar)
    assert read_calendar(text) == calendar
    assert read_calendar(text).fingerprint == calendar.fingerprint


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"tz": "Nowhere"}', "null"])
def test_a_text_that_is_no_calendar_is_refused(text):
    with pytest.raises(WorkTimeError):
        read_calendar(text)


def _random_clocks(seed, count):
    """Clocks of some days around a night on which clocks change."""
    rng = random.Random(seed)
    for _each in range(count):
        day = rng.choice(["2026-03-26 00:00", "2026-10-22 00:00", "2026-06-04 00:00"])
        start = at(day) + MINUTE * rng.randrange(4 * 1440)
        pauses = []
        for _pause in range(rng.randrange(4)):
            begin = start + MINUTE * rng.randrange(-600, 5000)
            length = MINUTE * rng.choice([0, 1, 30, 600, 3000])
            pauses.append(
                Pause(begin, rng.choice([begin + length, begin + length, FOREVER]))
            )
        yield (
            rng.choice([WEEK, NIGHTS, ALWAYS, MONDAY_OFF]),
            Clock(
                start,
                MINUTE * rng.choice([1, 59, 240, 1441]),
                MINUTE * rng.choice([0, 0, 1, 300]),
                tuple(pauses),
            ),
            start + MINUTE * rng.randrange(0, 5000),
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_the_clock_shows_what_walking_through_each_minute_finds(seed):
    for calendar, clock, stop in _random_clocks(seed, 12):
        reading = read_clock(Timeline(calendar), clock, stop)
        assert reading.elapsed == walk(calendar, clock, stop), (calendar, clock, stop)


@pytest.mark.parametrize("seed", range(8, 12))
def test_due_moments_are_the_first_at_which_the_clock_shows_so_much(seed):
    for calendar, clock, _stop in _random_clocks(seed, 8):
        timeline = Timeline(calendar)
        plan = plan_clock(timeline, clock)
        for percent, moment in plan.thresholds.items():
            if moment is None:
                continue
            limit = count_threshold_seconds(clock.allowed, percent)
            least = limit + (percent == 100)
            assert read_clock(timeline, clock, moment).elapsed >= least
            if moment > clock.start:
                assert read_clock(timeline, clock, moment).elapsed == least
                assert read_clock(timeline, clock, moment - 1).elapsed == least - 1


def test_many_clocks_are_read_at_once_as_each_alone():
    clocks = [clock for _calendar, clock, _stop in _random_clocks(99, 40)]
    stop = at("2026-10-29 00:00")
    timeline = Timeline(NIGHTS)
    assert read_clocks(timeline, clocks, stop) == [
        read_clock(Timeline(NIGHTS), clock, stop) for clock in clocks
    ]


def test_a_time_zone_counts_on_its_own_nights():
    for tz, day, hours in [
        ("America/Los_Angeles", "2026-03-08 00:00", 23),
        ("Pacific/Auckland", "2026-04-05 00:00", 25),
        (BRUSSELS, "2026-03-08 00:00", 24),
    ]:
        start = at(day, tz)
        clock = Clock(start, 100 * HOUR)
        reading = read_clock(
            Timeline(WorkCalendar.always(tz)), clock, start + hours * HOUR
        )
        assert local(start + hours * HOUR, tz).endswith("00:00:00")
        assert reading.elapsed == hours * HOUR
