"""What each vendor's file declares and does."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, tzinfo
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, Literal

from odoo.addons.kpi_base.engine.periods import Period
from odoo.addons.kpi_base.engine.tabular import TargetOption

from ..engine.caller import Caller, VendorFault, _lt
from ..engine.oauth import Client, Token
from ..engine.record_filter import Condition, FilterFault, parse_filter

# of what is added up by owner; imports know them in every language
OWNED_TITLES = ("Day", "User", "Amount")
NOBODY = Client("")
MAX_PAGES = 500  # of one list
MAX_CHOICES = 5_000  # of one list
LARGEST = 10**300  # sums of them fit into a float
CELLS = int | float | str | date | None
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{0,300})?([eE][+-]?[0-9]{1,2})?")
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
    """A vendor in one run: what it asks for, how it is tested, and read or told.

    :cvar kind: whether values are pulled, it is told that ours changed (push), or its
        people ask us (chat)
    :cvar name: as people call it
    :cvar icon: of Font Awesome
    :cvar gives: what it is good for, in a sentence
    :cvar needs: what somebody has to have at hand
    :cvar options: what it has to know beside its credentials
    :cvar pause: seconds between two calls
    :cvar least_pause: between two pushes
    :cvar scope: of OAuth2, the least that does
    :cvar consent_options: what the vendor's page takes beside what all take
    :cvar are_credentials_needed: whether it answers nobody without them
    :ivar credentials: what somebody typed; empty = the caller has tokens
    :ivar client: what the vendor calls our app, where it gives tokens
    :ivar zone: of the days of the periods
    """

    kind: ClassVar[Literal["pull", "push", "chat", ""]] = ""
    name: ClassVar[str]
    icon: ClassVar[str]
    gives: ClassVar[str] = ""
    needs: ClassVar[str] = ""
    options: ClassVar[Sequence[TargetOption]] = ()
    pause: ClassVar[float] = 0.0
    least_pause: ClassVar[timedelta] = timedelta(0)
    scope: ClassVar[str] = ""
    consent_options: ClassVar[Mapping[str, str]] = {}
    are_credentials_needed: ClassVar[bool] = True
    authorize_address: ClassVar[str] = ""
    token_address: ClassVar[str] = ""

    def __init__(
        self,
        caller: Caller,
        settings: Mapping[str, Any],
        credentials: str = "",
        client: Client = NOBODY,
        zone: tzinfo = UTC,
    ) -> None:
        self.caller, self.settings = caller, settings
        self.credentials, self.client = credentials, client
        self.zone = zone
        caller.explain = self.explain

    @classmethod
    def find_place(cls, settings: Mapping[str, Any]) -> str:
        """The server that its credentials and tokens are for.

        :return: the same for all ways to write one address; an empty text if the
            vendor has one server, or none is entered yet
        """
        return ""

    def explain(self, status: int, said: str) -> VendorFault | None:
        """The fault for an answer that this vendor gives for a known reason.

        :param status: of HTTP
        :param said: the answer, which no sentence for people repeats
        """
        return None

    def sign_in(self) -> None:
        """Have the caller be whoever the credentials are of.

        :raises VendorFault: the vendor does not know them
        """
        if self.credentials:
            self.caller.sign(self.credentials)

    def access_addresses(self) -> tuple[str, str]:
        """Where people agree to be read, and where tokens are given.

        :raises VendorFault: a setting is missing
        """
        return self.authorize_address, self.token_address

    def fetch_token(self, question: bytes) -> Token:
        """What is given for a question of ``engine.oauth``.

        :raises VendorFault: nothing
        """
        return self.caller.fetch_token(self.access_addresses()[1], question)

    def test(self) -> str:
        """Name of what is connected.

        :raises VendorFault: nothing is
        """
        raise NotImplementedError

    def list_choices(self) -> dict[str, list[tuple[str, str]]]:
        """Key of an option → ``(value, label)`` of what it can be at the vendor.

        :raises VendorFault: the vendor does not list them
        """
        return {}

    def pull(self, periods: Sequence[Period]) -> Pulled:
        """What it has of these periods, each complete or not there.

        :raises VendorFault: it gave less
        """
        raise NotImplementedError

    def push(self) -> None:
        """Tell it that our values changed.

        :raises VendorFault: it does not take that
        """
        raise NotImplementedError

    def read_text(self, name: str) -> str:
        """A setting without blanks around it; empty = nothing was entered."""
        return (self.settings.get(name) or "").strip()

    def read_id(self, text: str) -> str:
        """An ID as vendors number what they have (RFC 9562).

        :raises VendorFault: it is none
        """
        if not _ID.fullmatch(text):
            raise self.caller.fault(
                _lt("Enter IDs as %(vendor)s shows them, e.g. 1a2b3c4d-….")
            )
        return text

    def read_choices(
        self, found: Any, kinds: Collection[str] = (), *, name: str = "name"
    ) -> list[tuple[str, str]]:
        """``(name, label)`` of objects or fields that an answer lists.

        :param kinds: types of the fields; none for all
        :param name: key of the name
        """
        choices = []
        for one in found[:MAX_CHOICES]:
            if isinstance(one, dict) and isinstance(key := one.get(name), str):
                label = one.get("label")
                if not kinds or one.get("type") in kinds:
                    choices.append((key, label if isinstance(label, str) else key))
        return sorted(choices, key=lambda choice: choice[1].casefold())

    def require(self, answer: Any, name: str, kind: type) -> Any:
        """What an answer has under a name.

        :raises VendorFault: it is no object, or has something else there
        """
        value = answer.get(name) if isinstance(answer, dict) else None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            if isinstance(answer, dict) and answer.get("error"):
                raise self._refused(answer["error"])
            raise self.caller.fault(
                _lt("%(vendor)s returned no “%(name)s”. Its API may have changed."),
                name=name,
            )
        return value

    def _refused(self, error: Any) -> VendorFault:
        """The fault of an answer that is an error, in spite of its status."""
        code = error.get("code") if isinstance(error, dict) else None
        is_status = type(code) is int and 400 <= code < 600
        return self.caller.refused(code if is_status else 400, json.dumps(error))

    def read_number(self, value: Any, name: str) -> Fraction:
        """A number as JSON or a text has it; None and an empty text are 0.

        :param name: of the field
        :raises VendorFault: it is something else, or not finite
        """
        if value is None or value == "":
            return Fraction(0)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        text = value.strip() if isinstance(value, str) else str(value)
        if (is_number or isinstance(value, str)) and _NUMBER.fullmatch(text):
            number = Fraction(text)
            if abs(number) <= LARGEST:
                return number
        raise self.caller.fault(
            _lt("“%(text)s” in %(name)s is not a number."),
            text="…" if isinstance(value, dict | list) else text[:50],
            name=name,
        )


class Pages:
    """Counts the pages of a list, so that one without an end is a failure."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self.cursors: set[Any] = set()

    def turn(self, cursor: Any) -> None:
        """Note that a page is about to be read.

        :param cursor: what the page is asked for by
        :raises VendorFault: the page was read before, or too many were
        """
        if cursor in self.cursors:
            raise self.caller.fault(
                _lt("%(vendor)s returned the same page twice. No data was saved.")
            )
        if len(self.cursors) >= MAX_PAGES:
            raise self.caller.fault(
                _lt(
                    "%(vendor)s returned more than %(count)s pages. No data was "
                    "saved. Use “Only Where” to read fewer records."
                ),
                count=MAX_PAGES,
            )
        self.cursors.add(cursor)


def complete_address(text: str) -> str:
    """“https://x.example.com” of “x.example.com/”; an empty text stays empty."""
    text = text.strip().rstrip("/")
    return text if "://" in text or not text else f"https://{text}"


def ask_measure(of_sum: str) -> TargetOption:
    """Whether records are added up or counted.

    :param of_sum: what it is called that they are added up
    """
    choices = (("sum", of_sum), ("count", _lt("Number of Records")))
    return TargetOption("measure", _lt("Measure"), "choice", "sum", choices=choices)


class OwnedRecords(Adapter):
    """Records that have an owner: a row of each period and owner.

    :cvar object_form: of the name of an object there; ``field_form``: of a field
    """

    kind = "pull"
    object_form: ClassVar[re.Pattern[str]]
    field_form: ClassVar[re.Pattern[str]]

    @cached_property
    def names(self) -> list[str]:
        """Object; field with its day; field to add up, or empty to count records.

        :raises VendorFault: one that the vendor cannot have
        """
        names = [self.read_text(name) for name in ("object", "day", "amount")]
        if self.settings.get("measure") == "count":
            names[2] = ""
        for place, text in enumerate(names):
            form = self.field_form if place else self.object_form
            if text or place < 2:
                self._check_name(text, form)
        return names

    @cached_property
    def conditions(self) -> list[list[Condition]]:
        """Alternatives of a record, each with all its conditions; none for all records.

        :raises VendorFault: no filter, or a field that the vendor cannot have
        """
        try:
            alternatives = parse_filter(self.read_text("only"))
        except FilterFault as error:
            raise self.caller.fault(error.template, **error.parameters) from error
        for condition in (one for several in alternatives for one in several):
            self._check_name(condition.field, self.field_form)
        return alternatives

    def _check_name(self, text: str, form: re.Pattern[str]) -> None:
        if not form.fullmatch(text):
            raise self.caller.fault(
                _lt("“%(name)s” is not a valid %(vendor)s name."), name=text[:50]
            )

    def add_up(self, period: Period) -> Iterable[tuple[str, float]]:
        """``(e-mail of the owner, amount)`` of a period.

        :raises VendorFault: the vendor gave less than that
        """
        raise NotImplementedError

    def pull(self, periods: Sequence[Period]) -> Pulled:
        _checked = self.names, self.conditions  # before any call
        rows = [
            [period.start, owner, amount]
            for period in periods
            for owner, amount in self.add_up(period)
        ]
        return Pulled(OWNED_TITLES, rows, periods)
