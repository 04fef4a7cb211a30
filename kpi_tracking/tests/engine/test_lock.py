from datetime import date

import pytest

from ...engine.due import is_locked

APRIL = date(2026, 4, 1)  # the first day after March


@pytest.mark.parametrize(
    ("locked_until", "expected"),
    [
        (date(2026, 3, 31), True),
        (date(2026, 4, 1), True),
        (date(2026, 3, 30), False),  # its last day is open, so all of it is
        (None, False),
        (False, False),  # an empty date field of Odoo
    ],
)
def test_a_period_is_locked_when_its_last_day_is(locked_until, expected):
    assert is_locked(APRIL, locked_until) is expected
