"""The share of a target that is due so far in a period.

While a period runs, a KPI that adds up over time is judged by its target for the days
that have passed, today included. An average, a ratio or a last value is judged by its
full target at any time.

The same rule as a numpy function and as an SQL expression, both tested with
``due_cases.json``.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from odoo.addons.kpi_base.engine.periods import Period

from .status import StatusError


def elapsed_ratios(periods: Sequence[Period], today: date) -> np.ndarray:
    """Share of each period's days that has passed, today included: 0 to 1."""
    passed = np.array([(today - period.start).days + 1 for period in periods], float)
    days = np.array([period.days for period in periods], float)
    return np.clip(passed / days, 0.0, 1.0)


def due_share(elapsed: ArrayLike, is_additive: ArrayLike) -> np.ndarray:
    """Share of the target of a full period that is due so far: 0 to 1.

    :param elapsed: share of the days of the period that has passed, 0 to 1
    :param is_additive: whether the KPI adds up over time
    :return: of the broadcast shape
    :raises StatusError: an elapsed share below 0 or above 1
    """
    elapsed = np.asarray(elapsed, float)
    if np.any((elapsed < 0) | (elapsed > 1)):
        raise StatusError(f"The elapsed share must be from 0 to 1, got {elapsed}.")
    return np.where(is_additive, elapsed, 1.0)


def due_share_sql(start: str, stop: str, today: str, aggregation: str) -> str:
    """SQL expression (float8) of :func:`due_share` in a period; NULL without one.

    :param start, stop, today: SQL expressions (date) from code, as is ``aggregation``:
        how the KPI combines over time
    """
    return (
        f"CASE WHEN {aggregation} <> 'sum' OR {stop} <= {today} THEN 1.0::float8"
        f" ELSE GREATEST({today} - {start} + 1, 0)::float8 / ({stop} - {start}) END"
    )


def is_locked(period_stop: date, locked_until: date | Literal[False] | None) -> bool:
    """Return whether the last day of a period up to ``period_stop`` is locked.

    :param period_stop: first day after the period
    :param locked_until: last locked day; none is locked without it
    """
    return bool(locked_until) and period_stop - timedelta(days=1) <= locked_until
