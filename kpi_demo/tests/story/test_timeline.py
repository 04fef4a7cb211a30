"""Working time and growth of the demo company, by hand; no Odoo needed."""

from datetime import date, datetime
from random import Random

import pytest

from ...story.story import MONTHS, Timeline

NOW = datetime(2026, 3, 11, 9, 30)  # a Wednesday
BERLIN, BOSTON = "Europe/Berlin", "America/New_York"


@pytest.mark.parametrize(
    ("moment", "hours", "tz", "expected"),
    [
        # 09:00 in Berlin (UTC+1) and two hours
        (datetime(2026, 1, 12, 8), 2, BERLIN, datetime(2026, 1, 12, 10)),
        # 11:00 and two hours: lunch from 12 to 13 does not count, 14:00
        (datetime(2026, 1, 12, 10), 2, BERLIN, datetime(2026, 1, 12, 13)),
        # Friday 16:00 and three hours: one is left, two on Monday, 10:00
        (datetime(2026, 1, 9, 15), 3, BERLIN, datetime(2026, 1, 12, 9)),
        # Friday 27 March 16:00 is 15:00 UTC; on Monday summer time (UTC+2): 09:00
        (datetime(2025, 3, 28, 15), 2, BERLIN, datetime(2025, 3, 31, 7)),
        # 09:00 in Boston (UTC-5) and sixteen hours: two full days of eight
        (datetime(2026, 1, 12, 14), 16, BOSTON, datetime(2026, 1, 14, 14)),
        # not over yet
        (datetime(2026, 3, 11, 8), 5, BERLIN, None),
    ],
)
def test_working_hours_later(moment, hours, tz, expected):
    timeline = Timeline(NOW)
    later = timeline.hours_later(moment, hours, tz)
    assert later == expected
    if later:
        assert timeline.hours_between(moment, later, tz) == pytest.approx(hours)


def test_the_story_starts_eighteen_months_before_this_one():
    timeline = Timeline(NOW)
    assert MONTHS == 18
    assert timeline.start == date(2024, 9, 1)
    assert timeline.month_start(-3) == date(2025, 12, 1)
    assert timeline.at(0) == timeline.start
    assert timeline.at(1) == NOW.date()


def test_events_fall_on_past_working_days_and_grow():
    timeline = Timeline(NOW)
    days = timeline.events(Random(1), per_day=20, growth=0.5)
    assert all(day.weekday() < 5 for day in days)
    assert min(days) >= timeline.start
    assert max(days) < NOW.date()
    # The same months of a year later, outside of the dip, with the same season: the
    # level is 1 + 0.5 × progress, on average 1.07 and 1.41 in September to November.
    first = sum(date(2024, 9, 1) <= day < date(2024, 12, 1) for day in days)
    second = sum(date(2025, 9, 1) <= day < date(2025, 12, 1) for day in days)
    assert second / first == pytest.approx(1.41 / 1.07, abs=0.08)


def test_supplies_are_short_in_the_dip():
    timeline = Timeline(NOW)
    # 28 February 2025 at 32% and 1 July 2025 at 54% of the story, without growth:
    # seasons 0.96 and 0.9, the latter times 0.74.
    assert timeline.level(date(2025, 2, 28), 0.0) == pytest.approx(0.96)
    assert timeline.level(date(2025, 7, 1), 0.0) == pytest.approx(0.9 * 0.74)


def test_the_same_seed_tells_the_same_story():
    timeline = Timeline(NOW)
    assert timeline.events(Random("a"), 3, 0.2) == timeline.events(Random("a"), 3, 0.2)
    assert timeline.events(Random("a"), 3, 0.2) != timeline.events(Random("b"), 3, 0.2)


def test_a_moment_is_within_working_hours():
    timeline = Timeline(NOW)
    rng = Random(5)
    for _try in range(200):
        moment = timeline.moment(rng, date(2026, 1, 12), BOSTON)
        # 08:00–12:00 and 13:00–17:00 in Boston are 13–17 and 18–22 UTC.
        assert moment.date() == date(2026, 1, 12)
        assert moment.hour in {13, 14, 15, 16, 18, 19, 20, 21}
