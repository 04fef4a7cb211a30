from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest

from ...engine.odata import conditions
from ...engine.odata.conditions import read_filter, read_part
from ...engine.odata.entities import EDM, EntitySet, write_csdl
from ...engine.odata.fault import ODataFault
from ...engine.odata.options import read_options

KINDS = {
    "id": "Int32",
    "value": "Double",
    "name": "String",
    "day": "Date",
    "at": "DateTimeOffset",
    "open": "Boolean",
}
OTHER = EntitySet("Others", "Other", ("id",), {"id": "Int32", "name": "String"})
SET = EntitySet("Rows", "Row", ("id",), KINDS, links={"Other": ("value", OTHER)})
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "sql", "values"),
    [
        ("id eq 5", 'row."id" = %s', [5]),
        ("5 lt value", 'row."value" > %s', [5]),  # the column comes first
        ("value le -1.5e3", 'row."value" <= %s', [-1500.0]),
        (
            "name eq 'it''s \u202e\\ %s'",
            'row."name" = %s',
            ["it's \u202e\\ %s"],
        ),
        ("name eq null", 'row."name" IS NOT DISTINCT FROM %s', [None]),
        ("name ne null", 'row."name" IS DISTINCT FROM %s', [None]),
        ("day ge 2026-01-31", 'row."day" >= %s', [date(2026, 1, 31)]),
        ("at gt 2026-01-31T12:00:00Z", 'row."at" > %s', [NOON]),
        ("at gt 2026-01-31T12:00:00", 'row."at" > %s', [NOON]),  # UTC
        ("id in (1,2)", 'row."id" IN %s', [(1, 2)]),
        ("id in (1)", 'row."id" IN %s', [(1,)]),  # the parser wants two
        ("name in ( 'x' )", 'row."name" IN %s', [("x",)]),
        ("contains(name,'x')", 'position(%s IN row."name") > 0', ["x"]),
        (
            "endswith(name,'x') eq true",
            'starts_with(reverse(row."name"), reverse(%s))',
            ["x"],
        ),
        ("tolower(name) eq 'x'", 'lower(row."name") = %s', ["x"]),
        ("year(day) eq 2026", 'extract(year FROM row."day") = %s', [2026]),
        (
            "year(at) eq 2026",
            "extract(year FROM row.\"at\" AT TIME ZONE 'UTC') = %s",
            [2026],
        ),
        (
            "date(at) ge 2026-01-31",
            "(row.\"at\" AT TIME ZONE 'UTC')::date >= %s",
            [date(2026, 1, 31)],
        ),
        ("open", 'row."open" = %s', [True]),
        ("not open", '(row."open" = %s) IS NOT TRUE', [True]),
        (
            "id eq 1 or id eq 2 and open",  # “and” binds closer
            '(row."id" = %s OR (row."id" = %s AND row."open" = %s))',
            [1, 2, True],
        ),
    ],
)
def test_filters_are_read(text, sql, values):
    assert read_filter(text, KINDS) == (sql, values)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", 400),
        ("id eq", 400),
        ("value eq NaN", 400),
        ("value eq INF", 400),
        ("value eq -INF", 400),
        ("value eq 1e400", 400),  # infinite as a float
        ("id eq " + "9" * 5000, 400),  # more digits than Python reads
        ("id eq 'x'", 400),
        ("name eq 5", 400),
        ("id in (1,'x')", 400),
        ("day eq 2026-02-31", 400),
        ("day eq 2026-01-31T00:00:00Z", 400),
        ("name eq 'a\x00b'", 400),
        ("name lt null", 400),
        ("nope eq 1", 400),
        ("1 eq 1", 501),
        ("value add 1 eq 2", 501),
        ("definition/name eq 'x'", 501),
        ("length(name) eq 2", 501),
        ("contains(id,'x')", 400),
        ("year(name) eq 2026", 400),
        ("date(day) eq 2026-01-31", 400),
        ("hour(day) eq 1", 400),
        ("foo(name) eq 1", 400),
        ("not " * 10_000 + "open", 400),
        ("id eq 1" + " " * 60_000, 400),
        (" or ".join(["id eq 1"] * 501), 400),
        ("id in (" + ",".join(["1"] * 501) + ")", 400),
    ],
)
def test_other_filters_are_refused(text, status):
    with pytest.raises(ODataFault) as fault:
        read_filter(text, KINDS)
    assert fault.value.status == status
    assert len(str(fault.value)) < 400


def test_a_part_of_a_filter_is_about_some_columns():
    text = "id eq 5 and value gt 1 and (name eq 'x' or id eq 7) and not open"
    found = read_part(text, KINDS, {"id", "name"})
    assert found == (
        '(row."id" = %s) AND ((row."name" = %s OR row."id" = %s))',
        [5, "x", 7],
    )
    for text in ("value gt 1", "id eq 5 or value gt 1", "not (id eq 1 and open)"):
        assert read_part(text, KINDS, {"id"}) == conditions.ALL
    assert read_part("id eq 5", KINDS, {"id"}) == ('(row."id" = %s)', [5])


def test_terms_are_limited_and_parentheses_cost_nothing():
    many = " or ".join(["id eq 1"] * conditions.MOST_TERMS)
    assert read_filter(many, KINDS)[1] == [1] * 500
    nested = "(" * 10_000 + "id eq 1" + ")" * 10_000
    assert read_filter(nested, KINDS) == ('row."id" = %s', [1])


def test_options_are_read():
    given = [("$select", "value,name"), ("$orderby", "value desc,name"), ("$top", "5")]
    options = read_options([*given, ("$skip", "2"), ("other", "x")], SET)
    assert options.select == ("value", "name")
    assert options.order == (("value", True), ("name", False), ("id", False))
    assert (options.top, options.skip, options.is_all) == (5, 2, False)
    assert read_options([], SET).is_all


def test_rows_of_other_sets_are_expanded():
    (found,) = read_options([("$expand", "Other")], SET).expand
    assert (found.column, found.of, found.select) == ("value", OTHER, ("id", "name"))
    (found,) = read_options([("$expand", " Other ( $select=name ) ")], SET).expand
    assert found.select == ("name",)
    # an address of a next page, made before there was $expand, is still known
    shapes = {read_options(given, SET).shape for given in ([], [("$expand", "Other")])}
    assert len(shapes) == 2


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("$apply", "aggregate(value with sum as total)", 501),
        ("$search", "x", 501),
        ("$expand", "Kpi", 400),
        ("$expand", "Other($expand=Kpi)", 501),
        ("$expand", "Other($select=nope)", 400),
        ("$expand", "Other,Other", 400),
        ("$expand", "Other(", 501),
        ("$expand", "Other,", 501),
        ("$compute", "x", 501),
        ("@p", "1", 501),
        ("$nope", "x", 400),
        ("$top", "-1", 400),
        ("$top", "1e3", 400),
        ("$top", "٣", 400),  # a digit of another script
        ("$skip", "99999999999", 400),
        ("$count", "yes", 400),
        ("$select", "nope", 400),
        ("$orderby", "value up", 400),
        ("$orderby", "a/b", 501),
        ("$format", "atom", 415),
    ],
)
def test_other_options_are_refused(name, value, status):
    with pytest.raises(ODataFault) as fault:
        read_options([(name, value)], SET)
    assert fault.value.status == status


def test_an_option_given_twice_is_refused():
    with pytest.raises(ODataFault, match="twice"):
        read_options([("$top", "1"), ("$top", "2")], SET)


def test_the_description_names_each_column_and_what_is_never_empty():
    root = ElementTree.fromstring(write_csdl([SET, OTHER]))
    kind, other = root.findall(f".//{{{EDM}}}EntityType")
    properties = kind.findall(f"{{{EDM}}}Property")
    found = {one.get("Name"): one.get("Type") for one in properties}
    assert found == {name: f"Edm.{kind}" for name, kind in KINDS.items()}
    assert [one.get("Name") for one in properties if one.get("Nullable")] == ["id"]
    link = kind.find(f"{{{EDM}}}NavigationProperty")
    assert link.attrib == {"Name": "Other", "Type": "kpi.Other"}
    assert link[0].attrib == {"Property": "value", "ReferencedProperty": "id"}
    assert other.find(f"{{{EDM}}}NavigationProperty") is None
    bound = root.find(f".//{{{EDM}}}NavigationPropertyBinding")
    assert bound.attrib == {"Path": "Other", "Target": "Others"}
