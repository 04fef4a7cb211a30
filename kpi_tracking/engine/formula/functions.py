"""Operators and functions of formulas: one entry each, with what it computes.

Numbers are float64 arrays of shape (scopes, periods), oldest period first, or plain
floats where a formula holds a constant; NaN is a missing value. A logical value is
a pair of boolean arrays (is true, is false); where both are False it is missing.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce

import numpy as np

NAN = float("nan")
PERIODS_LIMIT = 400
DIGITS_LIMIT = 12

Logical = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Operation:
    """An operator or a function: its operands, its result and how it is computed.

    ``apply`` gets the context first if ``needs_context``, then the operands, then
    the parameter if there is one. ``parameter`` is ``periods`` or ``digits`` (a
    integer written in the formula) or ``code`` (a KPI's code, not its value).
    """

    apply: Callable
    operands: tuple[int, int]
    usage: str = ""
    takes_logical: tuple[bool, ...] = (False,)
    gives_logical: bool = False
    parameter: str | None = None
    parameter_default: int | None = None
    needs_context: bool = False
    looks_back: Callable[[int], int] | None = None

    def takes_logical_at(self, position: int) -> bool:
        """Return whether an operand is a truth value; the last entry repeats."""
        return self.takes_logical[min(position, len(self.takes_logical) - 1)]


def as_logical(value: np.ndarray) -> Logical:
    """A number read as true (not 0) or false (0)."""
    is_false = np.equal(value, 0.0)
    return (value == value) & ~is_false, is_false


def as_number(logical: Logical) -> np.ndarray:
    """1 for true, 0 for false, NaN for missing."""
    is_true, is_false = logical
    return np.where(is_true, 1.0, np.where(is_false, 0.0, NAN))


def compare_with(is_true: Callable, is_false: Callable) -> Callable[..., Logical]:
    """A comparison of two numbers; neither holds where one of them is missing."""
    return lambda left, right: (is_true(left, right), is_false(left, right))


def different(left, right) -> np.ndarray:
    return np.less(left, right) | np.greater(left, right)


def negate(logical: Logical) -> Logical:
    is_true, is_false = logical
    return is_false, is_true


def both(*logicals: Logical) -> Logical:
    """Kleene's and: one false decides, whatever is missing."""
    return (
        reduce(np.logical_and, [is_true for is_true, _ in logicals]),
        reduce(np.logical_or, [is_false for _, is_false in logicals]),
    )


def either(*logicals: Logical) -> Logical:
    """Kleene's or: one true decides, whatever is missing."""
    return negate(both(*map(negate, logicals)))


def choose(condition: Logical, then, otherwise) -> np.ndarray:
    """``then`` where true, ``otherwise`` where false, NaN where unknown."""
    is_true, is_false = condition
    return np.where(is_true, then, np.where(is_false, otherwise, NAN))


def power(base, exponent) -> np.ndarray:
    """``base ** exponent``; NaN where either is NaN (IEEE 754 gives NaN ** 0 = 1)."""
    return np.where(np.isnan(base) | np.isnan(exponent), NAN, base**exponent)


def coalesce(*values) -> np.ndarray:
    """The first known of the values."""
    result = values[-1]
    for value in reversed(values[:-1]):
        result = np.where(np.isnan(value), result, value)
    return result


def total(*values) -> np.ndarray:
    """Sum of the known values; NaN where none is."""
    known_sum, known_count = _sum_and_count(values)
    return np.where(known_count > 0, known_sum, NAN)


def mean(*values) -> np.ndarray:
    """Mean of the known values; NaN where none is."""
    known_sum, known_count = _sum_and_count(values)
    return _mean(known_sum, known_count)


def _sum_and_count(values) -> tuple[np.ndarray, np.ndarray]:
    known_sum, known_count = 0.0, 0.0
    for value in values:
        is_missing = np.isnan(value)
        known_sum = known_sum + np.where(is_missing, 0.0, value)
        known_count = known_count + ~is_missing
    return known_sum, known_count


def _mean(known_sum: np.ndarray, known_count: np.ndarray) -> np.ndarray:
    return np.where(known_count > 0, known_sum / np.maximum(known_count, 1.0), NAN)


def round_half_away(value, digits: int) -> np.ndarray:
    """Nearest decimal number of ``digits`` places; halves go away from zero.

    The product may miss a half by its last bits (1.005 * 100 = 100.49999999999999),
    so four units in the last place are added before it is cut. Beyond 1e15 a
    double holds no decimals: such a number stays as it is.
    """
    factor = 10.0 ** abs(digits)
    size = np.abs(value) * factor if digits >= 0 else np.abs(value) / factor
    scaled = np.floor(size * (1 + 2.0**-50) + 0.5)
    result = scaled / factor if digits >= 0 else scaled * factor
    return np.where(size < 1e15, np.copysign(result, value), value) + 0.0


def previous(value: np.ndarray, periods: int) -> np.ndarray:
    """The value ``periods`` periods earlier; NaN before the first one."""
    return shift(value, periods, NAN)


def rolling_mean(value: np.ndarray, periods: int) -> np.ndarray:
    """Mean of the known values of the last ``periods`` periods; NaN where none is."""
    is_missing = np.isnan(value)
    pair = np.stack([np.where(is_missing, 0.0, value), ~is_missing])
    known_sum, known_count = trailing_sum(pair, periods)
    return _mean(known_sum, known_count)


def trailing_sum(values: np.ndarray, window: int) -> np.ndarray:
    """Sum over the last ``window`` positions of the last axis.

    Windows of 1, 2, 4, … positions are added up, so that nothing is ever subtracted:
    the difference of two running totals would lose small values beside large ones.
    """
    result = np.zeros_like(values)
    doubled, covered, size = values, 0, 1
    while True:
        if window & size:
            result = result + shift(doubled, covered)
            covered += size
        size *= 2
        if size > window:
            return result
        doubled = doubled + shift(doubled, size // 2)


def shift(values: np.ndarray, steps: int, fill: float = 0.0) -> np.ndarray:
    """Values so many places further on the last axis, and ``fill`` before them."""
    if not steps:
        return values
    result = np.full_like(values, fill)
    result[..., steps:] = values[..., :-steps]
    return result


def year_to_date(context, value: np.ndarray) -> np.ndarray:
    """Sum of the known values since the fiscal year began; NaN while none is."""
    is_missing = np.isnan(value)
    pair = np.stack([np.where(is_missing, 0.0, value), ~is_missing])
    for start, stop in context.years:
        np.cumsum(pair[..., start:stop], axis=-1, out=pair[..., start:stop])
    return np.where(pair[1] > 0, pair[0], NAN)


OPERATORS: dict[str, Operation] = {
    "+": Operation(operator.add, (2, 2)),
    "-": Operation(operator.sub, (2, 2)),
    "*": Operation(operator.mul, (2, 2)),
    "/": Operation(operator.truediv, (2, 2)),
    "//": Operation(operator.floordiv, (2, 2)),
    "%": Operation(operator.mod, (2, 2)),
    "**": Operation(power, (2, 2)),
    "negative": Operation(operator.neg, (1, 1)),
    "<": Operation(compare_with(np.less, np.greater_equal), (2, 2), gives_logical=True),
    "<=": Operation(
        compare_with(np.less_equal, np.greater), (2, 2), gives_logical=True
    ),
    ">": Operation(compare_with(np.greater, np.less_equal), (2, 2), gives_logical=True),
    ">=": Operation(
        compare_with(np.greater_equal, np.less), (2, 2), gives_logical=True
    ),
    "==": Operation(compare_with(np.equal, different), (2, 2), gives_logical=True),
    "!=": Operation(compare_with(different, np.equal), (2, 2), gives_logical=True),
    "and": Operation(both, (2, 400), takes_logical=(True,), gives_logical=True),
    "or": Operation(either, (2, 400), takes_logical=(True,), gives_logical=True),
    "not": Operation(negate, (1, 1), takes_logical=(True,), gives_logical=True),
    "as_number": Operation(as_number, (1, 1), takes_logical=(True,)),
    "as_logical": Operation(as_logical, (1, 1), gives_logical=True),
}

FUNCTIONS: dict[str, Operation] = {
    "if_": Operation(
        choose,
        (3, 3),
        usage="if_(condition, then, otherwise)",
        takes_logical=(True, False),
    ),
    "coalesce": Operation(coalesce, (2, 50), usage="coalesce(a, b, …)"),
    "abs": Operation(np.abs, (1, 1), usage="abs(x)"),
    "round": Operation(
        round_half_away,
        (1, 1),
        usage="round(x) or round(x, digits)",
        parameter="digits",
        parameter_default=0,
    ),
    # NaN where none of the values is known, as sum and avg
    "min": Operation(lambda *a: reduce(np.fmin, a), (2, 50), usage="min(a, b, …)"),
    "max": Operation(lambda *a: reduce(np.fmax, a), (2, 50), usage="max(a, b, …)"),
    "sum": Operation(total, (2, 50), usage="sum(a, b, …)"),
    "avg": Operation(mean, (2, 50), usage="avg(a, b, …)"),
    "prev": Operation(
        previous,
        (1, 1),
        usage="prev(x) or prev(x, periods)",
        parameter="periods",
        parameter_default=1,
        looks_back=lambda periods: periods,
    ),
    "rolling": Operation(
        rolling_mean,
        (1, 1),
        usage="rolling(x, periods)",
        parameter="periods",
        looks_back=lambda periods: periods - 1,
    ),
    "ytd": Operation(year_to_date, (1, 1), usage="ytd(x)", needs_context=True),
    "target": Operation(
        lambda context, code: context.array_of(context.targets, code),
        (0, 0),
        usage="target(code)",
        parameter="code",
        needs_context=True,
    ),
    "baseline": Operation(
        lambda context, code: context.array_of(context.baselines, code),
        (0, 0),
        usage="baseline(code)",
        parameter="code",
        needs_context=True,
    ),
    "days_in_period": Operation(
        operator.attrgetter("days"),
        (0, 0),
        usage="days_in_period()",
        needs_context=True,
    ),
}

DIVISIONS = frozenset({"/", "//", "%"})
HISTORY_FUNCTIONS = frozenset({"prev", "rolling", "ytd"})
OPERATIONS: dict[str, Operation] = {**OPERATORS, **FUNCTIONS}
