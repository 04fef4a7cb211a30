"""What a forecast says."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from .distribution import Distribution
from .kinds import NumberKind

LEVELS = (80, 95)  # per cent of the intervals


@dataclass(frozen=True)
class Forecast:
    """Forecasts after the last period; arrays (series, horizon) in the KPI's unit.

    :ivar mean: the forecast itself; NaN without data
    :ivar low_80, high_80: limits within which the value lies with 80 %; NaN where no
        earlier forecast could be judged
    :ivar low_95, high_95: the same with 95 %
    :ivar confidence: 100 × (1 − sum of absolute errors / sum of absolute values) in the
        back-test, from 0 to 100; NaN below three origins
    :ivar skill: shape (series,): share of the error of the better of naive and seasonal
        naive that is saved, at most 1; below 0 it does worse; NaN below three origins
    :ivar labels: shape (series,): where each forecast comes from, such as
        ``combination``, ``naive``, ``too_short``, ``no_data``
    :ivar kinds: shape (series,): :class:`NumberKind`
    :ivar errors: around ``mean``
    :ivar totals: around the running sums of ``mean``
    """

    mean: np.ndarray
    low_80: np.ndarray
    high_80: np.ndarray
    low_95: np.ndarray
    high_95: np.ndarray
    confidence: np.ndarray
    skill: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    errors: Distribution
    totals: Distribution

    def take(self, rows: Sequence[int]) -> "Forecast":
        """The forecasts of some series."""
        return Forecast(
            *(
                Distribution(part.scale[rows], part.shape[rows])
                if isinstance(part, Distribution)
                else part[rows]
                for part in (getattr(self, each.name) for each in fields(self))
            )
        )

    def probability_at_least(self, threshold: np.ndarray | float) -> np.ndarray:
        """Probability that a value is ``threshold`` or more.

        :param threshold: one number, one per series (series, 1), or of the full shape
        :return: shape (series, horizon), from 0 to 1; NaN without intervals
        """
        threshold = self._between_counts(np.asarray(threshold, float), np.ceil, -0.5)
        return share_above(self.errors, self.mean, threshold)

    def probability_at_most(self, threshold: np.ndarray | float) -> np.ndarray:
        """Probability that a value is ``threshold`` or less."""
        threshold = self._between_counts(np.asarray(threshold, float), np.floor, 0.5)
        return share_above(self.errors, -self.mean, -threshold)

    def probability_total_at_least(self, threshold: np.ndarray | float) -> np.ndarray:
        """Probability that the first h values sum up to ``threshold`` or more.

        What is known of a year already is to be taken off the threshold.
        """
        with np.errstate(over="ignore"):
            totals = np.cumsum(self.mean, axis=1)
        return share_above(self.totals, totals, np.asarray(threshold, float))

    def _between_counts(
        self, threshold: np.ndarray, rounded: np.ufunc, step: float
    ) -> np.ndarray:
        """Half a unit before a whole number, where only those can be."""
        counts = (self.kinds == NumberKind.COUNT)[:, None]
        return np.where(counts, rounded(threshold) + step, threshold)


def share_above(
    errors: Distribution, mean: np.ndarray, threshold: np.ndarray
) -> np.ndarray:
    """Probability, for each ``mean``, that what comes is ``threshold`` or more."""
    with np.errstate(over="ignore"):
        distances = mean - threshold
    return errors.share_below(distances)
