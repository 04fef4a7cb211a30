"""Growth of a benefit after go-live until it has its full size."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np

from odoo.addons.kpi_base.engine.spread import apportion

from .fault import BenefitError


def list_levels(
    kind: str, ramp: int, periods: int, custom: Sequence[float] = ()
) -> np.ndarray:
    """Share of its full size that a benefit has, on average, in each period.

    :param kind: ``linear``; ``s_curve`` (slow, fast, slow: 3t² − 2t³); ``custom``
    :param ramp: periods until the full size; 0 = at once
    :param periods: how many, from go-live
    :param custom: the share in each period, the last one stays; 1 = full size
    :raises BenefitError: another kind, shares below 0 or not finite, none at all
    """
    if kind == "custom":
        given = np.asarray(custom, float)
        if not len(given):
            raise BenefitError("A custom ramp-up needs a share for the first period.")
        if not (np.isfinite(given) & (given >= 0)).all():
            raise BenefitError("Shares of a ramp-up are numbers from 0 upwards.")
        return given[np.minimum(np.arange(periods), len(given) - 1)]
    total = _TOTALS.get(kind)
    if not total:
        raise BenefitError(f"There is no ramp-up “{kind}”.")
    if ramp < 0:
        raise BenefitError("A ramp-up cannot last fewer than 0 periods.")
    if not ramp:
        return np.ones(periods)
    edges = np.minimum(np.arange(periods + 1) / ramp, 1.0)
    beyond = np.maximum(np.arange(periods + 1) / ramp - 1.0, 0.0)
    return np.diff(total(edges) + beyond) * ramp


def spread_total(total: Decimal, levels: np.ndarray, unit: Decimal) -> list[Decimal]:
    """Amount of each period, in proportion to its level; they add up to ``total``.

    :param total: a multiple of ``unit``; below 0 for a disbenefit
    :raises BenefitError: levels that are all 0
    """
    weights = [Decimal(repr(float(level))) for level in levels]
    if not any(weights):
        raise BenefitError("The benefit has no size in any period. Enter a share.")
    return apportion(total, weights, unit)


# Level reached, added up from go-live to each point of the ramp-up.
_TOTALS = {
    "linear": lambda t: t**2 / 2,
    "s_curve": lambda t: t**3 - t**4 / 2,
}
