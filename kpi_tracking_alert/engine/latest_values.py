"""Latest values of many KPIs and what they are compared with, as matrices.

Rows are KPIs; columns are periods, the newest first: column 0 is the period that runs
now. NaN = not known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from odoo.addons.kpi_tracking.engine.due import due_share
from odoo.addons.kpi_tracking.engine.status import DIRECTIONS, achievement

from .judging import compare

# of a fact, and of what its period is judged by
NUMBERS = ("value", "weight", "target", "baseline", "range_low", "range_high")


@dataclass(frozen=True)
class LatestValues:
    """Matrices of shape (KPIs, columns).

    :ivar numbers: by the names of :data:`NUMBERS`, of the whole period
    :ivar last_year: values of the periods a year before
    """

    numbers: dict[str, np.ndarray]
    last_year: np.ndarray

    def compare(
        self, directions: Sequence[str], elapsed: np.ndarray, is_additive: np.ndarray
    ) -> dict[str, np.ndarray]:
        """The numbers that rules compare: see :func:`judging.compare`.

        :param directions: of each KPI
        :param elapsed: share of the running period's days that has passed, of each KPI
        :param is_additive: of each KPI: whether its target grows with these days
        """
        value = self.numbers["value"]
        share = np.ones_like(value)
        share[:, 0] = due_share(elapsed, is_additive)
        previous, achieved = np.full_like(value, np.nan), np.full_like(share, np.nan)
        previous[:, :-1] = value[:, 1:]
        for direction in DIRECTIONS:
            rows = np.asarray(directions) == direction
            target, baseline, low, high = (
                self.numbers[name][rows] * share[rows] for name in NUMBERS[2:]
            )
            achieved[rows] = achievement(
                value[rows],
                target,
                baseline,
                direction=direction,
                range_low=low,
                range_high=high,
            )
        return compare(
            value,
            target=self.numbers["target"],
            baseline=self.numbers["baseline"],
            previous=previous,
            last_year=self.last_year,
            achievement=achieved,
        )


def fill_matrices(rows: Iterable[Sequence], shape: tuple[int, int]) -> LatestValues:
    """Matrices of facts that were read.

    :param rows: row, column, whether it is the value a year before, and the numbers of
        :data:`NUMBERS`; None = not known
    :param shape: KPIs, columns
    """
    numbers = {name: np.full(shape, np.nan) for name in NUMBERS}
    last_year = np.full(shape, np.nan)
    table = np.array(list(rows), float).reshape(-1, 3 + len(NUMBERS))
    places = table[:, :2].astype(int)
    is_before = table[:, 2] == 1
    now, before = places[~is_before], places[is_before]
    for at, name in enumerate(NUMBERS, start=3):
        numbers[name][now[:, 0], now[:, 1]] = table[~is_before, at]
    last_year[before[:, 0], before[:, 1]] = table[is_before, 3]
    return LatestValues(numbers, last_year)
