import math
from datetime import date, timedelta

import pytest

from odoo.addons.kpi_base.engine.periods import (
    CalendarSpec,
    periods_between,
    utc_bounds,
)

from ...engine.dataset import (
    Column,
    Condition,
    Dataset,
    DatasetFault,
    Measure,
    classify_type,
    combine,
    read_cells,
    write_bounds,
    write_condition,
)
from ...engine.statement import compile_sample, compile_select, parse_table

duckdb = pytest.importorskip("duckdb")
DIALECTS = ("duckdb", "postgres", "trino", "clickhouse", "spark")
AMOUNT, STATE, DAY = (
    Column("amount", "number"),
    Column("state", "text"),
    Column("day", "date"),
)
MONTHS = (date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
NAN = math.nan


def ask(rows, dataset, days=MONTHS, tz="UTC"):
    """The cells of a dataset over a table of DuckDB, by (period, scope, code)."""
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE t AS SELECT * FROM (VALUES {rows})")
    sql = compile_select(dataset, parse_table("t"), days, tz, "duckdb")
    found = connection.execute(sql).fetchall()
    assert {row[-1] for row in found} <= {len(found)}
    return {cell[:2] + cell[3:4]: cell.numbers for cell in read_cells(dataset, found)}


ROWS = """
    (date '2026-01-01', 1.10, 'sale', 'D1'), (date '2026-01-31', 2.20, 'sale', 'D2'),
    (date '2026-02-01', 4.40, 'draft', 'D1'), (date '2026-02-28', NULL, 'sale', 'D1'),
    (date '2026-03-01', 99, 'sale', 'D1'), (NULL, 99, 'sale', 'D1'),
    (date '2026-02-02', 8.80, NULL, NULL)) AS rows(day, amount, state, dept
"""


def test_each_measure_by_period_and_department():
    sale = (Condition(STATE, "is", ("sale",)),)
    dataset = Dataset(
        DAY,
        (
            Measure("sum", AMOUNT, sale),
            Measure("count"),
            Measure("average", AMOUNT),
            Measure("share", None, sale),
            Measure("distinct", STATE),
            Measure("max", AMOUNT),
        ),
        scopes=(("department", Column("dept", "text")),),
    )
    found = ask(ROWS, dataset)
    assert set(found) == {
        (0, "company", ""),
        (0, "department", "D1"),
        (0, "department", "D2"),
        (1, "company", ""),
        (1, "department", "D1"),
    }
    # 1.1 + 2.2 is 3.3 as decimals, 3.3000000000000003 as doubles
    assert found[0, "company", ""][0] == (3.3, None)
    # February: 4.4 (draft), nothing (sale), 8.8 (no state)
    whole = found[1, "company", ""]
    assert whole[0] == (None, None)
    assert whole[1] == (3, None)
    assert whole[2] == (pytest.approx(13.2), 2)
    assert whole[3] == (1, 3)
    assert whole[4] == (2, None)
    assert whole[5] == (8.8, None)


@pytest.mark.parametrize(
    ("operator", "values", "counted"),
    [
        ("is", ("sale",), 3),
        ("is", ("sale", "draft"), 4),
        ("is", ("it's",), 0),
        ("is_not", ("sale",), 2),  # a missing one is none
        ("empty", (), 1),
        ("filled", (), 4),
    ],
)
def test_conditions(operator, values, counted):
    dataset = Dataset(
        DAY, (Measure("count"),), conditions=(Condition(STATE, operator, values),)
    )
    assert sum(n[0][0] for n in ask(ROWS, dataset).values()) == counted


def test_names_with_quotes_are_names():
    rows = """(date '2026-01-01', 5)) AS r("d""a'y", "x; DROP TABLE t --" """
    dataset = Dataset(
        Column("d\"a'y", "date"),
        (Measure("sum", Column("x; DROP TABLE t --", "number")),),
    )
    assert ask(rows, dataset) == {(0, "company", ""): ((5, None),)}


def test_one_broken_number_stays_one():
    rows = """
        (date '2026-01-01', 'NaN'::double), (date '2026-02-01', 'inf'::double)
        ) AS r(day, amount
    """
    found = ask(rows, Dataset(DAY, (Measure("sum", AMOUNT),)))
    assert math.isnan(found[0, "company", ""][0][0])
    assert math.isinf(found[1, "company", ""][0][0])


@pytest.mark.parametrize("tz", ["Europe/Brussels", "America/Sao_Paulo", "Asia/Beirut"])
def test_days_begin_when_their_zone_says(tz):
    spec = CalendarSpec(tz=tz)
    periods = periods_between(spec, "day", date(2017, 3, 1), date(2018, 3, 1))
    days = [period.start for period in periods] + [periods[-1].stop]
    dataset = Dataset(Column("at", "instant"), (Measure("count"),))
    texts = [bound.this.this for bound in write_bounds(dataset, days, tz)]
    assert texts[:-1] == [f"{utc_bounds(spec, p)[0]}+00:00" for p in periods]


def test_a_moment_counts_on_the_day_of_the_calendar():
    # 23:30 UTC on 28 March is 00:30 on the 29th in Brussels, when summer begins
    rows = """
        ({0} '2026-03-28 23:30{1}'), ({0} '2026-03-29 21:59{1}')) AS r("day"
    """
    days = [date(2026, 3, 28) + timedelta(days=n) for n in range(3)]
    for kind, *text in (("moment", "timestamp", ""), ("instant", "timestamptz", "+00")):
        dataset = Dataset(Column("day", kind), (Measure("count"),))
        found = ask(rows.format(*text), dataset, days, "Europe/Brussels")
        assert found == {(1, "company", ""): ((2, None),)}


def test_the_company_is_part_of_each_group():
    rows = """
        (date '2026-01-05', 'A', 'x'), (date '2026-01-05', 'B', 'x'),
        (date '2026-01-05', NULL, 'x')) AS r(day, firm, who
    """
    who = Column("who", "text")
    dataset = Dataset(
        DAY,
        (Measure("count"),),
        company=Column("firm", "text"),
        scopes=(("user", who),),
    )
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE t AS SELECT * FROM (VALUES {rows})")
    sql = compile_select(dataset, parse_table("t"), MONTHS, "UTC", "duckdb")
    cells = list(read_cells(dataset, connection.execute(sql).fetchall()))
    assert sorted(cell[1:4] for cell in cells) == [
        ("company", "A", "A"),
        ("company", "B", "B"),
        ("user", "A", "x"),
        ("user", "B", "x"),
    ]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_engine_prunes_and_is_asked_once(dialect):
    dataset = Dataset(
        Column("at", "instant"),
        (Measure("sum", AMOUNT),),
        scopes=(("user", Column("who", "text")), ("team", Column("team", "text"))),
    )
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(800)]
    sql = compile_select(dataset, parse_table("a.b"), days, "UTC", dialect)
    assert sql.count(" WHERE ") == 1
    assert "2026-01-01 00:00:00" in sql.split(" WHERE ")[1]
    assert sql.count("GROUPING SETS") == 1
    assert ("+00:00" in sql) == (dialect not in ("clickhouse", "spark"))
    sample = compile_sample(dataset, parse_table("a.b"), days, "UTC", dialect, limit=20)
    assert sample.endswith("LIMIT 20")


@pytest.mark.parametrize("text", ["", ".", "a..b", "a.b.c.d", 'a"b', '"a" b', '"a'])
def test_what_is_no_name_is_refused(text):
    with pytest.raises(DatasetFault):
        parse_table(text)


@pytest.mark.parametrize(
    ("text", "written"),
    [("t", '"t"'), ("a.b", '"a"."b"'), ('"a.b"."c""d"', '"a.b"."c""d"')],
)
def test_names(text, written):
    assert parse_table(text).sql(dialect="duckdb") == written


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (AMOUNT, "1 OR 1=1"),
        (AMOUNT, "NaN"),
        (DAY, "yesterday"),
        (Column("open", "boolean"), "perhaps"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(column, text):
    dataset = Dataset(
        DAY, (Measure("count"),), conditions=(Condition(column, "is", (text,)),)
    )
    with pytest.raises(DatasetFault):
        compile_select(dataset, parse_table("t"), MONTHS, "UTC", "duckdb")


@pytest.mark.parametrize("operator", ["least", "below"])
def test_an_order_is_of_one_value(operator):
    with pytest.raises(DatasetFault):
        write_condition(Condition(AMOUNT, operator, ("1", "5")))


def test_what_cannot_be_measured_is_refused():
    for dataset in (
        Dataset(STATE, (Measure("count"),)),
        Dataset(DAY, (Measure("sum", STATE),)),
        Dataset(DAY, (Measure("sum"),)),
    ):
        with pytest.raises(DatasetFault):
            compile_select(dataset, parse_table("t"), MONTHS, "UTC", "duckdb")


@pytest.mark.parametrize(
    ("function", "parts", "expected"),
    [
        ("sum", [(1.0, None), (2.0, None)], (3.0, None)),
        ("sum", [], (0.0, None)),
        ("average", [(6.0, 2.0), (6.0, 4.0)], (2.0, 6.0)),  # not (3 + 1.5) / 2
        ("average", [], (None, None)),
        ("share", [(1.0, 2.0), (0.0, 2.0)], (25.0, 4.0)),
        ("min", [(3.0, None), (None, None)], (3.0, None)),
        ("max", [], (None, None)),
        ("distinct", [(3.0, None)], (3.0, None)),
        ("distinct", [(3.0, None), (4.0, None)], (None, None)),
        ("count", [], (0.0, None)),
    ],
)
def test_groups_together(function, parts, expected):
    assert combine(function, parts) == expected


@pytest.mark.parametrize(
    ("text", "dialect", "kind"),
    [
        ("DECIMAL(10,2)", "duckdb", "number"),
        ("timestamp without time zone", "postgres", "moment"),
        ("timestamp(3) with time zone", "trino", "instant"),
        ("timestamp", "spark", "instant"),
        ("timestamp_ntz", "spark", "moment"),
        ("DateTime64(3, 'UTC')", "clickhouse", "instant"),
        ("LowCardinality(Nullable(String))", "clickhouse", "text"),
        ("Nullable(Date)", "clickhouse", "date"),
        ("BOOLEAN", "duckdb", "boolean"),
        ("STRUCT(a INTEGER)", "duckdb", "other"),
        ("not a (type", "duckdb", "other"),
    ],
)
def test_types(text, dialect, kind):
    assert classify_type(text, dialect) == kind
