"""Approval of small changes without anybody."""

import math


def change_percent(amount: float | None, last: float | None) -> float | None:
    """Change from ``last`` in percent of its size.

    :return: None where there is nothing to compare: a number is missing, or ``last``
        is 0
    """
    if amount is None or last is None or not last:
        return None
    percent = (amount - last) / abs(last) * 100
    return percent if math.isfinite(percent) else None


def is_small(amount: float | None, last: float | None, below_percent: float) -> bool:
    """Check whether a change is below a threshold; 0 approves nothing.

    :param last: what a person approved last, so that small steps do not add up
    """
    if change_percent(amount, last) is None:
        return False
    # multiplied, as a quotient of 5 % may come out a little above it
    return abs(amount - last) * 100 < below_percent * abs(last)
