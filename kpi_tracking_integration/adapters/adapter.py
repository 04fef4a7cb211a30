"""What each vendor's file declares and does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import Caller, _lt

# of what is added up by owner; imports know them in every language
OWNED_TITLES = ("Day", "User", "Amount")
CELLS = int | float | str | date | None


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
    """A vendor: what it asks for, how it is tested and read.

    :cvar name: as people call it
    :cvar gives: what it is good for, in a sentence
    :cvar needs: what somebody has to have at hand
    :cvar pause: seconds between two calls
    :cvar scope: of OAuth2, the least that does
    """

    name: ClassVar[str]
    gives: ClassVar[str] = ""
    needs: ClassVar[str] = ""
    pause: ClassVar[float] = 0.0
    scope: ClassVar[str] = ""
    authorize_address: ClassVar[str] = ""
    token_address: ClassVar[str] = ""

    @classmethod
    def asks(cls) -> list[TargetOption]:
        """What it has to know beside its credentials."""
        return []

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
