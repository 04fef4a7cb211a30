import pytest

from ...engine.goal import Goal, suggest_goal

TEN = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]


@pytest.mark.parametrize(
    ("values", "higher", "goal"),
    [
        (TEN, True, Goal(50, 0.6)),
        (TEN, False, Goal(60, 0.6)),
        ([1000, 1000, *TEN, 110, 120], True, Goal(60, 7 / 12)),  # the last twelve
        ([1, 2, 3], True, None),  # too few
        ([5, 5, 5, 5], True, None),  # all reached it, or none would
        ([1, 9, 9, 9], True, None),  # three of four, or all
        ([1, 2, 3, 4], True, Goal(3, 0.5)),  # 50% is within, 75% is not
        ([], True, None),
        # 50% and 70% are as near to 60%: fewer reached the first.
        ([1, 1, 1, 5, 5, 6, 6, 6, 6, 6], True, Goal(6, 0.5)),
        ([9, 9, 9, 5, 5, 4, 4, 4, 4, 4], False, Goal(4, 0.5)),
    ],
)
def test_goal_is_what_six_of_ten_reached(values, higher, goal):
    assert suggest_goal(values, is_higher_better=higher, decimals=0) == goal


def test_share_is_that_of_the_goal_as_it_is_written():
    values = [1.4, 2.4, 2.6, 3.4]
    assert suggest_goal(values, is_higher_better=True, decimals=1) == Goal(2.6, 0.5)
    # Written without decimals it is 3, which one of four reached.
    assert suggest_goal(values, is_higher_better=True, decimals=0) is None
