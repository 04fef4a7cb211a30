"""Values that are not stored yet, by the targets of their periods."""

import numpy as np

from . import status, zones
from .series import Series


def judge_value(
    series: Series, row: int, at: int, value: float, direction: status.Direction
) -> str:
    """Status that a KPI would have with another value in a period.

    :param row, at: of the KPI and the period; a running period is judged by the part
        of its target that is due
    :return: a key of ``RAG``, or ``no_target``
    """
    cell = slice(row, row + 1), slice(at, at + 1)
    target, baseline, _stretch, low, high = (
        column[cell] * series.due[cell] for column in series.targets.numbers
    )
    achieved = status.achievement(
        value, target, baseline, direction=direction, range_low=low, range_high=high
    )
    statuses, _bands = zones.judge(
        achieved,
        np.full_like(target, value),
        series.targets.is_five[cell] == 1,
        [column[cell] for column in series.targets.thresholds],
    )
    return str(statuses[0, 0])
