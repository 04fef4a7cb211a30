"""Conditions of alert rules, judged for many pairs of a rule and a KPI at once.

Periods are columns, the newest first: column 0 is the period that runs now, 1 the one
that closed last. A number that is not known is NaN, and changes nothing: it neither
fires nor clears, and it interrupts periods in a row.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

COMPARED = ("value", "target", "achievement", "previous", "last_year", "baseline")
CONDITIONS = ("below", "above", "outside")
# what a rule says of one period
UNKNOWN, CLEAR, BETWEEN, BREACH = range(4)
# Of the larger of number and limit: 0.7 / 0.1 is not above 7.
ROUNDING = 1e-9
LARGEST = 1e150  # larger magnitudes count as this, so that no ratio overflows
SMALLEST = 1e-150  # smaller magnitudes count as 0


@dataclass(frozen=True)
class Conditions:
    """Conditions of rules, or of pairs of a rule and a KPI; arrays of one length.

    :param compared: places in :data:`COMPARED`
    :param condition: places in :data:`CONDITIONS`
    :param threshold, threshold_high: limits; the upper one is read for “outside” only
    :param clear, clear_high: from where on an alert ends; NaN = at the limits
    :param periods: how many periods in a row it takes
    :param recent: how many of the newest closed periods may fire
    :param least_weight: of a period with a weight; NaN = any
    :param has_running: whether the period that runs now is judged too
    """

    compared: np.ndarray
    condition: np.ndarray
    threshold: np.ndarray
    threshold_high: np.ndarray
    clear: np.ndarray
    clear_high: np.ndarray
    periods: np.ndarray
    recent: np.ndarray
    least_weight: np.ndarray
    has_running: np.ndarray

    def take(self, places: np.ndarray) -> "Conditions":
        """Those at ``places``, such as the rule of each pair."""
        return Conditions(*(array[places] for array in vars(self).values()))


@dataclass(frozen=True)
class Verdict:
    """What the newest known period of each pair says; arrays of one length.

    :param column: of that period, -1 where none is known
    :param grade: of it, ``UNKNOWN`` where none is known
    :param run: periods in a row that break the rule, up to and with it
    :param fires: whether a new alert is due
    """

    column: np.ndarray
    grade: np.ndarray
    run: np.ndarray
    fires: np.ndarray


def compare(
    value: np.ndarray,
    *,
    target: np.ndarray,
    baseline: np.ndarray,
    previous: np.ndarray,
    last_year: np.ndarray,
    achievement: np.ndarray,
) -> dict[str, np.ndarray]:
    """The numbers that rules compare, by the keys of :data:`COMPARED`.

    The share of a target that is not above 0 says nothing, nor does a change on 0.

    :param value: shape (KPIs, columns), as are all others
    :param achievement: in percent
    """
    return {
        "value": value,
        "target": _divide(value, target, target > 0),
        "achievement": achievement,
        "previous": _change(value, previous),
        "last_year": _change(value, last_year),
        "baseline": _change(value, baseline),
    }


def pick(
    numbers: Mapping[str, np.ndarray], rows: np.ndarray, rules: Conditions
) -> np.ndarray:
    """What each pair compares: shape (pairs, columns).

    :param numbers: of :func:`compare`
    :param rows: the row of each pair's KPI in them
    :param rules: of each pair
    """
    columns = numbers["value"].shape[1]
    measured = np.empty((len(rows), columns))
    for place, name in enumerate(COMPARED):
        own = np.flatnonzero(rules.compared == place)
        measured[own] = numbers[name][rows[own]]
    measured[~rules.has_running, :1] = np.nan
    return measured


def grade(measured: np.ndarray, weight: np.ndarray, rules: Conditions) -> np.ndarray:
    """What each pair's rule says of each period: ``BREACH``, ``CLEAR``, …

    :param measured: shape (pairs, columns), of :func:`pick`
    :param weight: of the same shape; NaN = the value has none
    :param rules: of each pair
    """
    low, high = rules.threshold[:, None], rules.threshold_high[:, None]
    clear = np.where(np.isnan(rules.clear), rules.threshold, rules.clear)[:, None]
    clear_high = np.where(
        np.isnan(rules.clear_high), rules.threshold_high, rules.clear_high
    )[:, None]
    below, above, outside = (
        (rules.condition == place)[:, None] for place in range(len(CONDITIONS))
    )
    is_breach = np.select(
        [below, above, outside],
        [
            _is_below(measured, low),
            _is_below(low, measured),
            _is_below(measured, low) | _is_below(high, measured),
        ],
        False,
    )
    is_clear = np.select(
        [below, above, outside],
        [
            ~_is_below(measured, clear),
            ~_is_below(clear, measured),
            ~_is_below(measured, clear) & ~_is_below(clear_high, measured),
        ],
        False,
    )
    grades = np.where(is_breach, BREACH, np.where(is_clear, CLEAR, BETWEEN))
    is_light = weight < rules.least_weight[:, None]
    return np.where(np.isnan(measured) | is_light, UNKNOWN, grades).astype(np.int8)


def judge(grades: np.ndarray, rules: Conditions, look: np.ndarray) -> Verdict:
    """What follows for each pair.

    :param grades: shape (pairs, columns), of :func:`grade`
    :param rules: of each pair
    :param look: how many columns are looked at for each pair
    """
    pairs, columns = grades.shape
    if not columns:
        none = np.zeros(pairs, int)
        return Verdict(none - 1, none, none, none.astype(bool))
    numbers = np.arange(columns)
    seen = np.where(numbers < look[:, None], grades, UNKNOWN)
    is_known = seen != UNKNOWN
    column = np.where(is_known.any(axis=1), is_known.argmax(axis=1), -1)
    newest = np.take_along_axis(seen, np.maximum(column, 0)[:, None], axis=1)[:, 0]
    # Where the row of breaches that begins at the newest known period ends.
    is_end = (seen != BREACH) & (numbers >= np.maximum(column, 0)[:, None])
    end = np.where(is_end.any(axis=1), is_end.argmax(axis=1), columns)
    run = np.where(column >= 0, end - column, 0)
    fires = (column >= 0) & (column <= rules.recent) & (run >= rules.periods)
    return Verdict(column, np.where(column >= 0, newest, UNKNOWN), run, fires)


def _is_below(number: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Whether a number is below a limit by more than rounding; not where one is NaN."""
    with np.errstate(invalid="ignore"):
        return number < limit - ROUNDING * np.fmax(np.abs(number), np.abs(limit))


def _change(value: np.ndarray, base: np.ndarray) -> np.ndarray:
    """Change on ``base`` in percent of its size; NaN where that is 0."""
    value, base = _clean(value), _clean(base)
    return 100 * _divide(value - base, np.abs(base), base != 0)


def _divide(value: np.ndarray, base: np.ndarray, where: np.ndarray) -> np.ndarray:
    value, base = _clean(value), _clean(base)
    out = np.full(np.broadcast_shapes(value.shape, base.shape), np.nan)
    with np.errstate(invalid="ignore"):
        return np.divide(value, base, out=out, where=where & (base != 0))


def _clean(number: np.ndarray) -> np.ndarray:
    number = np.clip(np.asarray(number, float), -LARGEST, LARGEST)
    return np.where(np.abs(number) < SMALLEST, 0.0, number)
