"""Packs: what is refused, and what differs."""

import json

import pytest

from ...engine import pack
from ...engine.pack import Key, PackError, Section

SECTIONS = [
    Section(
        "definitions",
        {
            "code": Key("text", required=True),
            "unit": Key("text", choices=("number", "percent")),
            "decimals": Key("integer"),
            "weight": Key("number"),
            "active": Key("boolean"),
            "since": Key("date"),
            "tags": Key("texts"),
            "lines": Key("entries", keys={"field": Key("text", required=True)}),
        },
        ("code",),
    )
]


def document(*definitions, **header):
    whole = {"format": "kpi.pack", "version": 1, "definitions": list(definitions)}
    return json.dumps({**whole, **header})


def problems(text):
    with pytest.raises(PackError) as refused:
        pack.read(text, SECTIONS)
    return str(refused.value)


def test_what_is_written_is_read_again():
    entry = {"code": "won", "decimals": 2, "weight": 0.5, "lines": [{"field": "x"}]}
    text = pack.write("Mine", {"definitions": [entry], "targets": []})
    found = pack.read(text.encode(), SECTIONS)
    assert found["definitions"] == [entry]
    assert found["name"] == "Mine"


def test_a_missing_section_is_empty():
    assert (
        pack.read('{"format": "kpi.pack", "version": 1}', SECTIONS)["definitions"] == []
    )


def test_a_byte_order_mark_is_no_reason_to_refuse():
    assert pack.read(b"\xef\xbb\xbf" + document().encode(), SECTIONS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "invalid JSON at line 1, column 1."),
        ("[1]", "“format” must be"),
        ('{"format": "other", "version": 1}', "“format” must be"),
        ("{" * 3, "invalid JSON at line"),
        ("[" * 100_000, "nested too deeply"),
        (b"\xff\xfe{}", "UTF-8"),
        ('{"format": "kpi.pack", "format": "kpi.pack"}', "“format” is duplicated"),
        ('{"format": "kpi.pack", "version": NaN}', "NaN is not a valid"),
        ('{"format": "kpi.pack", "version": -Infinity}', "-Infinity is not a valid"),
        (document(version=2), "Pack version 2 is newer than 1"),
        (document(version=0), "“version” must be a positive whole number"),
        (document(version=True), "“version” must be a positive whole number"),
        (document(version="1"), "“version” must be a positive whole number"),
        (document(rules=[]), "Unknown sections: “rules”. Check"),
        (document(name=3), "“name” must be text"),
        (document(definitions={}), "definitions: must be a list"),
        (document(3), "definitions, entry 1: use “key”: value pairs"),
        (document({"decimals": 1}), "definitions, entry 1: “code” is missing"),
        (document({"code": ""}), "“code” is missing"),
        (document({"code": "a", "colour": 1}), "entry 1 (a): “colour” is unknown"),
        (document({"code": "a", "unit": "kg"}),
         "replace “kg” with one of: number, percent"),
        (document({"code": "a", "decimals": 1.5}),
         "“decimals”: must be a whole number"),
        (document({"code": "a", "decimals": True}),
         "“decimals”: must be a whole number"),
        (document({"code": "a", "decimals": 10**400}),
         "“decimals”: must be a whole number"),
        (document({"code": "a", "weight": "1"}), "“weight”: must be a number"),
        (document({"code": "a", "weight": 10**400}), "“weight”: must be a number"),
        ('{"format": "kpi.pack", "version": 1, "definitions":'
         ' [{"code": "a", "weight": 1e999}]}', "“weight”: must be a number"),
        (document({"code": "a", "active": 1}), "“active”: must be true or false"),
        (document({"code": "a", "since": "31.1.2026"}),
         "“since”: must be a date such as"),
        (document({"code": "a", "tags": ["x", 1]}), "“tags”: must be a list of texts"),
        (document({"code": "a\x00b"}), "“code”: must be text"),
        (document({"code": "a\ud800b"}), "“code”: must be text"),
        ('{"version": 1' + "0" * 5000 + "}", "a number is too long"),
        (document({"code": "a", "lines": [{}]}), "entry 1: “field” is missing"),
        (document({"code": "a"}, {"code": "a"}), "definitions: “a” appears twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(text, said):
    assert said in problems(text)


def test_all_problems_are_told_at_once_but_not_thousands():
    said = problems(document(*({"x": number} for number in range(500))))
    assert "entry 1:" in said
    assert "entry 5:" in said
    assert said.splitlines()[-1] == "… and 980 more."


def test_null_clears_what_is_not_required():
    assert pack.read(document({"code": "a", "unit": None}), SECTIONS)


def test_only_what_an_entry_says_is_compared():
    old = {"code": "a", "unit": "number", "decimals": 2, "tags": []}
    new = {"code": "a", "unit": "percent", "tags": None}
    assert pack.changes(old, new) == [pack.Change("unit", "number", "percent")]


def test_numbers_are_equal_beyond_their_writing():
    assert pack.changes({"weight": 1.0}, {"weight": 1}) == []
    assert pack.changes({"weight": 0.1 + 0.2}, {"weight": 0.3}) == []
    assert pack.changes({"weight": 0.3}, {"weight": 0.31})
