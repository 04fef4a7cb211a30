from datetime import date, datetime, timedelta, timezone
from typing import Annotated

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from ...schemas.base import (
    MAX_ID,
    Answer,
    Body,
    Day,
    Filter,
    Id,
    Moment,
    Name,
    Number,
    OrNone,
    Page,
    Reference,
    Row,
    Text,
    Word,
    list_of,
    query_of,
)

WHOLE, A_DAY = "write a whole number in digits, as 12", "write a day as 2026-01-31"


class ShelfOut(Row):
    name: str
    size: float | None
    room: Reference | None
    active: bool


ShelfQuery = query_of(ShelfOut)
ShelvesQuery = list_of(
    ShelfOut,
    sortable="name",
    room_id=Filter("room_id", kind=Id),
    active=Filter("active", kind=bool),
    name=Filter("name", "ilike"),
    since=Filter("built_on", ">=", date),
    is_open=(bool | None, None),
)


def _fits(kind, value):
    try:
        TypeAdapter(kind).validate_python(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (Id, [1, MAX_ID], [0, -1, MAX_ID + 1]),
        (Day, [date(1990, 1, 1), date(9998, 12, 31)], [date(1989, 12, 31)]),
        (Name, ["a", " a "], ["", "  ", "a\x00b", "a" * 201]),
        (Word, ["", "a" * 200], ["a" * 201, "\x00"]),
        (Text, ["a" * 4000, "a\nb"], ["a" * 4001, "\x00"]),
        (Number, [0, -1e300, 1e300], [float("nan"), float("inf"), 2e300]),
    ],
)
def test_values_within_and_beyond(kind, good, bad):
    assert all(_fits(kind, value) for value in good)
    assert not any(_fits(kind, value) for value in bad)


def test_moments_of_odoo_are_in_utc():
    adapter = TypeAdapter(Moment)
    plain = datetime(2026, 1, 2, 3, 4)
    assert adapter.validate_python(plain) == plain.replace(tzinfo=timezone.utc)
    east = plain.replace(tzinfo=timezone(timedelta(hours=2)))
    assert adapter.validate_python(east).utcoffset() == timedelta(hours=2)


def test_what_odoo_calls_false_is_missing():
    class Shown(BaseModel):
        text: Annotated[str | None, OrNone]
        number: Annotated[int | None, OrNone]

    assert Shown(text=False, number=False).model_dump() == {
        "text": None,
        "number": None,
    }
    assert Shown(text="", number=0).model_dump() == {"text": None, "number": 0}


def test_bodies_take_no_unknown_names_and_no_other_types():
    class ShelfIn(Body):
        name: str
        size: float = 0.0

    assert ShelfIn.model_validate_json('{"name": "a", "size": 1}').size == 1.0
    for text in ('{"name": "a", "x": 1}', '{"name": 1}', '{"name": "a", "size": "1"}'):
        with pytest.raises(ValidationError):
            ShelfIn.model_validate_json(text)


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        ({"limit": "12", "room_id": "7", "is_open": "true", "since": "2026-01-31"}, {}),
        ({"limit": "+12"}, {"limit": WHOLE}),
        ({"room_id": "7.0"}, {"room_id": WHOLE}),
        ({"is_open": "yes"}, {"is_open": "write true or false"}),
        ({"since": "31.1.2026", "limit": "x"}, {"since": A_DAY, "limit": WHOLE}),
        ({"name": "12", "bogus": "x"}, {}),  # a text; what the schema itself refuses
    ],
)
def test_texts_of_a_query_string_have_the_form_of_their_type(given, advice):
    assert dict(ShelvesQuery.misread(given)) == advice


def test_the_id_is_among_the_fields_whatever_is_asked_for():
    assert ShelfQuery().names == ["id", "name", "size", "room", "active"]
    assert ShelfQuery(fields="size").names == ["id", "size"]
    assert ShelfQuery(fields="size,id,size").names == ["id", "size"]
    with pytest.raises(ValidationError, match="“owner” is none of id, name, size"):
        ShelfQuery(fields="size,owner")


def test_lists_are_sorted_by_what_the_schema_allows():
    query = ShelvesQuery(sort="-name")
    assert (query.sort_field, query.is_descending) == ("name", True)
    assert ShelvesQuery().sort_field == "id"
    for sort in ("size", "--name", "", "name desc"):
        with pytest.raises(ValidationError, match="use one of id, name"):
            ShelvesQuery(sort=sort)


def test_only_filters_that_are_given_count():
    assert ShelvesQuery().filters == []
    query = ShelvesQuery(name="a", since="2026-01-31", active=False, is_open=True)
    assert query.filters == [
        ("active", "=", False),
        ("name", "ilike", "a"),
        ("built_on", ">=", date(2026, 1, 31)),
    ]


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_a_size(limit):
    with pytest.raises(ValidationError):
        ShelvesQuery(limit=limit)


def test_the_description_says_which_names_and_orders_there_are():
    schema = ShelvesQuery.model_json_schema()["properties"]
    pattern = schema["fields"]["anyOf"][0]["pattern"]
    names = "(id|name|size|room|active)"
    assert pattern == f"^{names}(,{names})*$"
    assert schema["sort"]["enum"] == ["id", "name", "-id", "-name"]
    assert ShelfOut.model_json_schema()["required"] == ["id"]


def test_a_page_says_where_the_next_one_begins():
    shelf = ShelfOut(id=1, name="a", size=None, room=None, active=True)
    page = Page[ShelfOut](items=[shelf], next_cursor=None)
    assert page.model_dump()["next_cursor"] is None
    assert "next_cursor" in Page[ShelfOut].model_json_schema()["required"]
    assert issubclass(Page, Answer)
