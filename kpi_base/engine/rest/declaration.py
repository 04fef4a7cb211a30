"""Declaration of a route; checks, answers and description follow from it."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import BaseModel

from ...schemas.base import Query

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


@dataclass(frozen=True)
class Operation:
    """A declared route at one path and method.

    :param name: of the operation, unique
    :param path: with ``{name}`` for its arguments
    :param method: in lower case
    :param path_types: name → type of the path's arguments
    :param tag: what it is about
    :param description: more than the summary
    """

    name: str
    path: str
    method: str
    tag: str
    description: str
    declaration: Declaration
    path_types: dict[str, type] = field(default_factory=dict)
