"""What each vendor's file declares and does."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, ClassVar, Literal

from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import FORM, Caller, _lt
from ..engine.oauth import OAuthRefused, read_token

# of what is added up by owner; imports know them in every language
OWNED_TITLES = ("Day", "User", "Amount")
CELLS = int | float | str | date | None
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass
class Pulled:
    """A table that a vendor gave.

    :ivar titles: of the columns
    :ivar rows: as long as the titles
    :ivar periods: those that are complete in it; None = the rows name what they are of
    """

    titles: Sequence[str]
    rows: list[Sequence[CELLS]] = field(default_factory=list)
    periods: Sequence[Period] | None = None


class Adapter:
    """A vendor: what it asks for, how it is tested, and read or told.

    :cvar kind: whether values are pulled, it is told that ours changed (push), or its
        people ask us (chat)
    :cvar name: as people call it
    :cvar icon: of Font Awesome
    :cvar gives: what it is good for, in a sentence
    :cvar needs: what somebody has to have at hand
    :cvar pause: seconds between two calls
    :cvar least_pause: between two pushes
    :cvar scope: of OAuth2, the least that does
    :cvar consent_options: what the vendor's page takes beside what all take
    """

    kind: ClassVar[Literal["pull", "push", "chat"]] = "pull"
    name: ClassVar[str]
    icon: ClassVar[str] = ""
    gives: ClassVar[str] = ""
    needs: ClassVar[str] = ""
    pause: ClassVar[float] = 0.0
    least_pause: ClassVar[timedelta] = timedelta(0)
    scope: ClassVar[str] = ""
    consent_options: ClassVar[Mapping[str, str]] = {}
    authorize_address: ClassVar[str] = ""
    token_address: ClassVar[str] = ""

    @classmethod
    def asks(cls) -> list[TargetOption]:
        """What it has to know beside its credentials."""
        return []

    @classmethod
    def access_addresses(
        cls, caller: Caller, settings: Mapping[str, Any]
    ) -> tuple[str, str]:
        """Where people agree to be read, and where tokens are given.

        :raises VendorFault: a setting is missing
        """
        return cls.authorize_address, cls.token_address

    @classmethod
    def test(cls, caller: Caller, settings: Mapping[str, Any]) -> str:
        """Name of what is connected.

        :raises VendorFault: nothing is
        """
        raise NotImplementedError

    @classmethod
    def pull(
        cls, caller: Caller, settings: Mapping[str, Any], periods: Sequence[Period]
    ) -> Pulled:
        """What it has of these periods, each complete or not there.

        :raises VendorFault: it gave less
        """
        raise NotImplementedError

    @classmethod
    def push(cls, caller: Caller, settings: Mapping[str, Any]) -> None:
        """Tell it that our values changed.

        :raises VendorFault: it does not take that
        """
        raise NotImplementedError


def require(caller: Caller, answer: Any, name: str, kind: type) -> Any:
    """What an answer has under a name.

    :raises VendorFault: it is no object, or has something else there
    """
    value = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise caller.fault(
            _lt("%(vendor)s answered without “%(name)s”: it may have changed."),
            name=name,
        )
    return value


def require_id(caller: Caller, text: str | None) -> str:
    """An ID as vendors number what they have (RFC 9562).

    :raises VendorFault: it is none
    """
    text = (text or "").strip()
    if not _ID.fullmatch(text):
        raise caller.fault(
            _lt("Enter the IDs as %(vendor)s shows them, such as 1a2b3c4d-….")
        )
    return text


def fetch_access(caller: Caller, address: str, question: bytes) -> str:
    """An access token that a vendor gives for a question of ``engine.oauth``.

    :raises VendorFault: it gives none
    """
    try:
        return read_token(caller.ask_plain(address, question, FORM)).access
    except OAuthRefused as refused:
        raise caller.fault(
            _lt("%(vendor)s gives no access: %(code)s."),
            code=refused.code or "no token",
        ) from refused
