from datetime import date

import numpy as np

from ...engine.monitoring import find_falls, judge_longer


def test_falls_are_changes_for_the_worse():
    # 2 after a missing status is no fall
    ranks = np.array([0, 1, 1, 2, 0, -1, 2, 0, 2])
    assert find_falls(ranks) == [1, 3, 8]


def test_longer_periods_show_a_fall_at_their_end_or_not_at_all():
    stops = [date(2026, 4, 1), date(2026, 7, 1)]
    falls = [date(2026, 2, 1), date(2026, 4, 1), date(2026, 5, 1), date(2026, 8, 1)]
    # the first quarter was off target, the second on target, the third has not ended
    assert judge_longer(falls, np.array([2, 0]), stops) == [59, 0, None, None]
