"""Facts about the current request, beside those that Odoo holds."""

import re
import time
import uuid
from dataclasses import dataclass, field

from odoo.http import request

GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


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
