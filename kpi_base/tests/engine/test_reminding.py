from datetime import date, timedelta

import pytest

from ...engine.reminding import is_reminder_due

DUE = date(2026, 3, 20)


@pytest.mark.parametrize(
    ("today", "reminded", "expected"),
    [
        (-4, None, False),
        (-3, None, True),
        (-2, -3, False),
        (-1, None, True),  # the server stood still before
        (0, -3, True),
        (0, -1, True),
        (0, 0, False),
        (6, 0, False),
        (7, 0, True),
        (13, 7, False),
        (14, 7, True),
        (30, None, True),
    ],
)
def test_reminders_by_days_from_the_due_day(today, reminded, expected):
    day = DUE + timedelta(days=today)
    last = None if reminded is None else DUE + timedelta(days=reminded)
    assert is_reminder_due(DUE, day, last) is expected


def test_over_a_month_somebody_is_reminded_three_times_before_two_weeks_have_passed():
    reminded, days = None, []
    for offset in range(-10, 14):
        today = DUE + timedelta(days=offset)
        if is_reminder_due(DUE, today, reminded):
            reminded = today
            days.append(offset)
    assert days == [-3, 0, 7]
