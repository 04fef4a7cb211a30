"""Survival analysis: durations of which some have not ended yet."""

from dataclasses import dataclass

import numpy as np

NORMAL_95 = 1.959963984540054
TOLERANCE = 1e-12  # a product of fractions misses a half by its last digits


@dataclass(frozen=True)
class SurvivalCurve:
    """Share of what is not over yet, at each time at which anything ended.

    :ivar times: distinct times of ends, ascending
    :ivar at_risk: how many were observed up to just before each time
    :ivar ended: how many ended at each time
    :ivar survival: share that lasts longer than each time
    :ivar variance: of ``survival``, by Greenwood; 0 where nothing is left
    :ivar censored: how many were not over when last seen
    """

    times: np.ndarray
    at_risk: np.ndarray
    ended: np.ndarray
    survival: np.ndarray
    variance: np.ndarray
    censored: int

    def time_until(self, share: float) -> float | None:
        """Time at which ``share`` of all are over: the first with S(t) ≤ 1 − share.

        :return: None where the curve does not come down so far
        """
        return _first(self.times, self.survival <= 1 - share + TOLERANCE)

    def median_interval(self) -> tuple[float | None, float | None]:
        """95% interval of the median; None where the data set no limit.

        Brookmeyer & Crowley 1982 (Biometrics 38, 29–41), on the log(−log) scale of
        Kalbfleisch & Prentice, which stays within 0 and 1.
        """
        inner = (self.survival > 0) & (self.survival < 1)
        survival = self.survival[inner]
        with np.errstate(divide="ignore"):
            scale = np.log(-np.log(survival))
        error = np.sqrt(self.variance[inner]) / np.abs(survival * np.log(survival))
        low = self.survival.copy()
        high = self.survival.copy()
        low[inner] = np.exp(-np.exp(scale + NORMAL_95 * error))
        high[inner] = np.exp(-np.exp(scale - NORMAL_95 * error))
        return _first(self.times, low <= 0.5), _first(self.times, high <= 0.5)


def kaplan_meier(durations: np.ndarray, is_over: np.ndarray) -> SurvivalCurve:
    """The product-limit estimate of how long things last.

    Kaplan & Meier 1958 (JASA 53, 457–481), variance of Greenwood 1926. What was last
    seen at the moment when another ended counts as at risk then.

    :param durations: how long each lasted, or had lasted when last seen; any unit
    :param is_over: whether it was over; else it is censored on the right
    :raises ValueError: durations below 0, or not as many as ``is_over``
    """
    durations = np.asarray(durations, dtype=float)
    is_over = np.asarray(is_over, dtype=bool)
    if durations.shape != is_over.shape:
        raise ValueError("as many durations as ends are needed")
    if not (durations >= 0).all():
        raise ValueError("durations are numbers from 0 on")
    times, ended = np.unique(durations[is_over], return_counts=True)
    earlier = np.searchsorted(np.sort(durations), times, side="left")
    at_risk = len(durations) - earlier
    survival = np.cumprod(1 - ended / at_risk)
    left = at_risk - ended
    terms = np.divide(ended, at_risk * left, out=np.zeros(len(times)), where=left > 0)
    return SurvivalCurve(
        times,
        at_risk,
        ended,
        survival,
        survival**2 * np.cumsum(terms),
        int((~is_over).sum()),
    )


def _first(times: np.ndarray, holds: np.ndarray) -> float | None:
    return float(times[np.argmax(holds)]) if holds.any() else None
