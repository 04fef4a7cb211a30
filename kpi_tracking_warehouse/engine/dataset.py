"""What is read of a table: conditions, measures, whom its rows belong to."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo

from sqlglot import exp
from sqlglot.errors import SqlglotError

from odoo.addons.kpi_base.engine.fault import Fault

from .words import _lt

Function = Literal["count", "distinct", "sum", "average", "min", "max", "share"]
Operator = Literal["is", "is_not", "least", "below", "empty", "filled"]
Kind = Literal["number", "text", "date", "moment", "instant", "boolean", "other"]
ScopeType = Literal["company", "department", "team", "user"]
FUNCTIONS: tuple[Function, ...] = get_args(Function)
# of nothing, these are 0; the others are no number
FROM_ZERO = {"count", "distinct", "sum"}
_TYPES = exp.DataType
_OF_TYPES: dict[Kind, set] = {
    "number": _TYPES.NUMERIC_TYPES | {_TYPES.Type.BIGDECIMAL},
    "text": _TYPES.TEXT_TYPES | {_TYPES.Type.ENUM, _TYPES.Type.UUID},
    "date": {_TYPES.Type.DATE, _TYPES.Type.DATE32},
    "moment": {
        _TYPES.Type.DATETIME,
        _TYPES.Type.TIMESTAMP,
        _TYPES.Type.TIMESTAMPNTZ,
        _TYPES.Type.TIMESTAMP_S,
        _TYPES.Type.TIMESTAMP_MS,
        _TYPES.Type.TIMESTAMP_NS,
    },
    "instant": {_TYPES.Type.TIMESTAMPTZ, _TYPES.Type.TIMESTAMPLTZ},
    "boolean": {_TYPES.Type.BOOLEAN},
}


class DatasetFault(Fault):
    """Why a table cannot be read as somebody described it."""


@dataclass(frozen=True)
class Column:
    name: str
    kind: Kind = "other"


@dataclass(frozen=True)
class Condition:
    """Which rows count.

    :param values: one for ``least`` and ``below``, as people type them
    """

    column: Column
    operator: Operator
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """A number of each group of rows.

    ``average`` and ``share`` come as a sum and what it is divided by, so that engines
    that round quotients yield what the others do.

    :param column: None for ``count`` and ``share``
    :param conditions: of the rows that count; those of a share are all rows else
    """

    function: Function
    column: Column | None = None
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """How the rows of one table become numbers by period and scope.

    :param day: the column that says to which period a row belongs
    :param tz: the clock that a ``moment`` was read from
    :param company: None where all rows are of one company
    :param scopes: what the other columns name
    """

    day: Column
    measures: tuple[Measure, ...]
    tz: str = "UTC"
    company: Column | None = None
    scopes: tuple[tuple[ScopeType, Column], ...] = ()
    conditions: tuple[Condition, ...] = field(default=())


class Cell(NamedTuple):
    """The measures of one scope in one period, as (number, weight)."""

    period: int
    scope_type: ScopeType
    company: str
    code: str
    numbers: tuple[tuple[float | None, float | None], ...]


def classify_type(text: str, dialect: str) -> Kind:
    """What kind of values a column of this type has."""
    try:
        given = exp.DataType.build(text, dialect=dialect)
    except SqlglotError:
        return "other"
    while given.this == _TYPES.Type.LOWCARDINALITY:
        given = given.expressions[0]
    if dialect == "clickhouse" and given.this in (
        _TYPES.Type.DATETIME,
        _TYPES.Type.DATETIME64,
    ):
        return "instant"  # whatever zone it is shown in
    kinds = (kind for kind, types in _OF_TYPES.items() if given.this in types)
    return next(kinds, "other")


def check_dataset(dataset: Dataset) -> None:
    """Refuse what no engine could compute.

    :raises DatasetFault: naming the column
    """
    if dataset.day.kind not in ("date", "moment", "instant"):
        raise DatasetFault(
            _lt("“%(column)s” has no dates. Choose a date column."),
            column=dataset.day.name,
        )
    for measure in dataset.measures:
        check_measure(measure)


def check_measure(measure: Measure) -> None:
    """:raises DatasetFault: nothing to measure, or it holds no numbers"""
    if not measure.column and measure.function not in ("count", "share"):
        raise DatasetFault(_lt("Choose the column to measure."))
    needs_number = measure.function in ("sum", "average", "min", "max")
    if needs_number and measure.column.kind != "number":
        raise DatasetFault(
            _lt("“%(column)s” contains no numbers."), column=measure.column.name
        )


def write_bounds(
    dataset: Dataset, days: Sequence[date], tz: str
) -> list[exp.Expression]:
    """The first moments of ``days`` as literals that the day column is compared with.

    The column itself is not converted, so that the engine reads only the partitions
    that it needs, and no clock of the engine has a part in it.

    :param tz: the zone whose midnights these are
    """
    kind = dataset.day.kind
    if kind == "date":
        return [_cast(day.isoformat(), "date") for day in days]
    clock = ZoneInfo("UTC" if kind == "instant" else dataset.tz)
    moments = (
        datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(tz)).astimezone(clock)
        for day in days
    )
    name = "timestamptz" if kind == "instant" else "timestamp"
    texts = (moment.replace(tzinfo=None).isoformat(" ") for moment in moments)
    suffix = "+00:00" if kind == "instant" else ""
    return [_cast(f"{text}{suffix}", name) for text in texts]


def write_condition(condition: Condition) -> exp.Expression:
    """The condition as SQL; a missing value is never what something is.

    :raises DatasetFault: a value does not fit the column
    """
    column = quoted(condition.column)
    if condition.operator in ("empty", "filled"):
        is_empty = exp.Is(this=column, expression=exp.Null())
        return is_empty if condition.operator == "empty" else exp.not_(is_empty)
    values = [_write_value(condition.column, text) for text in condition.values]
    takes_one = condition.operator in ("least", "below")
    if not values or takes_one and len(values) > 1:  # 1,5 is no number here
        raise DatasetFault(
            _lt("Enter a value for “%(column)s”."),
            column=condition.column.name,
        )
    if condition.operator == "least":
        return exp.GTE(this=column, expression=values[0])
    if condition.operator == "below":
        return exp.LT(this=column, expression=values[0])
    is_one = exp.In(this=column, expressions=values)
    if condition.operator == "is":
        return is_one
    missing = exp.Is(this=column.copy(), expression=exp.Null())
    return exp.or_(exp.not_(is_one), missing)


def quoted(column: Column) -> exp.Column:
    return exp.column(column.name, quoted=True)


def read_cells(dataset: Dataset, rows: Iterable[tuple]) -> Iterator[Cell]:
    """The rows of ``compile_select``; those of nobody are left out."""
    first = 2 if dataset.company else 1
    start = first + 2 * len(dataset.scopes)
    for row in rows:
        company = row[1] if dataset.company else ""
        if company is None:
            continue
        given = [
            (scope_type, row[first + 2 * place])
            for place, (scope_type, _column) in enumerate(dataset.scopes)
            if not row[first + 2 * place + 1]  # 1: not grouped by it
        ]
        scope_type, code = given[0] if given else ("company", company)
        if code is None or (given and code == ""):
            continue
        values = row[start : start + 2 * len(dataset.measures)]
        numbers = [None if value is None else float(value) for value in values]
        pairs = tuple(zip(numbers[::2], numbers[1::2], strict=True))
        yield Cell(int(row[0]), scope_type, str(company), str(code), pairs)


def combine(
    function: Function, parts: Sequence[tuple[float | None, float | None]]
) -> tuple[float | None, float | None]:
    """The number of several groups together, and its weight.

    :return: None where there is none: of nothing, or of distinct values of several
        groups, which nobody can add
    """
    if function in ("average", "share"):
        total = sum(value or 0.0 for value, _weight in parts)
        weight = sum(weight or 0.0 for _value, weight in parts)
        factor = 100.0 if function == "share" else 1.0
        return (factor * total / weight if weight else None), weight or None
    known = [value for value, _weight in parts if value is not None]
    if function in ("min", "max"):
        return ((min if function == "min" else max)(known) if known else None), None
    if function == "distinct" and len(known) > 1:
        return None, None
    return sum(known, 0.0), None


def _cast(text: str, name: str) -> exp.Expression:
    return exp.cast(exp.Literal.string(text), name)


def _write_value(column: Column, text: str) -> exp.Expression:
    try:
        return _VALUES.get(column.kind, exp.Literal.string)(text.strip())
    except (ValueError, InvalidOperation, KeyError) as error:
        raise DatasetFault(
            _lt("“%(text)s” is not valid for “%(column)s”."),
            text=text,
            column=column.name,
        ) from error


def _write_number(text: str) -> exp.Expression:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(text)
    return exp.Literal.number(f"{number:f}")


def _write_moment(text: str, name: str) -> exp.Expression:
    moment = datetime.fromisoformat(text).replace(tzinfo=None)
    suffix = "+00:00" if name == "timestamptz" else ""
    return _cast(f"{moment.isoformat(' ', 'seconds')}{suffix}", name)


_VALUES = {
    "number": _write_number,
    "date": lambda text: _cast(date.fromisoformat(text).isoformat(), "date"),
    "moment": lambda text: _write_moment(text, "timestamp"),
    "instant": lambda text: _write_moment(text, "timestamptz"),
    "boolean": lambda text: exp.Boolean(
        this={"true": True, "false": False}[text.lower()]
    ),
}
