"""How running and coming periods will probably end, and how that meets targets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np

from odoo.addons.kpi_tracking.engine.status import achievement
from odoo.addons.kpi_tracking.engine.targets import Targets

from .forecast import Forecast, NumberKind
from .forecast.distribution import Distribution
from .forecast.result import share_above

NUMBERS = ("mean", "low_80", "high_80", "low_95", "high_95")
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
    changed = {name: getattr(forecast, name) * factors + sums for name in NUMBERS}
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

    def find_share(rows: list[int], limit: np.ndarray, side: int) -> np.ndarray:
        mean = expected.mean[rows]
        within = (
            forecast.probability_at_least if side > 0 else forecast.probability_at_most
        )
        distance = np.full(expected.mean.shape, np.nan)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            distance[rows] = (limit - mean) / left[rows]
            found = within(forecast.mean + np.clip(distance, -1e300, 1e300))[rows]
        return np.where(left[rows] == 0, side * mean >= side * limit, found)

    return _judge(expected, targets, directions, find_share)


def sum_up(
    forecast: Forecast,
    expected: np.ndarray,
    known: np.ndarray,
    so_far: np.ndarray,
    elapsed: np.ndarray,
    targets: Targets,
    directions: Mapping[str, list[int]],
) -> Outlook:
    """The running longer period of KPIs that add up: what is known, and what is left.

    What is open is the rest of the running shorter period and those after it, up to the
    end of the longer one: their sum lies around its forecast as earlier sums of as many
    periods did, less for the share of the first that has passed.

    :param forecast: from the running shorter period on
    :param expected: what the shorter periods up to the end of the longer one come to,
        shape (KPIs, periods): the running one, of which something is known, first
    :param known: shape (KPIs,): what the longer period has come to up to now
    :param so_far: shape (KPIs,): value of the running shorter period; NaN = none yet
    :param elapsed: shape (KPIs,): share of its working time that has passed
    :param targets: of the longer period, shape (KPIs, 1)
    :return: arrays of shape (KPIs, 1)
    """
    count = expected.shape[1]
    begun = np.where(np.isnan(so_far), 0.0, elapsed)
    shrunk = np.sqrt((count - begun) / count)[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        mean = (known + (expected.sum(axis=1) - np.nan_to_num(so_far)))[:, None]
        limits = []
        for level in (0.8, 0.95):
            width = forecast.totals.width(level)[:, [count - 1]] * shrunk
            limits += [mean - width, mean + width]
        # a sum of what was never negative only grows, one of nothing positive falls
        grows = (forecast.low_95[:, :count] >= 0).all(axis=1) & (known >= 0)
        falls = (forecast.high_95[:, :count] <= 0).all(axis=1) & (known <= 0)
        least = np.where(grows, known, -np.inf)[:, None]
        most = np.where(falls, known, np.inf)[:, None]
        limits = [np.clip(limit, least, np.maximum(least, most)) for limit in limits]
    scale = forecast.totals.scale[:, [count - 1]] * shrunk

    def find_share(rows: list[int], limit: np.ndarray, side: int) -> np.ndarray:
        errors = Distribution(scale[rows], forecast.totals.shape[rows])
        found = share_above(errors, side * mean[rows], side * limit)
        return np.where(scale[rows] == 0, side * mean[rows] >= side * limit, found)

    nothing = np.full(mean.shape, np.nan)
    outlook = Outlook(mean, *_make_whole(forecast.kinds, limits), nothing, nothing)
    return _judge(outlook, targets, directions, find_share)


def _judge(
    outlook: Outlook,
    targets: Targets,
    directions: Mapping[str, list[int]],
    find_share: Callable[[list[int], np.ndarray, int], np.ndarray],
) -> Outlook:
    """The outlook with its achievements and probabilities; NaN = no limit at all.

    :param find_share: rows, their limits, and 1 or −1 → probability of as much or more,
        or of as much or less; where nothing is left that could change, 1 or 0
    """
    achieved, chances = (np.full(outlook.mean.shape, np.nan) for _each in range(2))
    for direction, rows in directions.items():
        target, baseline, _stretch, low, high = (
            column[rows] for column in targets.numbers
        )
        achieved[rows] = achievement(
            outlook.mean[rows],
            target,
            baseline,
            direction=direction,
            range_low=low,
            range_high=high,
        )
        limits = {"higher": {1: target}, "lower": {-1: target}}
        chance = np.ones(target.shape)
        is_judged = np.zeros(target.shape, bool)
        for side, limit in limits.get(direction, {1: low, -1: high}).items():
            is_judged |= ~np.isnan(limit)
            missed = 1 - find_share(rows, limit, side)
            chance -= np.where(np.isnan(limit), 0.0, missed)
        chances[rows] = np.where(is_judged, np.clip(chance, 0.0, 1.0), np.nan)
    return replace(outlook, achievements=achieved, probabilities=chances)


def _blend(
    forecast: Forecast, so_far: np.ndarray, elapsed: np.ndarray, is_additive: np.ndarray
) -> Outlook:
    """The forecast with what is known of the running period in its first column."""
    numbers = [np.array(getattr(forecast, name)) for name in NUMBERS]
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
        numbers[0], *_make_whole(forecast.kinds, numbers[1:]), nothing, nothing
    )


def _make_whole(kinds: np.ndarray, limits: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Limits of counts as whole numbers, low and high in turn, each outwards."""
    counts = (kinds == NumberKind.COUNT)[:, None]
    return [
        np.where(counts, side * np.ceil(side * limit - NEAR), limit)
        for side, limit in zip(cycle((-1, 1)), limits)
    ]


def _never(forecast: Forecast, side: int) -> np.ndarray:
    """Whether a KPI lies on one side of 0 only, as its forecasts do then."""
    ends = forecast.low_95 if side < 0 else forecast.high_95
    with np.errstate(invalid="ignore"):
        return ((ends * side <= 0) & (forecast.mean * side <= 0)).all(axis=1)
