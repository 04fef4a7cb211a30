"""The SELECT of a dataset: a row per period and scope, two columns per measure."""

import re
from collections.abc import Sequence
from datetime import date

from sqlglot import exp, select

from .dataset import (
    Column,
    Dataset,
    DatasetFault,
    Measure,
    check_dataset,
    quoted,
    write_bounds,
    write_condition,
)
from .words import _lt

_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')
# Their casts take no offset; the adapters have them read texts as UTC.
_WITHOUT_OFFSET = {"clickhouse", "spark"}


def parse_table(text: str) -> exp.Table:
    """A name such as ``sales.orders``; parts with dots stand in double quotes.

    :raises DatasetFault: it is no name
    """
    parts, place = [], 0
    while match := _PART.match(text, place):
        parts.append(match[1].replace('""', '"') if match[1] else match[2].strip())
        place = match.end() + 1
        if text[match.end() : place] not in (".", ""):
            break
    if not 1 <= len(parts) <= 3 or place <= len(text) or not all(parts):
        raise DatasetFault(
            _lt(
                "“%(table)s” is not a valid table name. Enter "
                "table, schema.table or catalog.schema.table."
            ),
            table=text,
        )
    names = [exp.to_identifier(part, quoted=True) for part in parts]
    return exp.Table(
        **dict(zip(("this", "db", "catalog"), reversed(names), strict=False))
    )


def compile_select(
    dataset: Dataset,
    source: exp.Expression,
    days: Sequence[date],
    tz: str,
    dialect: str,
    *,
    pretty: bool = False,
) -> str:
    """The statement as ``read_cells`` takes its rows; the last column is their number.

    So a reader knows from the first row how many there are, and whether all arrived.

    :param source: the table, or the function that reads the files
    :param days: first days of the periods, each the end of the one before; then the
        end of the last
    :param tz: the zone of these days
    :raises DatasetFault: the columns do not fit what is asked of them
    """
    check_dataset(dataset)
    rows = _select_rows(dataset, source, write_bounds(dataset, days, tz))
    names = [f"s{place}" for place in range(len(dataset.scopes))]
    common = ["p", "c"] if dataset.company else ["p"]
    columns = [exp.column(name) for name in common]
    for name in names:
        columns += [
            exp.column(name),
            exp.alias_(
                exp.Anonymous(this="GROUPING", expressions=[exp.column(name)]),
                f"{name}_all",
            ),
        ]
    for place, measure in enumerate(dataset.measures):
        value, weight = _write_measure(measure, place)
        columns += [
            exp.alias_(exp.cast(value, "double"), f"v{place}"),
            exp.alias_(weight, f"w{place}"),
        ]
    groups = select(*columns).from_(rows.subquery("r"))
    groups.set("group", _group_by(common, names))
    count = exp.Window(this=exp.Count(this=exp.Star()))
    whole = select(exp.Star(), exp.alias_(count, "kpi_rows")).from_(
        groups.subquery("g")
    )
    return _write(whole, dialect, pretty=pretty)


def compile_sample(
    dataset: Dataset,
    source: exp.Expression,
    days: Sequence[date],
    tz: str,
    dialect: str,
    *,
    limit: int,
) -> str:
    """Some of the rows that are counted, with the columns that are looked at."""
    columns = [quoted(column) for column in list_columns(dataset)]
    rows = select(*columns).from_(source.copy())
    conditions = _conditions(dataset, write_bounds(dataset, days, tz))
    return _write(rows.where(*conditions).limit(limit), dialect)


def list_columns(dataset: Dataset) -> list[Column]:
    """The columns that are read, each once."""
    conditions = [
        *dataset.conditions,
        *(each for measure in dataset.measures for each in measure.conditions),
    ]
    found = [
        dataset.day,
        dataset.company,
        *(column for _scope_type, column in dataset.scopes),
        *(measure.column for measure in dataset.measures),
        *(condition.column for condition in conditions),
    ]
    return list(dict.fromkeys(column for column in found if column))


def _select_rows(dataset, source, bounds):
    """The rows that count, with what they are grouped by and what is measured."""
    columns = [exp.alias_(_period_number(quoted(dataset.day), bounds), "p")]
    if dataset.company:
        columns.append(exp.alias_(quoted(dataset.company), "c"))
    for place, (_scope_type, column) in enumerate(dataset.scopes):
        columns.append(exp.alias_(quoted(column), f"s{place}"))
    for place, measure in enumerate(dataset.measures):
        counted = quoted(measure.column) if measure.column else exp.Literal.number(1)
        if measure.conditions:
            test = exp.and_(*map(write_condition, measure.conditions))
            counted = exp.Case().when(test, counted)
        columns.append(exp.alias_(counted, f"m{place}"))
    rows = select(*columns).from_(source.copy())
    return rows.where(*_conditions(dataset, bounds))


def _conditions(dataset, bounds):
    day = quoted(dataset.day)
    return [
        exp.GTE(this=day.copy(), expression=bounds[0].copy()),
        exp.LT(this=day.copy(), expression=bounds[-1].copy()),
        *map(write_condition, dataset.conditions),
    ]


def _period_number(day, bounds, first=0):
    """The number of the period that holds ``day``: halves, so that few are compared."""
    count = len(bounds) - 1
    if count == 1:
        return exp.Literal.number(first)
    middle = count // 2
    is_before = exp.LT(this=day.copy(), expression=bounds[middle].copy())
    earlier = _period_number(day, bounds[: middle + 1], first)
    later = _period_number(day, bounds[middle:], first + middle)
    return exp.Case().when(is_before, earlier).else_(later)


def _write_measure(measure: Measure, place: int):
    """Number and weight; a quotient is left to the reader."""
    column = exp.column(f"m{place}")
    count = exp.Count(this=column.copy())
    if measure.function == "count":
        return count, exp.Null()
    if measure.function == "share":
        return count, exp.Count(this=exp.Star())
    if measure.function == "distinct":
        distinct = exp.Distinct(expressions=[column])
        return exp.Count(this=distinct), exp.Null()
    if measure.function == "average":
        return exp.Sum(this=column), count
    kinds = {"sum": exp.Sum, "min": exp.Min, "max": exp.Max}
    return kinds[measure.function](this=column), exp.Null()


def _group_by(common, names):
    if not names:
        return exp.Group(expressions=[exp.column(name) for name in common])
    sets = [
        exp.Tuple(expressions=[exp.column(name) for name in [*common, *some]])
        for some in [[], *([name] for name in names)]
    ]
    return exp.Group(grouping_sets=[exp.GroupingSets(expressions=sets)])


def _write(query, dialect, **options):
    if dialect in _WITHOUT_OFFSET:
        for instant in query.find_all(exp.Cast):
            if instant.is_type("timestamptz"):
                plain = instant.this.this.removesuffix("+00:00")
                instant.set("this", exp.Literal.string(plain))
    return query.sql(dialect=dialect, **options)
