"""How much later longer periods show that a KPI has become worse."""

from collections.abc import Sequence
from datetime import date

import numpy as np


def find_falls(ranks: np.ndarray) -> list[int]:
    """Periods whose status is worse than that of the one before.

    :param ranks: shape (periods,): how bad each is, larger is worse; −1 = no status
    """
    before, after = ranks[:-1], ranks[1:]
    is_fall = (before >= 0) & (after > before)
    return (np.flatnonzero(is_fall) + 1).tolist()


def judge_longer(
    falls: Sequence[date], ranks: np.ndarray, stops: Sequence[date]
) -> list[int | None]:
    """Days by which longer periods show each fall later; None where they do not.

    A fall shows where the first longer period that ends on its day or later is not on
    target; it does not while none has ended.

    :param falls: days on which falls showed: the ends of their periods
    :param ranks, stops: of the longer periods, oldest first
    """
    found: list[int | None] = []
    for day in falls:
        at = next((at for at, stop in enumerate(stops) if stop >= day), None)
        shows = at is not None and ranks[at] > 0
        found.append((stops[at] - day).days if shows else None)
    return found
