"""Rows of a message that another system sent: what JSON pointers find in it."""

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from odoo.addons.kpi_base.engine.fault import Fault
from odoo.addons.kpi_base.engine.postgres import is_storable

from .caller import _lt
from .pointer import PointerFault, find, parse_pointer

MOST_ROWS = 10_000
LONGEST = 200  # characters of a name
FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(9998, 12, 31)
LARGEST = 1e300
FROM_TOP = "#"  # before a pointer that begins at the message, not at the row
MILLISECONDS = 10**11  # seconds since 1970 are fewer for thousands of years
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})($|[T ])", re.ASCII)
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{0,300})?([eE][+-]?[0-9]{1,3})?")


class RowFault(Fault):
    """Why a message, or a row of it, says no value."""


@dataclass(frozen=True)
class Pointers:
    """Where a message has what; empty = nowhere, it is known otherwise.

    :ivar rows: of the list; the whole message may be one, or a single row
    """

    rows: str = ""
    kpi: str = ""
    scope: str = ""
    day: str = ""
    value: str = ""


class Said(NamedTuple):
    """What a row says; texts are empty where no pointer leads to any."""

    kpi: str
    scope: str
    day: date
    value: float


def list_items(document: Any, pointers: Pointers) -> list:
    """The rows of a message, as they are there.

    :raises RowFault: there are none, or too many
    """
    if not pointers.value:
        raise RowFault(_lt("Enter the path to the value, then resend the message."))
    found = _find(document, document, pointers.rows)
    items = found if isinstance(found, list) else [found]
    if len(items) > MOST_ROWS:
        raise RowFault(
            _lt("The message has %(count)s rows (limit: %(most)s)."),
            count=len(items),
            most=MOST_ROWS,
        )
    return items


def read_item(item: Any, document: Any, pointers: Pointers, today: date) -> Said:
    """What one of the rows says.

    :param today: its day where no pointer leads to any
    :raises RowFault: something is not there, or is something else
    """
    kpi, scope = (
        _read_name(_find(item, document, place)) if place else ""
        for place in (pointers.kpi, pointers.scope)
    )
    place = pointers.day
    day = _read_day(_find(item, document, place)) if place else today
    return Said(kpi, scope, day, _read_number(_find(item, document, pointers.value)))


def _find(item: Any, document: Any, place: str) -> Any:
    try:
        steps = parse_pointer(place.removeprefix(FROM_TOP))
        return find(document if place.startswith(FROM_TOP) else item, steps)
    except PointerFault:
        raise RowFault(
            _lt("“%(place)s” is not a path like /data/value."), place=place
        ) from None
    except LookupError:
        raise RowFault(_lt("“%(place)s” was not found."), place=place) from None


def _read_name(value: Any) -> str:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    text = str(value) if is_number and abs(value) < 10**18 else value
    if isinstance(text, str) and 0 < len(text) <= LONGEST and is_storable(text):
        return text
    raise RowFault(_lt("“%(text)s” is not a name."), text=_quote(value))


def _read_day(value: Any) -> date:
    try:
        if isinstance(value, str) and (found := _DAY.match(value)):
            day = date.fromisoformat(found[1])
        elif isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value >= MILLISECONDS else value
            day = datetime.fromtimestamp(seconds, UTC).date()
        else:
            raise ValueError
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError
    except (ValueError, OverflowError, OSError):
        raise RowFault(
            _lt("“%(text)s” is not a date like 2026-01-31."), text=_quote(value)
        ) from None
    return day


def _read_number(value: Any) -> float:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    # an integer is compared before it becomes a float, which it may be too large for
    if not is_number or not abs(value) <= LARGEST or math.isnan(value):
        raise RowFault(_lt("“%(text)s” is not a number."), text=_quote(value))
    return float(value)


def _quote(value: Any) -> str:
    """The beginning of what stands there, as a text that can be stored."""
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    text = value if isinstance(value, str) else json.dumps(value)
    return text[:50] if is_storable(text[:50]) else "…"
