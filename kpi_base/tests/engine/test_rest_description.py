import runpy
from datetime import date
from types import SimpleNamespace
from typing import ClassVar

import pytest

from ...engine.rest.client import python_client
from ...engine.rest.openapi import Declaration, Operation, document
from ...schemas.base import Body, ListQuery, Name, Page, Row


class Thing(Row):
    name: str
    size: float | None


class ThingsQuery(ListQuery):
    row: ClassVar = Thing
    sortable: ClassVar = ("name",)


class ThingIn(Body):
    name: Name


READ = Operation(
    name="list_things",
    path="/api/v1/shelves/{shelf_id}/things",
    method="get",
    tag="things",
    description="All of them.",
    declaration=Declaration(
        summary="Things",
        scope="things.read",
        query=ThingsQuery,
        response=Page[Thing],
        deprecated=date(2026, 1, 1),
    ),
    path_types={"shelf_id": int},
)
WRITE = Operation(
    name="create_thing",
    path="/api/v1/things",
    method="post",
    tag="things",
    description="",
    declaration=Declaration(
        summary="Make a thing",
        scope="things.write",
        body=ThingIn,
        response=Thing,
        status=201,
        example={"name": "It's “one”"},
    ),
)


@pytest.fixture
def described():
    return document([READ, WRITE], title="Things API")


def test_paths_methods_and_names_are_described(described):
    get = described["paths"]["/api/v1/shelves/{shelf_id}/things"]["get"]
    assert (get["operationId"], get["deprecated"]) == ("list_things", True)
    assert "Scope: `things.read`" in get["description"]
    parameters = {parameter["name"]: parameter for parameter in get["parameters"]}
    assert list(parameters) == ["shelf_id", "fields", "limit", "cursor", "sort"]
    assert parameters["shelf_id"]["schema"]["minimum"] == 1
    assert parameters["sort"]["schema"]["enum"] == ["id", "name", "-id", "-name"]
    assert parameters["limit"]["schema"]["maximum"] == 1000


def test_a_post_takes_an_idempotency_key(described):
    post = described["paths"]["/api/v1/things"]["post"]
    names = [parameter["name"] for parameter in post["parameters"]]
    assert names == ["Idempotency-Key"]
    assert list(post["responses"]) == ["201", "default"]


def test_only_the_id_of_a_row_is_certain(described):
    schemas = described["components"]["schemas"]
    assert schemas["Thing"]["required"] == ["id"]
    assert schemas["ThingIn"]["additionalProperties"] is False


def test_snippets_quote_what_a_shell_would_read(described):
    post = described["paths"]["/api/v1/things"]["post"]
    shell = post["x-codeSamples"][0]["source"]
    assert "It'\\''s" in shell


def test_the_client_has_a_method_per_operation(described, tmp_path):
    file = tmp_path / "client.py"
    file.write_text(python_client(described))
    module = SimpleNamespace(**runpy.run_path(str(file)))
    calls = []
    client = module.Client("https://example.com/", "key")
    client._call = lambda *args, **kwargs: calls.append((args, kwargs))
    client.list_things(3, limit=2)
    client.create_thing({"name": "One"}, idempotency_key="a")
    query = {"fields": None, "limit": 2, "cursor": None, "sort": None}
    assert calls == [
        (("GET", "/api/v1/shelves/3/things", query), {}),
        (
            ("POST", "/api/v1/things", {}),
            {"body": {"name": "One"}, "idempotency_key": "a"},
        ),
    ]
    assert module.Client.create_thing.__annotations__["return"] is module.Thing
