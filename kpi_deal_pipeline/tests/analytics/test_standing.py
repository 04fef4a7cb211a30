import numpy as np
import pytest

from ...analytics.standing import Changes, durations_at


def _changes(*rows):
    names = tuple(Changes.__dataclass_fields__)
    return Changes(
        **{
            name: np.array(column)
            for name, column in zip(names, zip(*rows, strict=True), strict=True)
        }
    )


DEALS = _changes(
    # deal, agent, opened, at, is open, is decided
    (1, 7, 10.0, 10.0, True, False),
    (1, 7, 10.0, 30.0, False, True),
    (2, 7, 20.0, 20.0, True, False),
    (2, 7, 20.0, 25.0, False, True),
    (2, 7, 20.0, 60.0, True, False),  # opened again
    (3, 8, 40.0, 40.0, True, False),
    (3, 8, 40.0, 45.0, False, False),  # cancelled
    (4, 8, 70.0, 70.0, True, False),
)


@pytest.mark.parametrize(
    ("moment", "cohort_days", "days", "is_decided"),
    [
        (10.0, 100, [], []),  # opened at that moment: not before it
        (22.0, 100, [12, 2], [False, False]),
        (30.0, 100, [20, 5], [False, True]),
        (50.0, 100, [20, 5, 5], [True, True, False]),
        (80.0, 100, [20, 60, 5, 10], [True, False, False, False]),
        (80.0, 60, [60, 5, 10], [False, False, False]),  # opened from day 20 on
    ],
)
def test_deals_as_they_were(moment, cohort_days, days, is_decided):
    found = durations_at(DEALS, moment, cohort_days)
    assert [column.tolist() for column in found] == [days, is_decided]


def test_a_deal_closed_while_clocks_were_set_back_lasted_no_time():
    changes = _changes(
        (1, 7, 10.10, 10.10, True, False), (1, 7, 10.10, 10.08, False, True)
    )
    days, is_decided = durations_at(changes, 12.0, 100)
    assert (days.tolist(), is_decided.tolist()) == ([0.0], [True])
