"""Whether other KPIs say more of a KPI than its own past, season and trend do.

The values of a lever in the same period and in the four before it are added to a
regression on the KPI's own past; one more lag of both keeps the test honest for series
that wander (Toda & Yamamoto 1995, Journal of Econometrics 66, 225–250). What helps has
to help without any eighth of the history as well, and in periods that were not learned
from. The limits of several levers follow Holm (1979, Scandinavian Journal of Statistics
6, 65–70).
"""

from dataclasses import dataclass

import numpy as np

LEAST = 36  # periods with all values
TOGETHER = 0.2  # of the limit is for all lags together, the rest for single ones
LAGS = 4  # periods by which a lever can come before the KPI
# Chance of accepting any lever where none means anything.
LIMIT = 0.03
OWN_LAGS = 3  # of the KPI, at most
LEAST_IN_A_ROW = 24  # periods with all lags
LEAST_FREE = 12  # degrees of freedom
BLOCKS = 8  # of the history, which are omitted in turn
LIMIT_WITHOUT_BLOCK = 0.05
MARGIN = 6  # periods on each side of a change of level
# Squared t of a change of level whose place is not known, 1% by chance (Andrews 1993,
# Econometrica 61, 821–856, table I).
STEP = 12.2
LEAST_BEYOND = 24  # periods beyond two seasons for a column per place of one
SEASONS = 4  # of which it is seen whether waves do
HARMONICS = 3  # of a season
FAR = 4.0  # deviations from the median: what lies beyond counts as so far
NORMAL = 1.4826  # standard deviations in a median deviation of normal values
NOTHING = 1e-9  # share of a series: rounding


class LeverError(ValueError):
    """Levers that nothing can be learned from: ``short`` or ``constant``."""


@dataclass(frozen=True)
class Verdict:
    """How one lever goes with the KPI.

    :ivar is_real: it says more of the KPI than the KPI's own past, season and trend
    :ivar is_after: it says nothing of the KPI, but the KPI of it: the lever follows
    :ivar lag: periods that it comes before the KPI, 0 to ``LAGS``
    :ivar chance: of saying as much while it means nothing; 0–1, after Holm
    :ivar errors: shape (2, periods), value minus what the periods before it let expect,
        without and with the lever, of the latest periods; unit of the KPI
    :ivar importance: added to the mean absolute error there by mixing up the lever's
        values; unit of the KPI
    """

    is_real: bool
    is_after: bool
    lag: int
    chance: float
    errors: np.ndarray
    importance: float

    @property
    def error_without(self) -> float:
        return float(np.abs(self.errors[0]).mean())

    @property
    def error_with(self) -> float:
        return float(np.abs(self.errors[1]).mean())


def judge_levers(
    values: np.ndarray, levers: np.ndarray, season_length: int
) -> list[Verdict]:
    """What each lever says of the KPI.

    :param values: shape (periods,), oldest first; NaN = no data
    :param levers: shape (levers, periods)
    :return: a verdict per lever, in their order
    :raises LeverError: too few periods with all values, too many gaps between them,
        constant values
    :raises ImportError: scikit-learn is not there
    """
    known = get_known(values, levers)
    values = _draw_in(values, known, season_length)
    levers = [_draw_in(lever, known, season_length) for lever in levers]
    trials = [_Trial(values, lever, season_length) for lever in levers]
    adjusted = _adjust([trial.chance for trial in trials])
    verdicts = []
    for lever, trial, chance in zip(levers, trials, adjusted, strict=True):
        errors, importance = trial.look_ahead()
        without, with_ = errors**2
        is_real = chance <= LIMIT and with_.sum() < without.sum() and trial.is_lasting()
        is_after = False
        if not is_real:
            back = _Trial(lever, values, season_length, nearest=1)
            is_after = back.chance * len(levers) <= LIMIT and back.is_lasting()
        verdict = Verdict(is_real, is_after, trial.lag, chance, errors, importance)
        verdicts.append(verdict)
    return verdicts


def get_known(values: np.ndarray, levers: np.ndarray, least: int = LEAST) -> np.ndarray:
    """Whether KPI and levers all have a value, shape (periods,).

    :param least: periods of which it has to be so
    :raises LeverError: they have too few, or one of them never changes
    """
    known = np.isfinite(values) & np.isfinite(levers).all(axis=0)
    if known.sum() < least:
        raise LeverError("short")
    is_same = np.ptp(levers[:, known], axis=1) == 0
    if not len(levers) or np.ptp(values[known]) == 0 or is_same.any():
        raise LeverError("constant")
    return known


def shift(series: np.ndarray, lag: int) -> np.ndarray:
    """The value of so many periods before, in each period; NaN before the first."""
    shifted = np.full(len(series), np.nan)
    shifted[lag:] = series[: len(series) - lag]
    return shifted


class _Trial:
    """One lever, and all that can be known of the KPI without it.

    :param nearest: lag that is tried first
    """

    def __init__(
        self,
        values: np.ndarray,
        lever: np.ndarray,
        season_length: int,
        nearest: int = 0,
    ) -> None:
        own = np.stack([shift(values, lag) for lag in range(1, OWN_LAGS + 2)], 1)
        lagged = np.stack([shift(lever, lag) for lag in range(LAGS + 2)], 1)
        rows = np.isfinite(np.column_stack([values, own, lagged])).all(axis=1)
        if rows.sum() < LEAST_IN_A_ROW:
            raise LeverError("short")
        self.scale = values[rows].std() or 1.0
        self.values = values[rows] / self.scale
        self.levers = lagged[rows, : LAGS + 1]
        base = self._choose_season(season_length, rows)
        base = _add_step(base, self.values, own[rows][:, :OWN_LAGS] / self.scale)
        self.columns = np.column_stack(
            [base, self._choose_own(base, own[rows] / self.scale), lagged[rows, -1]]
        )
        self.lag, self.chance = nearest, 1.0
        self._judge(list(range(nearest, LAGS + 1)))

    def _choose_own(self, base: np.ndarray, own: np.ndarray) -> np.ndarray:
        """As much of the KPI's past as Schwarz's criterion takes, and one lag more."""

        def weigh(lags: int) -> float:
            return self._weigh(np.column_stack([base, own[:, : lags + 1]]))

        return own[:, : min(range(1, OWN_LAGS + 1), key=weigh) + 1]

    def _choose_season(self, season_length: int, rows: np.ndarray) -> np.ndarray:
        """Level, trend and season of these rows: waves, or a column for each place of
        the season. Of few seasons the criterion knows too little to choose."""
        waves, places = (
            make_design(len(rows), season_length, has_waves=has_waves)[rows]
            for has_waves in (True, False)
        )
        if len(rows) < 2 * season_length + LEAST_BEYOND:
            return waves
        if len(rows) < SEASONS * season_length:
            return places
        return min(waves, places, key=self._weigh)

    def _weigh(self, columns: np.ndarray) -> float:
        """Schwarz's criterion of the KPI by these columns: less is better."""
        rest, rank = _take_out(columns, self.values)
        count = len(rest)
        return count * np.log(rest @ rest / count + NOTHING**2) + rank * np.log(count)

    def _judge(self, lags: list[int]) -> None:
        """Set lag and chance, by all lags together and by each of them alone."""
        both = np.column_stack([self.values, self.levers])
        rest, rank = _take_out(self.columns, both)
        size = np.linalg.norm(both, axis=0)
        free = len(rest) - rank - len(lags)
        # The remainder of a series that goes by the calendar alone is rounding.
        is_left = np.linalg.norm(rest, axis=0) > NOTHING * size
        if free < LEAST_FREE or not is_left[0] or not is_left[1:].any():
            return
        values, levers = rest[:, 0], rest[:, 1:] * is_left[1:]

        def chance_of(tried: list[int], known: list[int]) -> float:
            columns = levers[:, tried + known]
            before = _take_out(levers[:, known], values)[0]
            after = _take_out(columns, values)[0]
            left = len(rest) - rank - columns.shape[1]
            return _get_chance(before @ before, after @ after, len(tried), left)

        # A lag is tested together with the one before it: neighbours are alike.
        single = [chance_of([lag], [lag + 1] if lag < LAGS else []) for lag in lags]
        least = min(single)
        self.lag = lags[single.index(least)]
        together = chance_of(lags, [])
        shares = together / TOGETHER, least * len(lags) / (1 - TOGETHER)
        self.chance = min(1.0, *shares)

    def is_lasting(self) -> bool:
        """Whether no single episode carries it."""
        every = np.arange(len(self.values))
        lever = self.levers[:, self.lag]
        for block in np.array_split(every, BLOCKS):
            kept = np.delete(every, block)
            both = np.column_stack([self.values, lever])[kept]
            rest, rank = _take_out(self.columns[kept], both)
            after = _take_out(rest[:, 1:], rest[:, 0])[0]
            before = rest[:, 0]
            chance = _get_chance(
                before @ before, after @ after, 1, len(kept) - rank - 1
            )
            if chance >= LIMIT_WITHOUT_BLOCK:
                return False
        return True

    def look_ahead(self) -> tuple[np.ndarray, float]:
        """Errors and importance of the latest periods, as ``Verdict`` has them.

        Each is learned from the periods before it alone; at least half of them, and
        as a rule twice as many as there are numbers to learn.
        """
        count, width = self.columns.shape
        first = max(count // 2, min(3 * width // 2, 3 * count // 4))
        lever = self.levers[:, self.lag]
        centered = (lever - lever[:first].mean()) / (lever[:first].std() or 1.0)
        without, _effects = _learn_on(self.columns, self.values, first)
        columns = np.column_stack([self.columns, centered])
        with_, effects = _learn_on(columns, self.values, first)
        errors = np.array([without, with_])
        # Each value of the lever in the place of each other one: all ways to mix them.
        swapped = centered[first:, None] - centered[first:]
        mixed = np.abs(with_[:, None] + effects[:, None] * swapped).mean()
        importance = mixed - np.abs(with_).mean()
        return errors * self.scale, float(importance * self.scale)


def _learn_on(
    columns: np.ndarray, values: np.ndarray, first: int
) -> tuple[np.ndarray, np.ndarray]:
    """Errors of one period ahead from row ``first`` on, by recursive least squares
    (Brown, Durbin & Evans 1975, Journal of the Royal Statistical Society B 37, 149).

    :return: values minus expected ones, and the coefficient of the last column by
        which they were expected
    """
    known = columns[:first]
    inverse = np.linalg.pinv(known.T @ known, hermitian=True)
    effects = inverse @ (known.T @ values[:first])
    errors, last = [], []
    for row, value in zip(columns[first:], values[first:], strict=True):
        error = value - row @ effects
        errors.append(error)
        last.append(effects[-1])
        along = inverse @ row
        gain = along / (1 + row @ along)
        effects = effects + gain * error
        inverse = inverse - np.outer(gain, along)
    return np.array(errors), np.array(last)


def _add_step(base: np.ndarray, values: np.ndarray, own: np.ndarray) -> np.ndarray:
    """The columns, and one more where the KPI has changed its level once.

    A lever that has changed about then as well would else say of each period on which
    level it is.

    :param own: shape (periods, lags), the KPI's past: a KPI that wanders has no levels
    """
    count = len(values)
    places = np.arange(MARGIN, count - MARGIN)
    steps = (np.arange(count)[:, None] >= places).astype(float)
    known = np.column_stack([base, own])
    rest, rank = _take_out(known, np.column_stack([values, steps]))
    values, steps = rest[:, 0], rest[:, 1:]
    size = (steps**2).sum(axis=0)
    gains = np.where(size > NOTHING, (values @ steps) ** 2, 0.0)
    gains /= np.maximum(size, NOTHING)
    best = int(gains.argmax())
    left = values @ values - gains[best]
    if gains[best] <= STEP * max(left, 0.0) / max(count - rank - 1, 1):
        return base
    return np.column_stack([base, np.arange(count) >= places[best]])


def _take_out(columns: np.ndarray, series: np.ndarray) -> tuple[np.ndarray, int]:
    """What columns leave of series, by least squares, and how many of them count."""
    effects, _squares, rank, _sizes = np.linalg.lstsq(columns, series, rcond=None)
    return series - columns @ effects, int(rank)


def _get_chance(before: float, after: float, added: int, free: int) -> float:
    """Chance of so much smaller squares by columns that mean nothing (F test)."""
    from scipy.special import fdtrc  # comes with scikit-learn

    if free < 1:
        return 1.0
    ratio = (before - after) / added / (after / free) if after > 0 else np.inf
    return float(fdtrc(added, free, max(ratio, 0.0)))


def _adjust(chances: list[float]) -> list[float]:
    """Chances after Holm: each times how many are not smaller, in rising order."""
    adjusted = [1.0] * len(chances)
    largest = 0.0
    for place, at in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        largest = max(largest, min(1.0, chances[at] * (len(chances) - place)))
        adjusted[at] = largest
    return adjusted


def _draw_in(series: np.ndarray, known: np.ndarray, season_length: int) -> np.ndarray:
    """The series, with what is far from its trend and season drawn in to ``FAR``; NaN
    where not all is known."""
    has_waves = len(series) < 2 * season_length + LEAST_BEYOND
    design = make_design(len(series), season_length, has_waves=has_waves)[known]
    rest, _rank = _take_out(design, series[known])
    middle = np.median(rest)
    reach = FAR * NORMAL * np.median(np.abs(rest - middle))
    drawn = np.full(len(series), np.nan)
    near = np.clip(rest, middle - reach, middle + reach) if reach else rest
    drawn[known] = series[known] - rest + near
    return drawn


def make_design(count: int, season_length: int, *, has_waves: bool) -> np.ndarray:
    """Columns: level, trend, and the season as waves or one for each place of it."""
    at = np.arange(count)
    columns = [np.ones(count), at / count]
    if not has_waves:
        places = range(1, season_length)
        columns += [(at % season_length == place).astype(float) for place in places]
        return np.stack(columns, axis=1)
    for wave in range(1, min(HARMONICS, season_length // 2) + 1):
        angle = 2 * np.pi * wave * at / season_length
        columns += [np.sin(angle), np.cos(angle)]
    return np.stack(columns, axis=1)
