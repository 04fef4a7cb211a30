"""Realised benefits as a share of planned ones."""

import numpy as np

DIGITS = 6  # of amounts; what is beyond them is noise of their sums


def count_realised(planned: float, realised: float | None) -> float:
    """Amount of a month that is over as ratios and gaps count it.

    What was reported; else nothing, and of a disbenefit its plan: saying nothing of it
    does not make anything better.

    :param realised: None = nobody has said
    """
    return min(planned, 0.0) if realised is None else realised


def measure_realisation(realised: np.ndarray, planned: np.ndarray) -> float:
    """Σ realised / Σ planned: a ratio of sums at every level, never a mean of ratios.

    Disbenefits are negative on both sides. To date or of the full life: by which
    periods are given.

    :param realised: one amount per benefit or period, in one currency; NaN = none yet,
        which counts as nothing realised
    :param planned: same shape; NaN = no plan, which leaves the entry out on both sides
    :return: 1 = as planned; NaN where the plan adds up to nothing
    """
    plan, done = np.asarray(planned, float), np.asarray(realised, float)
    is_planned = ~np.isnan(plan)
    total = plan[is_planned].sum()
    if not round(float(total), DIGITS):
        return float("nan")
    return float(np.nansum(done[is_planned]) / total)
