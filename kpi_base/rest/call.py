"""Facts about the current request, beside those that Odoo holds."""

import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from psycopg2.errors import LockNotAvailable

from odoo.http import request

from ..repeat import LockedTooLong

GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
LOCK_SPACE = 1_262_570_841  # of the request that waits; timers have the number before
LOCK_SECONDS = 5.0  # that one request waits for what somebody else holds
SHORT_SECONDS = 0.3  # that any other does
OUTSIDE = "kpi_from_outside"  # in the context of clients that may mean another content


@dataclass(frozen=True)
class Identity:
    """Owner of a key, and the scopes it reaches.

    :param is_token: a short-lived token made from the key
    :param per_minute, per_day: limits of its own; 0 = those of the settings
    """

    key_id: int
    key_name: str
    user_id: int
    scopes: frozenset[str]
    is_token: bool = False
    per_minute: int = 0
    per_day: int = 0

    @property
    def may_make_tokens(self) -> bool:
        """Tokens are made from our keys only, and end with them."""
        return not self.is_token and self.key_id > 0


@dataclass
class Call:
    """One request, however often Odoo runs it again after a collision."""

    request_id: str
    started: float = field(default_factory=time.monotonic)
    identity: Identity | None = None
    route: str = ""
    record_ids: list[int] = field(default_factory=list)
    is_confidential: bool = False
    may_wait: bool = False
    row_count: int | None = None
    refusal: int = 0  # status of what an answer of 200 refuses

    @property
    def milliseconds(self) -> int:
        return round((time.monotonic() - self.started) * 1000)


def current_call() -> Call:
    """The call of the request at hand, made on first use."""
    if not hasattr(request, "kpi_call"):
        given = request.httprequest.headers.get("X-Request-ID", "")
        fits = GIVEN_ID.fullmatch(given)
        request.kpi_call = Call(given if fits else uuid.uuid4().hex)
    return request.kpi_call


@contextmanager
def limit_lock_wait(cr) -> Iterator[None]:
    """Leave workers to others: requests wait for locks a moment, one at a time longer.

    That one is run again by Odoo, with the time to wait. Flushes at the end.

    :raises LockedTooLong: somebody else holds what the request needs
    """
    # XML-RPC has no request; runs of a call share their cursor.
    call = current_call() if request else vars(cr).setdefault("kpi_call", Call(""))
    if call.may_wait and not _claim_waiting(cr):
        raise LockedTooLong
    seconds = LOCK_SECONDS if call.may_wait else SHORT_SECONDS
    cr.execute("SET LOCAL lock_timeout = %s", [f"{seconds * 1000:.0f}ms"])
    try:
        yield
        cr.flush()
    except LockNotAvailable as error:
        cr.rollback()
        if call.may_wait or not _claim_waiting(cr):
            raise LockedTooLong from error
        call.may_wait = True
        raise


def _claim_waiting(cr) -> bool:
    """Be the one request that waits, until the end of the transaction."""
    cr.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [LOCK_SPACE])
    return cr.fetchone()[0]
