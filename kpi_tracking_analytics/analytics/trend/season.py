"""Seasons of series: which one there is, how strong it is, what it looks like."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .levels import level_seams
from .rows import median, ranks, upper_tail

LEAST_CYCLES = 3  # of a season before it is believed
CHANCE = 0.01  # of finding one where there is none


@dataclass(frozen=True)
class Season:
    """Seasons of series.

    :ivar period: shape (series,): periods of a season; 1 = none was found
    :ivar strength: shape (series,): 0 = none, 1 = nothing but season
    :ivar p_value: shape (series,): probability of one so clear by chance, of all
        candidates together; NaN where no candidate fits into the data
    :ivar effect: shape (series, periods): what the season adds, in the unit of the
        KPI; 0 where none was found
    """

    period: np.ndarray
    strength: np.ndarray
    p_value: np.ndarray
    effect: np.ndarray


def find_season(
    values: np.ndarray,
    candidates: Sequence[int],
    seams: np.ndarray | None = None,
) -> Season:
    """The clearest season among the candidates, if it is clearer than chance.

    Each is taken from the values less their moving average over one season: the median
    by position. Strength of Wang, Smith & Hyndman 2006 (Data Mining and Knowledge
    Discovery 13, 335–364), 1 − var(remainder) / var(season + remainder). Significance
    by the F test of the ranks by position (Conover & Iman 1981, American Statistician
    35, 124–129), times the number of candidates. Of several the one with the least
    remaining variance per degree of freedom is taken; a multiple of another has to be
    significant once that is taken out, so 7 days win over 14.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param candidates: periods of a season, each at least 2; those that do not fit into
        the data :data:`LEAST_CYCLES` times are passed over
    :param seams: of the shape of ``values``: where values are computed otherwise than
        those before; a shift there is taken out first
    :raises ValueError: a candidate below 2
    """
    if any(length < 2 for length in candidates):
        raise ValueError("a season has at least 2 periods")
    values = np.asarray(values, float)
    scale = _scale(values)
    scaled = level_seams(values / scale, seams)
    count, lengths = len(values), sorted(set(candidates))
    period, strength = np.ones(count, int), np.zeros(count)
    p_value, least = np.full(count, np.nan), np.full(count, np.inf)
    effect = np.zeros(values.shape)
    for length in lengths:
        if values.shape[1] < LEAST_CYCLES * length:
            continue
        fit = _fit(scaled, length)
        # A multiple of a season repeats too: it has to tell something of its own.
        repeats = (period > 1) & (length % period == 0)
        more = _fit(scaled - effect, length).p_value
        chance = np.where(repeats, more, fit.p_value)
        chance = np.minimum(chance * len(lengths), 1.0)
        is_found = (chance <= CHANCE) & (fit.left < least)
        # where none is found yet, the clearest one says by how little
        clearest = np.where(np.isfinite(least), p_value, np.fmin(chance, p_value))
        p_value = np.where(is_found, chance, clearest)
        period = np.where(is_found, length, period)
        strength = np.where(is_found, fit.strength, strength)
        effect = np.where(is_found[:, None], fit.effect, effect)
        least = np.where(is_found, fit.left, least)
    return Season(period, strength, p_value, effect * scale)


def remove_season(values: np.ndarray, season: Season) -> np.ndarray:
    """Values without what the season adds; same shape and unit."""
    with np.errstate(over="ignore"):
        return values - season.effect


@dataclass(frozen=True)
class _Fit:
    strength: np.ndarray
    p_value: np.ndarray
    effect: np.ndarray
    left: np.ndarray  # share of the variance that remains, per degree of freedom


def _fit(values: np.ndarray, period: int) -> _Fit:
    """A season of one length, of values of a size about 1."""
    count, periods = values.shape
    free = values - _moving_average(values, period)
    position = np.arange(periods) % period
    pattern = np.column_stack(
        [median(free[:, position == place]) for place in range(period)]
    )
    is_whole = ~np.isnan(pattern).any(axis=1)
    pattern = np.where(is_whole[:, None], pattern, 0.0)
    pattern = pattern - pattern.mean(axis=1, keepdims=True)
    effect = pattern[:, position]
    known = ~np.isnan(free)
    whole, rest = _variance(free), _variance(free - effect)
    size = known.sum(axis=1)
    share = np.divide(rest, whole, out=np.ones(count), where=whole > 1e-24)
    spare = size - period
    is_usable = is_whole & (spare > 2) & (size >= 2 * period) & (whole > 1e-24)
    left = np.where(is_usable, share * (size - 1) / np.maximum(spare, 1), np.inf)
    p_value = np.where(is_usable, _rank_test(free, position, period), np.nan)
    return _Fit(np.clip(1 - share, 0.0, 1.0), p_value, effect, left)


def _rank_test(values: np.ndarray, position: np.ndarray, period: int) -> np.ndarray:
    """p-value of the F test of the ranks by position.

    The tail of F by Paulson 1942 (Annals of Mathematical Statistics 13, 233–235).
    """
    known = ~np.isnan(values)
    rank = np.where(known, ranks(values), 0.0)
    count = known.sum(axis=1)
    middle = (count + 1) / 2
    between = np.zeros(len(values))
    for place in range(period):
        here = position == place
        size = known[:, here].sum(axis=1)
        mean = rank[:, here].sum(axis=1) / np.maximum(size, 1)
        between += size * (mean - middle) ** 2
    total = (np.where(known, rank - middle[:, None], 0.0) ** 2).sum(axis=1)
    # The moving average takes its share of the noise, and nothing of the season.
    up = period - 1
    down = np.maximum((count - period) * (1 - 1 / period), 1)
    within = np.maximum(total - between, 1e-9 * np.maximum(total, 1.0))
    ratio = (between / up) / (within / down)
    root = np.cbrt(ratio)
    up_part, down_part = 2 / (9 * up), 2 / (9 * down)
    z = (1 - down_part) * root - (1 - up_part)
    return upper_tail(z / np.sqrt(up_part + down_part * root**2))


def _moving_average(values: np.ndarray, period: int) -> np.ndarray:
    """Centred average over one season; NaN where less than half of it is known."""
    weights = np.ones(period)
    if period % 2 == 0:
        weights = np.r_[0.5, np.ones(period - 1), 0.5]
    views = np.lib.stride_tricks.sliding_window_view(values, len(weights), axis=1)
    known = ~np.isnan(views)
    size = known @ weights
    total = np.where(known, views, 0.0) @ weights
    result = np.full(values.shape, np.nan)
    edge = len(weights) // 2
    result[:, edge : values.shape[1] - edge] = np.divide(
        total, size, out=np.full(total.shape, np.nan), where=size >= period / 2
    )
    return result


def _variance(values: np.ndarray) -> np.ndarray:
    """Variance of the known values of each row; 0 where there are none."""
    known = ~np.isnan(values)
    size = np.maximum(known.sum(axis=1), 1)
    mean = np.where(known, values, 0.0).sum(axis=1) / size
    return np.where(known, (values - mean[:, None]) ** 2, 0.0).sum(axis=1) / size


def _scale(values: np.ndarray) -> np.ndarray:
    """Largest size of each row, so that no square overflows; 1 of nothing."""
    sizes = np.where(np.isnan(values), 0.0, np.abs(values))
    largest = sizes.max(axis=1, initial=0.0, keepdims=True)
    return np.where(largest > 0, largest, 1.0)
