"""Functions common to cells of all kinds."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ..fault import _lt
from ..postgres import is_storable
from .errors import CellError

MOST_COLUMNS = 1_000  # that a table may have
LONGEST_TEXT = 32_767  # characters, as in a spreadsheet
_CLIPPED = 40
_TOTALS = re.compile(
    r"(?:grand |overall )?(?:sub-?\s?)?totals?|sum|summe|gesamt(?:summe)?|zwischensumme"
    r"|total g[ée]n[ée]ral|sous-?total|totaal|suma|totale",
    re.IGNORECASE,
)


def clip_cell(cell: Any) -> str:
    """A cell as it is quoted in a sentence."""
    if isinstance(cell, datetime):
        cell = cell.isoformat(" ", "minutes")
    text = " ".join(str(cell)[: 2 * _CLIPPED].split())
    text = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text
    )
    return text if len(text) <= _CLIPPED else f"{text[: _CLIPPED - 1]}…"


def read_text(cell: Any) -> str:
    """A cell as text, without blanks around it; 12.0 of a spreadsheet is “12”.

    :raises CellError: too long, or with characters that no text may hold
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = str(cell).strip()
    if len(text) > LONGEST_TEXT:
        raise CellError(
            _lt("“%(cell)s” is longer than %(most)s characters."),
            cell=clip_cell(text),
            most=f"{LONGEST_TEXT:,}",
        )
    if not is_storable(text):
        raise CellError(
            _lt("“%(cell)s” contains characters that cannot be stored."),
            cell=clip_cell(text),
        )
    return text


def is_totals_row(cells: Sequence[Any]) -> bool:
    """Check whether a row adds up those above it: “Total” is its first text."""
    first = next((cell for cell in cells if cell not in (None, "")), None)
    return isinstance(first, str) and bool(_TOTALS.fullmatch(first.strip(" :")))
