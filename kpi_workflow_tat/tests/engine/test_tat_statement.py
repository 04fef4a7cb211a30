import pytest

from odoo.addons.kpi_base.engine.worktime import Timeline

from ...engine.clock import (
    Clock,
    Pause,
    Reminder,
    find_next_moment,
    find_reminder,
    read_clock,
)
from ...engine.statement import Interval, list_intervals
from .hours import ALWAYS, HOUR, MONDAY_OFF, WEEK, at, local
from .test_tat_clock import _random_clocks


def tell(intervals):
    return [
        f"{local(one.start)[8:16]}–{local(one.stop)[8:16]} {one.kind}"
        for one in intervals
    ]


def test_three_hours_over_a_weekend_are_explained():
    clock = Clock(at("2026-03-27 16:00"), 4 * HOUR)
    found = list_intervals(Timeline(WEEK), clock, at("2026-03-30 10:00"))
    assert tell(found) == [
        "27 16:00–27 17:00 counted",
        "27 17:00–30 08:00 closed",
        "30 08:00–30 10:00 counted",
    ]
    assert [one.seconds for one in found] == [HOUR, 0, 2 * HOUR]


def test_holidays_and_holds_say_why_they_do_not_count():
    clock = Clock(
        at("2026-03-27 16:00"),
        4 * HOUR,
        elapsed_before=HOUR,
        pauses=(Pause(at("2026-03-27 16:30"), at("2026-03-27 18:00")),),
    )
    found = list_intervals(Timeline(MONDAY_OFF), clock, at("2026-03-31 09:00"))
    assert found[0] == Interval(clock.start, clock.start, "taken_over", HOUR)
    assert tell(found[1:]) == [
        "27 16:00–27 16:30 counted",
        "27 16:30–27 17:00 held",
        "27 17:00–30 08:00 closed",
        "30 08:00–30 12:00 leave",
        "30 12:00–30 13:00 closed",
        "30 13:00–30 17:00 leave",
        "30 17:00–31 08:00 closed",
        "31 08:00–31 09:00 counted",
    ]
    assert sum(one.seconds for one in found) == 2.5 * HOUR


@pytest.mark.parametrize("seed", range(20, 26))
def test_a_statement_has_no_gaps_and_adds_up_to_what_the_clock_shows(seed):
    for calendar, clock, stop in _random_clocks(seed, 12):
        timeline = Timeline(calendar)
        found = list_intervals(timeline, clock, stop)
        shown = read_clock(timeline, clock, stop).elapsed
        assert sum(one.seconds for one in found) == shown, (calendar, clock, stop)
        stretches = [one for one in found if one.kind != "taken_over"]
        if stop <= clock.start:
            assert stretches == []
            continue
        assert stretches[0].start == clock.start
        assert stretches[-1].stop == stop
        for one, following in zip(stretches, stretches[1:], strict=False):
            assert one.stop == following.start
            assert one.kind != following.kind
            assert one.start < one.stop


def test_a_clock_that_has_not_begun_has_nothing_to_state():
    clock = Clock(at("2026-03-27 16:00"), HOUR)
    assert list_intervals(Timeline(WEEK), clock, clock.start) == []
    assert list_intervals(Timeline(WEEK), clock, clock.start - HOUR) == []


def test_other_hours_and_holds_show_something_else():
    clock = Clock(at("2026-03-27 16:00"), 2 * HOUR)
    moment = at("2026-03-30 10:00")
    usual = Timeline(WEEK)
    now = read_clock(usual, clock, moment)
    holiday = read_clock(Timeline(MONDAY_OFF), clock, moment)
    assert (now.elapsed, holiday.elapsed) == (3 * HOUR, HOUR)
    assert (now.is_breached, holiday.is_breached) == (True, False)
    pause = Pause(clock.start, clock.start + HOUR)
    held = Clock(clock.start, clock.allowed, pauses=(pause,))
    assert read_clock(usual, held, moment).elapsed == 2 * HOUR
    round_the_clock = read_clock(Timeline(ALWAYS), clock, moment)
    assert round_the_clock.elapsed == now.wall == 65 * HOUR


MOMENTS = {50: 100, 75: 200, 100: 300}


@pytest.mark.parametrize(
    ("moments", "announced", "now", "expected"),
    [
        (MOMENTS, 0, 99, None),
        (MOMENTS, 0, 100, Reminder(50)),
        (MOMENTS, 50, 100, None),  # once only
        (MOMENTS, 50, 250, Reminder(75)),
        # the server was down over two and over three
        (MOMENTS, 0, 250, Reminder(75, (50,))),
        (MOMENTS, 0, 1000, Reminder(100, (50, 75))),
        # the clock of the server went back an hour
        (MOMENTS, 75, 100, None),
        # skipped ones are not announced later
        (MOMENTS, 100, 1000, None),
        ({50: 100, 75: None, 100: None}, 50, 1000, None),
    ],
)
def test_only_the_highest_threshold_that_was_passed_is_announced(
    moments, announced, now, expected
):
    assert find_reminder(moments, announced, now) == expected


@pytest.mark.parametrize(
    ("moments", "announced", "expected"),
    [
        (MOMENTS, 0, 100),
        (MOMENTS, 50, 200),
        (MOMENTS, 75, 300),
        (MOMENTS, 100, None),
        ({50: None, 100: None}, 0, None),
    ],
)
def test_a_clock_is_looked_at_when_the_next_threshold_falls_due(
    moments, announced, expected
):
    assert find_next_moment(moments, announced) == expected
