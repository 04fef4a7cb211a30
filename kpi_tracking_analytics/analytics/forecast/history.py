"""Histories made ready for a forecast: scaled, without one-off events, levelled.

A seam is a period from which on a KPI is computed otherwise. How far that moved it is
estimated from the values after it, beside what the season before had led to expect, and
taken out of them: methods see one series in its first definition and learn nothing from
the step. It is a factor, or a difference where that explains these values clearly
better or they are not positive. Each period is levelled by what is known by then.
"""

from dataclasses import dataclass

import numpy as np

LEAST_AFTER_SEAM = 4  # values that a step is estimated from, at least
# A step is a factor, as of a wider count, unless so many values leave so many times
# less unexplained by a difference; and a large factor is another unit for sure.
LEAST_FOR_DIFFERENCE = 4
BETTER = 4.0
OTHER_UNIT = np.log(5)
LEAST_POSITIVE = 1e-100  # of values scaled to 1: below it ratios overflow
ROUNDING = 1e-9  # below this no difference of spreads, as a share of the squares


@dataclass(frozen=True)
class History:
    """Values that methods learn from; arrays (series, periods).

    :ivar values: scaled to at most 1 and levelled; NaN = no data, or not to be learned
    :ivar seen: the same with odd values, which coming ones may be like
    :ivar ratio, shift: what turns ``values`` back at each period: × ratio + shift
    :ivar exponents: shape (series,): powers of two that all this was divided by
    :ivar seams: where the definition changed
    :ivar signs: shape (series, 2): whether a value was ever negative, ever positive
    """

    values: np.ndarray
    seen: np.ndarray
    ratio: np.ndarray
    shift: np.ndarray
    exponents: np.ndarray
    seams: np.ndarray
    signs: np.ndarray

    def restore(self, levelled: np.ndarray) -> np.ndarray:
        """Forecasts made at the end of the last period, in the unit of the KPI.

        :param levelled: shape (series, horizon)
        """
        moved = levelled * self.ratio[:, -1:] + self.shift[:, -1:]
        return unscale(moved, self.exponents)

    def restore_widths(self, levelled: np.ndarray) -> np.ndarray:
        """Differences of such forecasts, in the unit of the KPI."""
        return unscale(levelled * self.ratio[:, -1:], self.exponents)

    def sizes(self) -> np.ndarray:
        """Absolute values in the unit of ``values`` but with the steps in them."""
        return np.abs(self.values + self.shift / self.ratio)


def prepare(
    values: np.ndarray,
    season_length: int,
    seams: np.ndarray | None = None,
    ignored: np.ndarray | None = None,
    odd: np.ndarray | None = None,
) -> History:
    """The history of every series.

    :param values: shape (series, periods), oldest first; NaN and infinite = no data
    :param seams: same shape, boolean: the definition is a new one from here on
    :param ignored: same shape, boolean: a one-off event, nothing to learn from
    :param odd: same shape, boolean: out of the ordinary, left out as long as it may be
        one
    :raises ValueError: another shape, or a season below 1
    """
    values = np.array(values, dtype=float)
    if values.ndim != 2 or not values.shape[1]:
        raise ValueError(f"values need a row per series, got shape {values.shape}")
    if season_length < 1:
        raise ValueError(f"a season has at least 1 period, got {season_length}")
    seams = read_marks(seams, values)
    values[~np.isfinite(values)] = np.nan
    signs = np.stack([(values < 0).any(axis=1), (values > 0).any(axis=1)], axis=1)
    largest = np.fmax.reduce(np.abs(values), axis=1, initial=0.0)
    # a power of two changes no digit, and no square overflows
    exponents = np.frexp(largest)[1]
    values = np.ldexp(values, -exponents[:, None])
    values[read_marks(ignored, values)] = np.nan
    learned = np.where(read_marks(odd, values), np.nan, values)
    ratio, shift = _steps(learned, seams, season_length)
    levelled = [(each - shift) / ratio for each in (learned, values)]
    return History(*levelled, ratio, shift, exponents, seams, signs)


def unscale(values: np.ndarray, exponents: np.ndarray) -> np.ndarray:
    """Times the powers of two, as far as floating point goes."""
    limit = np.finfo(float).max
    with np.errstate(over="ignore", under="ignore"):
        return np.clip(np.ldexp(values, exponents[:, None]), -limit, limit)


def read_marks(marks: np.ndarray | None, values: np.ndarray) -> np.ndarray:
    """Marks of values as booleans of their shape, None for no mark.

    :raises ValueError: they have another shape
    """
    if marks is None:
        return np.zeros(values.shape, bool)
    marks = np.asarray(marks, bool)
    if marks.shape != values.shape:
        raise ValueError(f"marks of shape {marks.shape} for values of {values.shape}")
    return marks


def _steps(
    values: np.ndarray, seams: np.ndarray, season_length: int
) -> tuple[np.ndarray, np.ndarray]:
    """Ratio and shift of each period to the first definition."""
    ratio, shift = np.ones(values.shape), np.zeros(values.shape)
    rows = seams[:, 1:].any(axis=1)
    if rows.any():
        levelling = _Levelling(values[rows], seams[rows], season_length)
        ratio[rows], shift[rows] = levelling.run()
    return ratio, shift


class _Levelling:
    """Estimates steps period by period; arrays (series,) for what holds now."""

    def __init__(
        self, values: np.ndarray, seams: np.ndarray, season_length: int
    ) -> None:
        series = len(values)
        self._values, self._seams = values, seams
        self._season_length = season_length
        self._window = max(season_length, LEAST_AFTER_SEAM)
        self._levelled = np.full(values.shape, np.nan)
        self._ratio, self._shift = np.ones(series), np.zeros(series)
        self._first_ratio, self._first_shift = np.ones(series), np.zeros(series)
        self._drift = np.zeros(series)
        # a first definition cannot be compared with anything
        self._count = np.full(series, self._window)
        self._is_positive = np.ones(series, bool)
        # of logarithms of factors, of steps and of values, since the seam
        self._totals, self._squares = np.zeros((2, 3, series))

    def run(self) -> tuple[np.ndarray, np.ndarray]:
        """Ratio and shift, both (series, periods)."""
        ratios, shifts = np.ones(self._values.shape), np.zeros(self._values.shape)
        for period in range(self._values.shape[1]):
            if period:
                self._begin(period)
            self._estimate(period)
            ratios[:, period], shifts[:, period] = self._ratio, self._shift
            levelled = (self._values[:, period] - self._shift) / self._ratio
            self._levelled[:, period] = levelled
        return ratios, shifts

    def _begin(self, period: int) -> None:
        """New definitions: their steps are to be estimated from now on."""
        new = self._seams[:, period]
        self._first_ratio = np.where(new, self._ratio, self._first_ratio)
        self._first_shift = np.where(new, self._shift, self._first_shift)
        self._count = np.where(new, 0, self._count)
        self._totals[:, new] = self._squares[:, new] = 0.0
        before = self._levelled[:, :period]
        self._is_positive = np.where(new, ~(before <= 0).any(axis=1), self._is_positive)
        # how much the last season lies above the one before; 0 where unknown
        season = self._season_length
        drift = np.zeros(len(before))
        if period > season:
            change = before[:, season:] - before[:, :-season]
            drift = _known_mean(change[:, -season:], 0.0)
        self._drift = np.where(new, drift, self._drift)

    def _estimate(self, period: int) -> None:
        """Moves the steps that are young enough by what this period says."""
        plain = (self._values[:, period] - self._first_shift) / self._first_ratio
        expected = self._expected(period)
        young = (self._count < self._window) & ~np.isnan(plain) & ~np.isnan(expected)
        self._count = self._count + young
        positive = (plain > LEAST_POSITIVE) & (expected > LEAST_POSITIVE)
        self._is_positive &= positive | ~young
        factor = np.ones(len(plain))
        np.divide(plain, expected, out=factor, where=young & positive)
        numbers = np.where(young, [np.log(factor), plain - expected, plain], 0.0)
        self._totals += numbers
        self._squares += numbers**2
        count = np.maximum(self._count, 1)
        (log, step, _size), squares = self._totals / count, self._squares / count
        # what either leaves unexplained, both as squares of values
        by_factor = (squares[0] - log**2) * squares[2]
        by_step = squares[1] - step**2 + ROUNDING * squares[2]
        few = self._count < LEAST_FOR_DIFFERENCE
        sure = few | (np.abs(log) > OTHER_UNIT)
        is_factor = self._is_positive & (sure | (by_factor <= BETTER * by_step))
        ratio = self._first_ratio * np.exp(np.where(is_factor, log, 0.0))
        shift = self._first_shift + self._first_ratio * np.where(is_factor, 0.0, step)
        self._ratio = np.where(young, ratio, self._ratio)
        self._shift = np.where(young, shift, self._shift)

    def _expected(self, period: int) -> np.ndarray:
        """The season before and its drift; where that is unknown, the last season."""
        before = self._levelled[:, max(period - self._season_length, 0) : period]
        if period < self._season_length:
            return _known_mean(before, np.nan)
        seasonal = before[:, 0] + self._drift
        return np.where(np.isnan(seasonal), _known_mean(before, np.nan), seasonal)


def _known_mean(values: np.ndarray, otherwise: float) -> np.ndarray:
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), otherwise)
