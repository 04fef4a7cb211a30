"""Conditions of alert rules, judged for many pairs of a rule and a KPI at once.

Rows are KPIs, or pairs of a rule and a KPI. Periods are columns, the newest first:
column 0 is the period that runs now, 1 the one that closed last. A number that is not
known is NaN, and changes nothing: it neither fires nor clears, and it interrupts
periods in a row.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from odoo.addons.kpi_tracking.engine.due import due_shares
from odoo.addons.kpi_tracking.engine.status import DIRECTIONS, achievement

COMPARED = ("value", "target", "achievement", "previous", "last_year", "baseline")
CONDITIONS = ("below", "above", "outside")
# of a fact, and of what its period is judged by
NUMBERS = ("value", "weight", "target", "baseline", "range_low", "range_high")
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
        """The numbers that rules compare, by the keys of :data:`COMPARED`.

        The share of a target that is not above 0 says nothing, nor does a change on 0.
        An achievement is in percent.

        :param directions: of each KPI
        :param elapsed: shares of the running period's days, of each KPI; (2, KPIs)
        :param is_additive: of each KPI: whether its target grows with these days
        """
        value = self.numbers["value"]
        is_lower = np.asarray(directions) == "lower"
        due = np.ones((2, *value.shape))
        due[:, :, 0] = due_shares(elapsed, is_additive, is_lower)
        previous, achieved = np.full_like(value, np.nan), np.full_like(value, np.nan)
        previous[:, :-1] = value[:, 1:]
        for direction in DIRECTIONS:
            rows = np.asarray(directions) == direction
            target, baseline, low, high = (
                self.numbers[name][rows] * due[int(name == "range_high"), rows]
                for name in NUMBERS[2:]
            )
            achieved[rows] = achievement(
                value[rows],
                target,
                baseline,
                direction=direction,
                range_low=low,
                range_high=high,
            )
        whole = self.numbers["target"]
        return {
            "value": value,
            "target": _divide(value, whole, whole > 0),
            "achievement": achieved,
            "previous": _change(value, previous),
            "last_year": _change(value, self.last_year),
            "baseline": _change(value, self.numbers["baseline"]),
        }


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


def pick(
    numbers: Mapping[str, np.ndarray], rows: np.ndarray, rules: Conditions
) -> np.ndarray:
    """What each pair compares: shape (pairs, columns).

    :param numbers: of :meth:`LatestValues.compare`
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
    is_below, is_above = (
        rules.condition == CONDITIONS.index(name) for name in ("below", "above")
    )

    def find_limits(low: np.ndarray, high: np.ndarray) -> tuple:
        low, high = (
            np.where(is_above, -np.inf, low),
            np.select([is_below, is_above], [np.inf, low], high),
        )
        return low[:, None], high[:, None]

    low, high = find_limits(rules.threshold, rules.threshold_high)
    clear, clear_high = find_limits(
        np.where(np.isnan(rules.clear), rules.threshold, rules.clear),
        np.where(np.isnan(rules.clear_high), rules.threshold_high, rules.clear_high),
    )
    is_breach = _is_below(measured, low) | _is_below(high, measured)
    is_clear = ~_is_below(measured, clear) & ~_is_below(clear_high, measured)
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
