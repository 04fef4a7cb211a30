"""The share of a target that is due so far in a period.

While a period runs, a KPI that adds up over time is compared with its target for the
days that are over: today has only begun. What should stay small, or below the end of a
range, may be as large as the limit for these days and today. An average, a ratio or a
last value is compared with its full target at any time. Where a value can only come
closer to its target, as a number of different customers, that is due once reached.

The same rule as a numpy function and as an SQL expression, both tested with
``due_cases.json``.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from odoo.addons.kpi_base.engine.periods import Period

# Over time: values that grow, or can only rise or only fall, while a period runs. What
# they have come to so far is not comparable with a whole period.
CUMULATIVE = frozenset({"sum", "min", "max", "none"})
# Over time, and direction: values that can still reach what they miss so far.
OPEN_TO_REACH = frozenset({("max", "higher"), ("min", "lower"), ("none", "higher")})


def elapsed_ratios(periods: Sequence[Period], today: date) -> np.ndarray:
    """Shares of each period's days that are over, and of those that have begun.

    :return: 0 to 1, shape (2, periods)
    """
    over = np.array([(today - period.start).days for period in periods], float)
    days = np.array([period.days for period in periods], float)
    return np.clip([over / days, (over + 1) / days], 0.0, 1.0)


def is_new(period: Period, today: date) -> bool:
    """Return whether no day of a running period is over; a day itself is never new."""
    return period.days > 1 and period.start == today


def due_shares(
    elapsed: ArrayLike, is_additive: ArrayLike, is_lower: ArrayLike
) -> np.ndarray:
    """Shares of the target of a full period, and of its upper limit, that are due.

    :param elapsed: shares as of :func:`elapsed_ratios`, one behind the other
    :param is_additive: whether the KPI adds up over time
    :param is_lower: whether lower is better: its target is an upper limit
    :return: 0 to 1, NaN while nothing is due; (2, …) and the broadcast shape
    """
    over, begun = elapsed
    shares = np.array(np.broadcast_arrays(np.where(is_lower, begun, over), begun))
    return np.where(is_additive, np.where(shares > 0, shares, np.nan), 1.0)


def find_undecided(
    values: np.ndarray, targets: np.ndarray, is_open: ArrayLike, is_lower: ArrayLike
) -> np.ndarray:
    """Return where a target is missed so far that can still be reached.

    :param values, targets: shape (KPIs, periods); NaN = none
    :param is_open: whether the period runs and the KPI is of :data:`OPEN_TO_REACH`
    :param is_lower: whether lower is better
    :return: booleans of that shape
    """
    is_missed = np.where(is_lower, values > targets, values < targets)
    return np.asarray(is_open, bool) & is_missed


def is_comparable(aggregation_time: str, is_running: bool) -> bool:
    """Return whether what a period has come to is comparable with whole periods."""
    return not (is_running and aggregation_time in CUMULATIVE)


def due_share_sql(row: str, is_limit: str = "TRUE") -> str:
    """SQL expression (float8) of one of :func:`due_shares`; NULL while nothing is due.

    :param row: alias from code of a row of ``period_start``, ``period_stop``, ``today``
        (dates) and ``aggregation_time``
    :param is_limit: SQL expression: whether it is the share of an upper limit
    """
    start, stop, today = f"{row}.period_start", f"{row}.period_stop", f"{row}.today"
    return (
        f"CASE WHEN {row}.aggregation_time <> 'sum' OR {stop} <= {today} THEN 1.0"
        f" ELSE NULLIF(GREATEST({today} - {start} + ({is_limit})::int, 0), 0)::float8"
        f" / ({stop} - {start}) END"
    )


def undecided_sql(row: str, value: str, target: str) -> str:
    """SQL expression (boolean) of :func:`find_undecided`; NULL without a target.

    :param row: as of :func:`due_share_sql`, with ``direction``
    :param value, target: columns from code
    """
    kinds = ", ".join(f"('{kind}', '{way}')" for kind, way in sorted(OPEN_TO_REACH))
    return (
        f"({row}.period_stop > {row}.today"
        f" AND ({row}.aggregation_time, {row}.direction) IN ({kinds})"
        f" AND CASE WHEN {row}.direction = 'lower' THEN {value} > {target}"
        f" ELSE {value} < {target} END)"
    )


def is_locked(period_stop: date, locked_until: date | Literal[False] | None) -> bool:
    """Return whether the last day of a period up to ``period_stop`` is locked.

    :param period_stop: first day after the period
    :param locked_until: last locked day; none is locked without it
    """
    return bool(locked_until) and period_stop - timedelta(days=1) <= locked_until
