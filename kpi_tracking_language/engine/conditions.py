"""The conditions of questions, each applied by one function.

A row has what is known of a KPI or a group: ``value``, ``target``, ``achievement``,
``status`` and ``trend``; of a KPI also ``metric``, ``owners``, ``frequency``,
``updated_on`` and, where it was asked for, ``outlook``, ``chance`` and ``streaks``.
"""

from collections.abc import Iterable, Mapping
from operator import eq, ge, gt, le, lt
from typing import Any

from .intent import Condition

OPERATORS = {">": gt, "<": lt, ">=": ge, "<=": le, "=": eq}
# what a KPI itself is like, whatever its values
OF_KPIS = ("metric", "owner", "frequency", "last_update")
# what its values are like
OF_VALUES = (
    "status",
    "value",
    "target",
    "achievement",
    "without_target",
    "streak",
    "forecast",
    "forecast_chance",
)

Row = Mapping[str, Any]


def keep(rows: Iterable[Row], conditions: Iterable[Condition]) -> list[Row]:
    """The rows that meet all conditions, in their order."""
    conditions = list(conditions)
    return [
        row for row in rows if all(CHECKS[one.field](row, one) for one in conditions)
    ]


def _has_status(row: Row, one) -> bool:
    return _is_in(any(_is(row, name) for name in one.value), one)


def _is(row: Row, status: str) -> bool:
    if status == "above_target":
        return row["achievement"] is not None and row["achievement"] > 100
    if status in ("improving", "declining"):
        return row["trend"] == status
    return row["status"] == status


def _is_in(is_there: bool, one) -> bool:
    return is_there == (one.operator == "in")


def _compare(row: Row, one) -> bool:
    number = row["chance" if one.field == "forecast_chance" else one.field]
    return number is not None and OPERATORS[one.operator](number, one.value)


def _has_no_target(row: Row, one) -> bool:
    return (row["target"] is None) == one.value


def _has_streak(row: Row, one) -> bool:
    return row["streaks"].get((one.status, one.grain), 0) >= one.periods


def _is_expected(row: Row, one) -> bool:
    return row["outlook"] == one.value


def _is_owned(row: Row, one) -> bool:
    return _is_in(not row["owners"].isdisjoint(one.value), one)


def _is_metric(row: Row, one) -> bool:
    return _is_in(row["metric"] in one.value, one)


def _has_frequency(row: Row, one) -> bool:
    return _is_in(row["frequency"] in one.value, one)


def _is_updated(row: Row, one) -> bool:
    day = row["updated_on"]
    # never is before any day
    return (
        one.operator == "<" if day is None else OPERATORS[one.operator](day, one.value)
    )


CHECKS = {
    "status": _has_status,
    "value": _compare,
    "target": _compare,
    "achievement": _compare,
    "forecast_chance": _compare,
    "without_target": _has_no_target,
    "streak": _has_streak,
    "forecast": _is_expected,
    "owner": _is_owned,
    "metric": _is_metric,
    "frequency": _has_frequency,
    "last_update": _is_updated,
}
