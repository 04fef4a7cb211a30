"""What weeks, months, quarters and years come to that are made of shorter periods."""

from collections.abc import Mapping

import numpy as np

from odoo.addons.kpi_tracking.engine.status import achievement
from odoo.addons.kpi_tracking.engine.targets import Targets

from .forecast import Forecast
from .forecast.distribution import Distribution
from .forecast.result import share_above
from .outlook import Outlook, make_whole

LEVELS = (0.8, 0.95)


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
    open_ = expected.sum(axis=1) - np.nan_to_num(so_far)
    with np.errstate(over="ignore", invalid="ignore"):
        mean = (known + open_)[:, None]
        shrunk = np.sqrt((count - begun) / count)[:, None]
        limits = []
        for level in LEVELS:
            width = forecast.totals.width(level)[:, [count - 1]] * shrunk
            limits += [mean - width, mean + width]
        # a sum of what was never negative only grows, one of nothing positive falls
        signs = forecast.low_95[:, :count], forecast.high_95[:, :count]
        grows = (signs[0] >= 0).all(axis=1) & (known >= 0)
        falls = (signs[1] <= 0).all(axis=1) & (known <= 0)
        least = np.where(grows, known, -np.inf)[:, None]
        most = np.where(falls, known, np.inf)[:, None]
        limits = [np.clip(limit, least, np.maximum(least, most)) for limit in limits]
    achieved = np.full(mean.shape, np.nan)
    chances = achieved.copy()
    scale = forecast.totals.scale[:, [count - 1]] * shrunk
    for direction, rows in directions.items():
        target, baseline, _stretch, low, high = (
            column[rows] for column in targets.numbers
        )
        achieved[rows] = achievement(
            mean[rows],
            target,
            baseline,
            direction=direction,
            range_low=low,
            range_high=high,
        )
        ends = {"higher": (target, None), "lower": (None, target)}
        chances[rows] = _find_chance(
            forecast, scale, mean, rows, *ends.get(direction, (low, high))
        )
    return Outlook(mean, *make_whole(forecast.kinds, limits), achieved, chances)


def _find_chance(forecast, scale, mean, rows, low, high):
    """Probability of sums within limits, shape (rows, 1); NaN = no limit at all."""
    scale, mean = scale[rows], mean[rows]
    errors = Distribution(scale, forecast.totals.shape[rows])
    chance = np.ones(mean.shape)
    is_judged = np.zeros(mean.shape, bool)
    for limit, side in ((low, 1), (high, -1)):
        if limit is not None:
            found = share_above(errors, side * mean, side * limit)
            # nothing is left that could change: it is reached, or not
            found = np.where(scale == 0, side * mean >= side * limit, found)
            is_judged |= ~np.isnan(limit)
            chance -= np.where(np.isnan(limit), 0.0, 1 - found)
    return np.where(is_judged, np.clip(chance, 0.0, 1.0), np.nan)
