"""Months of a benefit as numbers: planned for its whole life, realised so far."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .fault import BenefitError


@dataclass(frozen=True)
class History:
    """A benefit, or several added up, month by month.

    :ivar planned: shape (months,), one per month of its life, oldest first
    :ivar realised: shape (closed months,); NaN = nobody has said
    :ivar late: months from the first planned one to the actual go-live; in them nothing
        reported means that nothing came
    :ivar overdue: months since the last planned one was over
    :raises BenefitError: plan with gaps or infinite, more realised than planned months
    """

    planned: np.ndarray
    realised: np.ndarray
    late: int = 0
    overdue: int = 0

    def __post_init__(self) -> None:
        if not np.isfinite(self.planned).all() or np.isinf(self.realised).any():
            raise BenefitError("A month of the plan is missing or not finite.")
        if len(self.realised) > len(self.planned):
            raise BenefitError("More months are over than were planned.")

    @property
    def closed(self) -> int:
        """How many months are over."""
        return len(self.realised)

    @property
    def reported(self) -> np.ndarray:
        """Realised, with 0 where nothing came before the go-live."""
        known = self.realised.copy()
        early = known[: self.late]
        early[np.isnan(early)] = 0.0
        return known

    @property
    def counted(self) -> np.ndarray:
        """Realised as ``count_realised`` counts each month."""
        planned = self.planned[: self.closed]
        missing = np.isnan(self.realised)
        return np.where(missing, np.minimum(planned, 0.0), self.realised)

    @property
    def done(self) -> float:
        """Realised so far."""
        return float(self.counted.sum())

    @property
    def total(self) -> float:
        """Planned for the whole life."""
        return float(self.planned.sum())

    @property
    def silent(self) -> int:
        """Months in a row, up to the last one, of which nobody has said anything."""
        missing = np.isnan(self.reported)
        if not missing.any():
            return 0
        trailing = int(np.argmin(missing[::-1])) if not missing.all() else len(missing)
        return trailing + self.overdue if trailing else 0


def shift_plan(planned: Sequence[float], late: int) -> np.ndarray:
    """The plan of the same months with everything ``late`` months later.

    What falls out at the end is lost: the end of a benefit does not move.
    """
    plan = np.asarray(planned, float)
    late = min(late, len(plan))
    return np.concatenate([np.zeros(late), plan[: len(plan) - late]])
