import pytest

from odoo.addons.kpi_base.engine.worktime import FOREVER, Timeline

from ...engine.clock import Clock, Pause, read_clock
from ...engine.sentence import say_duration, say_stretches
from ...engine.statement import DAY, MOST_DAYS, list_coming, list_intervals
from .hours import ALWAYS, BRUSSELS, EMPTY, HOUR, NIGHTS, WEEK, at
from .test_tat_clock import _random_clocks


def say(calendar, start, stop, **values):
    clock = Clock(at(start), 1000 * HOUR, **values)
    found = list_intervals(Timeline(calendar), clock, at(stop))
    return say_stretches(
        found, BRUSSELS, lambda day, within: f"{day:%a}" if within else f"{day:%-d %b}"
    )


@pytest.mark.parametrize(
    "calendar, start, stop, said",
    [
        (WEEK, "2026-03-27 16:00", "2026-03-30 10:00", "Fri 16–17 + Mon 8–10"),
        (WEEK, "2026-03-27 11:30", "2026-03-27 14:00", "Fri 11:30–12, 13–14"),
        (WEEK, "2026-03-27 16:00:05", "2026-03-27 16:00:09", "Fri 16:00:05–16:00:09"),
        (WEEK, "2026-03-28 10:00", "2026-03-29 10:00", ""),  # a weekend
        # a day name would be ambiguous after a week
        (
            WEEK,
            "2026-03-20 16:00",
            "2026-03-27 16:30",
            "20 Mar 16–17 + 23 Mar 8–12 + …",
        ),
        (ALWAYS, "2026-03-27 16:00", "2026-03-29 09:00", "Fri 16 – Sun 9"),
        (ALWAYS, "2026-03-27 16:00", "2026-03-28 00:00", "Fri 16–24"),
        (NIGHTS, "2026-03-27 20:00", "2026-03-28 07:00", "Fri 22 – Sat 6"),
    ],
)
def test_what_counted_is_said_in_a_line(calendar, start, stop, said):
    text = say(calendar, start, stop)
    assert text.startswith(said.removesuffix("…")) if said else text == ""
    if not said.endswith("…"):
        assert text == said


def test_of_many_stretches_the_first_and_last_are_named():
    text = say(WEEK, "2026-03-23 14:00", "2026-03-27 16:00")
    assert text == "Mon 14–17 + Tue 8–12 + … + Thu 13–17 + Fri 8–12, 13–16"


@pytest.mark.parametrize(
    "seconds, said",
    [(0, "0 h"), (9, "9 s"), (HOUR, "1 h"), (2 * HOUR + 65, "2 h 1 min 5 s")],
)
def test_durations_have_units(seconds, said):
    assert say_duration(seconds).replace("\u202f", " ") == said


def test_what_comes_is_what_will_have_elapsed():
    for calendar, clock, stop in _random_clocks(3, 40):
        timeline = Timeline(calendar)
        now = clock.start + HOUR
        coming = list_coming(timeline, clock, now, stop)
        later = min(max(stop, now + DAY), now + MOST_DAYS * DAY)
        worked = (
            read_clock(timeline, clock, later).elapsed
            - read_clock(timeline, clock, now).elapsed
        )
        assert sum(end - start for start, end in coming) == worked


def test_nothing_comes_while_a_pause_runs_or_without_hours():
    now = at("2026-03-23 14:00")
    held = Clock(now, HOUR, pauses=(Pause(now, FOREVER),))
    assert list_coming(Timeline(ALWAYS), held, now, now + DAY) == []
    assert list_coming(Timeline(EMPTY), Clock(now, HOUR), now, now + DAY) == []


def test_a_day_is_known_even_where_it_is_overdue():
    now = at("2026-03-23 14:00")
    found = list_coming(Timeline(ALWAYS), Clock(now - DAY, HOUR), now, now - DAY)
    assert found == [(now, now + DAY)]
