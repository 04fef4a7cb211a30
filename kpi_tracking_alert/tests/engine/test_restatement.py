from dataclasses import replace
from datetime import date, datetime

import pytest

from ...engine.restatement import Restatement


@pytest.mark.parametrize(
    ("new", "percent", "expected"),
    [
        (101.005, 1.0, True),  # a share of what it was, not of what it has become
        (99.005, 1.0, False),
        (101.0, 1.0, False),
        (102.0, 1.0, True),
        (100.5, 0.0, True),
        (100.0, 0.0, False),
        (None, 50.0, True),  # gone
    ],
)
def test_what_is_more_than_its_tolerance(new, percent, expected):
    changed = [datetime(2026, 3, 1)]
    restatement = Restatement(
        date(2026, 1, 1), 100.0, changed, [new], ["records"], 1e-9
    )
    assert restatement.is_beyond(percent) is expected


def test_a_zero_that_said_there_was_nothing_yet_may_go():
    zero = Restatement(
        date(2026, 1, 1), 0.0, [datetime(2026, 3, 1)], [None], ["records"], 1e-9, True
    )
    assert not zero.is_beyond(0.0)
    assert replace(zero, values=[2.0]).is_beyond(0.0)
    assert replace(zero, was_empty=False).is_beyond(0.0)
