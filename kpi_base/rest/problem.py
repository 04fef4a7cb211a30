"""Errors on their way out: one shape, no traceback, nothing of what was sent."""

import json
from collections.abc import Iterable

from psycopg2 import DatabaseError, InterfaceError, OperationalError
from pydantic import ValidationError as SchemaError
from werkzeug.exceptions import HTTPException

from odoo.exceptions import (
    AccessDenied,
    AccessError,
    ConcurrencyError,
    LockError,
    MissingError,
    UserError,
)
from odoo.http import Response, SessionExpiredException
from odoo.sql_db import PoolError

from ..engine.rest.problem import TYPES
from ..failure import is_disk_full
from .call import current_call

RETRY_SECONDS = 2
FULL_RETRY_SECONDS = 60  # somebody has to free space first
# The first kind of each status, but of 403 the one that has to do with no scope.
BY_STATUS = {kind.status: slug for slug, kind in reversed(TYPES.items())}
BY_STATUS[403] = "forbidden"
BY_EXCEPTION = (
    (MissingError, "not-found"),
    (AccessDenied, "unauthorized"),
    (SessionExpiredException, "unauthorized"),
    (AccessError, "forbidden"),
    (LockError, "conflict"),
    (ConcurrencyError, "conflict"),
    (UserError, "invalid"),
)
# Texts of these are written for people; those of all others may reveal too much.
EXPLAINED = ("conflict", "forbidden", "invalid")


class Problem(HTTPException):
    """An error answer of a kind of ``engine.rest.problem``.

    :param slug: name of the kind
    :param detail: what is wrong this time
    :param errors: (path in the input, what is wrong there)
    """

    def __init__(
        self,
        slug: str,
        detail: str = "",
        errors: Iterable[tuple[str, str]] = (),
        headers: Iterable[tuple[str, str]] = (),
    ):
        self.kind = TYPES[slug]
        self.code = self.kind.status
        self.errors = list(errors)
        self.headers = list(headers)
        super().__init__(detail or self.kind.advice)

    @classmethod
    def of_schema(cls, error: SchemaError) -> "Problem":
        """Names each path of the input, and never the value there."""
        details = error.errors(
            include_url=False, include_context=False, include_input=False
        )
        errors = [
            (_pointer(item["loc"]), item["msg"].removeprefix("Value error, "))
            for item in details[:100]
        ]
        place, text = errors[0]
        return cls("invalid", f"{place}: {text}" if place else text, errors)

    @classmethod
    def of_exception(cls, error: BaseException) -> "Problem":
        if isinstance(error, Problem):
            return error
        if isinstance(error, HTTPException):
            return cls(BY_STATUS.get(error.code, "internal-error"))
        if is_disk_full(error):
            return unavailable("The server's disk is full.", FULL_RETRY_SECONDS)
        if is_database_away(error):
            return unavailable()
        for exception, slug in BY_EXCEPTION:
            if isinstance(error, exception):
                return cls(slug, str(error) if slug in EXPLAINED else "")
        return cls("internal-error")

    @property
    def content(self):
        """The body of the answer, as RFC 9457 has it."""
        return {
            "type": f"/api/kpi/problems/{self.kind.slug}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.description,
            "request_id": current_call().request_id,
            "errors": [
                {"pointer": place, "detail": text} for place, text in self.errors
            ],
        }

    def to_response(self) -> Response:
        headers = [
            ("Content-Type", "application/problem+json"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("X-Request-ID", current_call().request_id),
            *self.headers,
        ]
        if self.kind.slug == "unauthorized":
            headers.append(("WWW-Authenticate", "Bearer"))
        return Response(
            json.dumps(self.content, ensure_ascii=False), self.code, headers
        )


def unavailable(detail: str = "", seconds: int = RETRY_SECONDS) -> Problem:
    return Problem("unavailable", detail, headers=[("Retry-After", str(seconds))])


def is_database_away(error: BaseException | None) -> bool:
    """Check whether the database did not answer, whatever Odoo made of that since."""
    if isinstance(error, UserError) and not isinstance(error, AccessDenied):
        return False
    while error is not None:
        if isinstance(error, (InterfaceError, OperationalError, PoolError)):
            return True
        # A connection that breaks while an answer is read has no code of its own.
        if type(error) is DatabaseError and error.pgcode is None:
            return True
        error = error.__cause__ or error.__context__
    return False


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in location)
    return "".join(f"/{part}"[:100] for part in parts)
