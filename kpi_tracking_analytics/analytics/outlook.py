"""How running and coming periods will probably end, and how that meets targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np

from odoo.addons.kpi_tracking.engine.status import achievement
from odoo.addons.kpi_tracking.engine.targets import Targets

from .forecast import Forecast, NumberKind

PERCENT = 100.0
NEAR = 1e-9  # what a whole number may be off by that was added up


@dataclass(frozen=True)
class Outlook:
    """Periods from the running one on; arrays of shape (KPIs, horizon), NaN = unknown.

    :ivar mean: most probable value, in the unit of the KPI
    :ivar low_80, high_80, low_95, high_95: limits within which it will probably lie
    :ivar achievements: percent, of the full target, of ``mean``
    :ivar probabilities: from 0 to 1: that the target, or the range, is reached
    """

    mean: np.ndarray
    low_80: np.ndarray
    high_80: np.ndarray
    low_95: np.ndarray
    high_95: np.ndarray
    achievements: np.ndarray
    probabilities: np.ndarray


def adjust(forecast: Forecast, factors: np.ndarray, sums: np.ndarray) -> Forecast:
    """The forecast with what is planned: × factors + sums, of the shape of ``mean``."""
    changed = {
        name: getattr(forecast, name) * factors + sums
        for name in ("mean", "low_80", "high_80", "low_95", "high_95")
    }
    errors, totals = (
        replace(each, scale=each.scale * factors)
        for each in (forecast.errors, forecast.totals)
    )
    return replace(forecast, **changed, errors=errors, totals=totals)


def look_ahead(
    forecast: Forecast,
    so_far: np.ndarray,
    elapsed: np.ndarray,
    is_additive: np.ndarray,
    targets: Targets,
    directions: Mapping[str, list[int]],
) -> Outlook:
    """What is to be expected of the running period, and of those that follow.

    What has happened in the running period is known: of a sum, the forecast holds for
    the working time that is left; any other value moves from what it is now to what
    was forecast in proportion to the time left. What is still open is made of
    independent parts, so its deviation shrinks with the root of the time left.

    :param forecast: made from closed periods; its first column is the running period
    :param so_far: shape (KPIs,): value of the running period; NaN = none yet
    :param elapsed: shape (KPIs,): share of its working time that has passed, 0 to 1
    :param is_additive: shape (KPIs,): whether a KPI adds up over time
    :param targets: of full periods, shape (KPIs, horizon)
    :param directions: direction → rows of the KPIs
    """
    expected = _blend(forecast, so_far, elapsed, is_additive)
    left = np.ones_like(expected.mean)
    left[:, 0] = np.where(np.isnan(so_far), 1.0, np.sqrt(1 - elapsed))
    achieved = np.full(expected.mean.shape, np.nan)
    chances = achieved.copy()
    for direction, rows in directions.items():
        target, baseline, _stretch, low, high = (
            column[rows] for column in targets.numbers
        )
        achieved[rows] = achievement(
            expected.mean[rows],
            target,
            baseline,
            direction=direction,
            range_low=low,
            range_high=high,
        )
        if direction == "range":
            limits = (low, high)
        else:
            limits = (target, None) if direction == "higher" else (None, target)
        chances[rows] = _chance(forecast, expected.mean, left, rows, *limits)
    return replace(expected, achievements=achieved, probabilities=chances)


def _blend(
    forecast: Forecast, so_far: np.ndarray, elapsed: np.ndarray, is_additive: np.ndarray
) -> Outlook:
    """The forecast with what is known of the running period in its first column."""
    numbers = [
        np.array(column)
        for column in (
            forecast.mean,
            forecast.low_80,
            forecast.high_80,
            forecast.low_95,
            forecast.high_95,
        )
    ]
    mean, *limits = (column[:, 0] for column in numbers)
    is_known = ~np.isnan(so_far)
    share = np.where(is_additive, 1.0, elapsed)
    with np.errstate(over="ignore", invalid="ignore"):
        middle = share * so_far + (1 - elapsed) * mean
        # of what cannot be forecast the end is nearest to what it is now
        middle = np.where(np.isnan(middle), so_far, middle)
        ends = [middle + np.sqrt(1 - elapsed) * (limit - mean) for limit in limits]
        # a sum of what was never negative only grows, one of nothing positive falls
        reached = np.where(is_additive, so_far, 0.0)
        least = np.where(_never(forecast, -1), reached, -np.inf)
        most = np.where(_never(forecast, 1), reached, np.inf)
        ends = [np.clip(end, least, np.maximum(least, most)) for end in ends]
    for column, number in zip(numbers, [middle, *ends], strict=True):
        column[is_known, 0] = number[is_known]
    nothing = np.full(numbers[0].shape, np.nan)
    return Outlook(
        numbers[0], *make_whole(forecast.kinds, numbers[1:]), nothing, nothing
    )


def make_whole(kinds: np.ndarray, limits: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Limits of counts as whole numbers, low and high in turn, each outwards."""
    counts = (kinds == NumberKind.COUNT)[:, None]
    return [
        np.where(counts, side * np.ceil(side * limit - NEAR), limit)
        for side, limit in zip(cycle((-1, 1)), limits)
    ]


def _never(forecast: Forecast, side: int) -> np.ndarray:
    """Whether a KPI lies on one side of 0 only, as its forecasts do then."""
    ends = forecast.low_95 if side < 0 else forecast.high_95
    others = forecast.mean
    with np.errstate(invalid="ignore"):
        return ((ends * side <= 0) & (others * side <= 0)).all(axis=1)


def _chance(
    forecast: Forecast,
    expected: np.ndarray,
    left: np.ndarray,
    rows: list[int],
    low: np.ndarray | None,
    high: np.ndarray | None,
) -> np.ndarray:
    """Probability of a value within limits, of some KPIs; NaN = no limit at all.

    :param left: by how much smaller the deviation is than that of the forecast
    """
    chance = np.ones((len(rows), expected.shape[1]))
    is_judged = np.zeros(chance.shape, bool)
    for limit, within in (
        (low, forecast.probability_at_least),
        (high, forecast.probability_at_most),
    ):
        if limit is None:
            continue
        distance = np.full(expected.shape, np.nan)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            distance[rows] = (limit - expected[rows]) / left[rows]
            # nothing is left that could change: it is reached, or not
            is_certain = left[rows] == 0
            found = within(forecast.mean + np.clip(distance, -1e300, 1e300))[rows]
        is_above = limit <= expected[rows]
        certain = is_above if within == forecast.probability_at_least else ~is_above
        certain |= limit == expected[rows]
        found = np.where(is_certain, certain, found)
        is_judged |= ~np.isnan(limit)
        chance -= np.where(np.isnan(limit), 0.0, 1 - found)
    return np.where(is_judged, np.clip(chance, 0.0, 1.0), np.nan)
