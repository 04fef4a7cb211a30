from datetime import datetime

import pytest

from ...engine.quiet import QuietHours, quiet_until

NIGHT = QuietHours("Europe/Vienna", 22.0, 7.0)
LUNCH = QuietHours("Europe/Vienna", 12.0, 13.5)
WEEKEND = QuietHours("Europe/Vienna", 22.0, 7.0, frozenset({5, 6}))
NEVER = QuietHours("UTC")
ALWAYS = QuietHours("UTC", weekdays=frozenset(range(7)))


def moment(text):
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        # in winter Vienna is an hour ahead of UTC
        (NIGHT, "2026-01-14 20:59", None),
        (NIGHT, "2026-01-14 21:00", "2026-01-15 06:00"),
        (NIGHT, "2026-01-15 05:59", "2026-01-15 06:00"),
        (NIGHT, "2026-01-15 06:00", None),
        # in summer two
        (NIGHT, "2026-07-14 20:00", "2026-07-15 05:00"),
        # the night in which clocks go forward, and that in which they go back
        (NIGHT, "2026-03-28 22:00", "2026-03-29 05:00"),
        (NIGHT, "2026-10-24 22:00", "2026-10-25 06:00"),
        (LUNCH, "2026-01-14 11:00", "2026-01-14 12:30"),
        (LUNCH, "2026-01-14 12:30", None),
        # Friday night runs into the weekend, that into Sunday night
        (WEEKEND, "2026-01-16 22:00", "2026-01-19 06:00"),
        (WEEKEND, "2026-01-18 12:00", "2026-01-19 06:00"),
        (WEEKEND, "2026-01-19 06:00", None),
        (NEVER, "2026-01-14 12:00", None),
        (ALWAYS, "2026-01-14 12:00", "2026-01-22 00:00"),
    ],
)
def test_end(hours, now, expected):
    found = quiet_until(hours, moment(now))
    assert found == (expected and moment(expected))
