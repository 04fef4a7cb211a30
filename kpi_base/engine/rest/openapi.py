"""Declared routes, and the description of an interface in OpenAPI 3.1 from them.

Checks and answers follow from the declaration of a route, too.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from ...schemas.base import ROW, Id, ProblemOut, Query, Reference, Row

# (schema, mode) → reference
Refs = dict[tuple[type[BaseModel], str], dict[str, Any]]
REF = "#/components/schemas/{model}"
OMITTED = ("summary", "title", "description", "default", "examples")
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Any text of your own, new for each request. Sent again within 24"
    " hours, it gets the same answer and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
ARGUMENTS = {
    int: TypeAdapter(Id).json_schema(),
    str: {"type": "string", "minLength": 1},
    UUID: {"type": "string", "format": "uuid"},
}
HOST = "https://odoo.example.com"
MEBIBYTE = 2**20


@dataclass(frozen=True)
class Declaration:
    """Input and output of a route.

    :param summary: what it does, in a line
    :param scope: what the key must reach
    :param body, query, response: schemas; without ``response`` the answer is empty.
        The query of a list is a ``RowsQuery`` until the routes of a database are made
    :param status: of a success
    :param proposal: schema of the answer 202: it waits for approval
    :param max_body_bytes: a longer body is refused unread
    :param example: a body
    :param deprecated, sunset: since when it should not, and will not, be used
    :param is_stored: the answer may be stored for an idempotency key, and cached
    :param is_confidential: the access log does not name the records that it is about
    """

    summary: str
    scope: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] = Query
    response: type[BaseModel] | None = None
    status: int = 200
    proposal: type[BaseModel] | None = None
    max_body_bytes: int = MEBIBYTE
    example: Any = None
    deprecated: date | None = None
    sunset: date | None = None
    is_stored: bool = True
    is_confidential: bool = False


@dataclass(frozen=True)
class Operation:
    """A declared route at one path and method.

    :param name: of the operation, unique
    :param path: with ``{name}`` for its arguments
    :param method: in lower case
    :param path_types: name → type of the path's arguments
    :param tag: what it is about
    :param description: more than the summary
    :param endpoint: what serves it
    """

    name: str
    path: str
    method: str
    tag: str
    description: str
    declaration: Declaration
    path_types: dict[str, type] = field(default_factory=dict)
    endpoint: Callable[..., Any] | None = None


def document(
    operations: Iterable[Operation],
    title: str,
    describe_row: Callable[[type[Row]], dict[str, Any]] = lambda _row: {},
) -> dict[str, Any]:
    """The full description, ready to be written as JSON.

    :param describe_row: name → schema of what a row does not say the types of
    """
    operations = list(operations)
    refs, schemas = _schemas(operations)
    for schema in schemas.values():
        if row := schema.pop(ROW, None):
            schema["properties"] |= describe_row(row)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        described = _describe_operation(operation, refs)
        paths.setdefault(operation.path, {})[operation.method] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
        "security": [{"bearer": []}, {"key": []}],
    }


def answer_schema(
    schema: type[BaseModel],
    describe_row: Callable[[type[Row]], dict[str, Any]] = lambda _row: {},
) -> dict[str, Any]:
    """JSON Schema of an answer by itself: “$defs” has all that it refers to.

    :param describe_row: as of ``document``
    """
    shown = {"mode": "serialization", "ref_template": REF}
    found = schema.model_json_schema(**shown)
    definitions = found.setdefault("$defs", {})
    definitions.setdefault("Reference", Reference.model_json_schema(**shown))
    for each in (found, *definitions.values()):
        if row := each.pop(ROW, None):
            each["properties"] |= describe_row(row)
    text = json.dumps(found).replace(REF.format(model=""), "#/$defs/")
    return json.loads(text)


def _schemas(operations: list[Operation]) -> tuple[Refs, dict[str, Any]]:
    """(schema, mode) → reference, and the schemas that are referred to."""
    declared = [each.declaration for each in operations]
    answers = [ProblemOut, Reference]
    answers += [
        schema for each in declared for schema in (each.response, each.proposal)
    ]
    wanted = [(each.body, "validation") for each in declared]
    wanted += [(schema, "serialization") for schema in answers]
    known = dict.fromkeys(each for each in wanted if each[0])
    refs, definitions = models_json_schema(list(known), ref_template=REF)
    return refs, definitions["$defs"]


def _describe_operation(operation: Operation, refs: Refs) -> dict[str, Any]:
    declaration = operation.declaration
    described = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": declaration.summary,
        "description": _description(operation),
        "parameters": list_parameters(operation),
        "responses": _responses(declaration, refs),
        "x-codeSamples": [
            {"lang": language, "source": source}
            for language, source in snippets(operation).items()
        ],
    }
    if operation.method == "post" and declaration.is_stored:
        described["parameters"].append(IDEMPOTENCY_KEY)
    if declaration.body:
        content = {"schema": refs[declaration.body, "validation"]}
        if declaration.example is not None:
            content["example"] = declaration.example
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": content},
        }
    if declaration.deprecated:
        described["deprecated"] = True
    return described


def _description(operation: Operation) -> str:
    """The text, the scope and how to call it, as Markdown."""
    parts = [operation.description, f"Scope: `{operation.declaration.scope}`"]
    for language, source in snippets(operation).items():
        parts.append(f"{language}:\n\n```{language.lower()}\n{source}\n```")
    return "\n\n".join(part for part in parts if part)


def list_parameters(operation: Operation) -> list[dict[str, Any]]:
    """Those of the path, then those of the query string."""
    found: list[dict[str, Any]] = []
    for name, kind in operation.path_types.items():
        schema = dict(ARGUMENTS[kind])
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    query = operation.declaration.query.model_json_schema()
    for name, prop in query.get("properties", {}).items():
        found.append(
            {
                "name": name,
                "in": "query",
                "required": name in query.get("required", ()),
                "description": prop.get("description", ""),
                "schema": _plain(prop, query.get("$defs", {})),
            }
        )
    return found


def _plain(prop: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema of a name in the query string: a missing one stands for null."""
    choices = [each for each in prop.get("anyOf", [prop]) if each != {"type": "null"}]
    found = choices[0]
    if "$ref" in found:
        found = definitions[found["$ref"].rpartition("/")[2]]
    return {key: value for key, value in found.items() if key not in OMITTED}


def _responses(declaration: Declaration, refs: Refs) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done"}
    if declaration.response:
        schema = refs[declaration.response, "serialization"]
        success["content"] = {"application/json": {"schema": schema}}
    responses = {str(declaration.status if declaration.response else 204): success}
    if declaration.proposal:
        schema = refs[declaration.proposal, "serialization"]
        responses["202"] = {
            "description": "It needs approval, and applies once it is approved",
            "content": {"application/json": {"schema": schema}},
        }
    schema = refs[ProblemOut, "serialization"]
    responses["default"] = {
        "description": "An error",
        "content": {"application/problem+json": {"schema": schema}},
    }
    return responses


def snippets(operation: Operation) -> dict[str, str]:
    """Language → a request, ready to be copied."""
    body = operation.declaration.example if operation.declaration.body else None
    path = operation.path
    for name, kind in operation.path_types.items():
        path = path.replace(f"{{{name}}}", "1" if kind is int else name)
    method = operation.method.upper()
    return {
        "Shell": _curl(method, path, body),
        "Python": _python(method, path, body),
        "JavaScript": _javascript(method, path, body),
    }


def _curl(method: str, path: str, body: Any) -> str:
    lines = [f"curl -X {method} {HOST}{path}", '-H "Authorization: Bearer $KPI_KEY"']
    if body is not None:
        text = json.dumps(body).replace("'", "'\\''")
        lines += ["-H 'Content-Type: application/json'", f"-d '{text}'"]
    return " \\\n  ".join(lines)


def _python(method: str, path: str, body: Any) -> str:
    given = f",\n    json={body!r}" if body is not None else ""
    return (
        "import os, requests\n\n"
        f"answer = requests.{method.lower()}(\n"
        f'    "{HOST}{path}",\n'
        '    headers={"Authorization": "Bearer " + os.environ["KPI_KEY"]}'
        f"{given},\n)\n"
        "answer.raise_for_status()"
    )


def _javascript(method: str, path: str, body: Any) -> str:
    kind = content = ""
    if body is not None:
        kind = '        "Content-Type": "application/json",\n'
        content = f"    body: JSON.stringify({json.dumps(body)}),\n"
    return (
        f'const answer = await fetch("{HOST}{path}", {{\n'
        f'    method: "{method}",\n'
        "    headers: {\n"
        '        "Authorization": `Bearer ${process.env.KPI_KEY}`,\n'
        f"{kind}    }},\n{content}}});"
    )
