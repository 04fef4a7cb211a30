"""What a forecast says, of which numbers, and how good those of past origins were."""

from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from enum import IntEnum
from typing import TypeVar

import numpy as np

from .distribution import Distribution
from .intermittent import is_intermittent
from .paths import realised_errors

LEAST_ORIGINS = 3
ROUNDING = 1e-12  # of values scaled to 1
Rows = TypeVar("Rows")  # a dataclass of arrays, or of such, with a row for each series


class NumberKind(IntEnum):
    """Kind of number of a series.

    ``BY_HISTORY``: not negative if it never was, nor positive if it never was;
    ``COUNT``: whole, from 0; ``SHARE``: from 0 to 100; ``FREE``: any.
    """

    BY_HISTORY = 0
    COUNT = 1
    SHARE = 2
    FREE = 3


@dataclass(frozen=True)
class Forecast:
    """Forecasts after the last period; arrays (series, horizon) in the KPI's unit.

    :ivar mean: the forecast itself; NaN without data
    :ivar low_80, high_80: limits within which the value lies with 80%; NaN where no
        earlier forecast could be judged
    :ivar low_95, high_95: the same with 95%
    :ivar confidence: 100 × (1 − sum of absolute errors / sum of absolute values) in the
        back-test, from 0 to 100; NaN below three origins
    :ivar skill: shape (series,): share of the error of the better of naive and seasonal
        naive that is saved, see :func:`skill`
    :ivar judged: shape (series,): earlier forecasts of one period ahead that all this
        is measured on
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
    judged: np.ndarray
    labels: np.ndarray
    kinds: np.ndarray
    errors: Distribution
    totals: Distribution

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


def take_rows(part: Rows, rows: slice | Sequence[int]) -> Rows:
    """The same of some series."""
    return type(part)(
        *(
            take_rows(each, rows) if is_dataclass(each) else each[rows]
            for each in vars(part).values()
        )
    )


def join_rows(parts: Sequence[Rows]) -> Rows:
    """One of those of several blocks of series, field by field."""
    joined = [
        join_rows(pieces) if is_dataclass(pieces[0]) else np.concatenate(pieces)
        for pieces in zip(*(vars(part).values() for part in parts), strict=True)
    ]
    return type(parts[0])(*joined)


def read_kinds(kinds: np.ndarray | NumberKind | None, series: int) -> np.ndarray:
    """Kind of every series, as an array.

    :param kinds: one for all or one for each; None for ``BY_HISTORY``
    :raises ValueError: there are not as many as series, or an unknown one
    """
    array = np.asarray(NumberKind.BY_HISTORY if kinds is None else kinds, int)
    if not np.isin(array, list(NumberKind)).all():
        raise ValueError(f"kinds of numbers are {list(NumberKind)}, got {kinds}")
    if array.ndim and array.shape != (series,):
        raise ValueError(f"{series} series need as many kinds, got {array.shape}")
    return np.broadcast_to(array, (series,))


def fit_kinds(
    numbers: np.ndarray,
    kinds: np.ndarray,
    signs: np.ndarray,
    rounded: np.ufunc | None = None,
) -> np.ndarray:
    """Numbers moved to the nearest ones possible.

    :param numbers: shape (series, horizon)
    :param kinds: shape (series,)
    :param signs: shape (series, 2): whether each was ever negative, and ever positive
    :param rounded: how counts become whole, if they are to
    """
    negative, positive = signs.T
    by_history = kinds == NumberKind.BY_HISTORY
    is_share, is_count = kinds == NumberKind.SHARE, kinds == NumberKind.COUNT
    largest = np.finfo(float).max
    low = np.where(is_share | is_count | (by_history & ~negative), 0.0, -largest)
    # what was never anything but 0 may become something
    below = by_history & negative & ~positive
    high = np.where(is_share, 100.0, np.where(below, 0.0, largest))
    if rounded:
        numbers = np.where(is_count[:, None], rounded(numbers), numbers)
    return np.clip(numbers, low[:, None], high[:, None])


def confidence(errors: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """100 × (1 − sum of absolute errors / sum of absolute values), from 0 to 100.

    The fraction is the weighted absolute percentage error (Kolassa & Schütz 2007,
    Foresight 6, 40–43), which values of 0 do not break.

    :param errors: shape (series, periods, horizon), in the period where they came true
    :param sizes: shape (series, periods): absolute values
    :return: shape (series, horizon); NaN below three errors
    """
    known = ~np.isnan(errors)
    wrong = np.where(known, np.abs(errors), 0.0).sum(axis=1)
    total = np.where(known, sizes[:, :, None], 0.0).sum(axis=1)
    share = np.divide(wrong, total, out=np.zeros(wrong.shape), where=total > 0)
    share = np.where((total == 0) & (wrong > 0), 1.0, share)
    percent = 100 * np.clip(1 - share, 0.0, 1.0)
    return np.where(known.sum(axis=1) < LEAST_ORIGINS, np.nan, percent)


def skill(
    errors: np.ndarray, values: np.ndarray, plain: list[np.ndarray]
) -> np.ndarray:
    """Share of the mean absolute error of the best plain forecast that is saved.

    Of what is often 0 it is that of the root of the mean squared error: see
    :mod:`.intermittent`. By absolute ones always forecasting 0 would be best.

    :param errors: of the forecasts to judge, as for :func:`confidence`
    :param values: shape (series, periods)
    :param plain: paths of other forecasts, judged where both are
    :return: shape (series,), from −1 to 1; NaN below three origins
    """
    is_rare = is_intermittent(values)[:, -1]
    best = np.full(len(values), np.inf)
    ours = np.full(len(values), np.nan)
    for paths in plain:
        theirs = realised_errors(paths, values)
        both = ~np.isnan(errors) & ~np.isnan(theirs)
        enough = both[:, :, 0].sum(axis=1) >= LEAST_ORIGINS
        their_mean = _mean_size(theirs, both, is_rare)
        better = enough & (their_mean < best)
        best = np.where(better, their_mean, best)
        ours = np.where(better, _mean_size(errors, both, is_rare), ours)
    share = np.divide(ours, best, out=np.full(len(values), np.nan), where=best > 0)
    share = np.where(best == 0, np.where(ours > ROUNDING, 2.0, 1.0), share)
    return np.clip(1 - share, -1.0, 1.0)


def _mean_size(
    errors: np.ndarray, counted: np.ndarray, by_squares: np.ndarray
) -> np.ndarray:
    sizes = np.abs(np.where(counted, errors, 0.0))
    sizes[by_squares] **= 2
    means = sizes.sum(axis=(1, 2)) / np.maximum(counted.sum(axis=(1, 2)), 1)
    return np.where(by_squares, np.sqrt(means), means)
