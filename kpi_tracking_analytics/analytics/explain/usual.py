"""Whether a move is more than the usual noise: only then it is worth a reason."""

from dataclasses import dataclass

import numpy as np

from odoo.addons.kpi_tracking.engine.change import UNUSUAL, measure_changes


@dataclass(frozen=True)
class Moves:
    """Moves of every period beside the usual ones; arrays of one shape.

    :ivar steps: differences to the period before; NaN = none
    :ivar ratios: ``steps`` in multiples of the usual one, with their sign; NaN where
        too little is known
    :ivar is_unusual: whether a step is larger than chance; never without a ratio
    """

    steps: np.ndarray
    ratios: np.ndarray
    is_unusual: np.ndarray


def measure_moves(values: np.ndarray, seams: np.ndarray | None = None) -> Moves:
    """Compare every move with the usual ones of the series before it.

    :param values: shape (series, periods), float64, oldest first; NaN = no data
    :param seams: of the same shape: where values are computed otherwise than those
        before, which they are not compared with
    """
    with np.errstate(over="ignore", invalid="ignore"):
        changes = measure_changes(values, seams=seams)
    is_unusual = np.abs(changes.ratios) > UNUSUAL
    return Moves(changes.steps, changes.ratios, is_unusual)
