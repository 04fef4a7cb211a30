"""What all cells have in common."""

import re
from collections.abc import Sequence
from typing import Any

LONGEST_TEXT = 32_767  # characters, as in a spreadsheet
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # in PostgreSQL's texts
_CLIPPED = 40
_TOTALS = re.compile(
    r"(?:grand |overall )?(?:sub-?\s?)?totals?|sum|summe|gesamt(?:summe)?|zwischensumme"
    r"|total g[ée]n[ée]ral|sous-?total|totaal|suma|totale",
    re.IGNORECASE,
)


class CellError(ValueError):
    """A cell that does not hold what its column should; the text says why."""


def clipped(cell: Any) -> str:
    """A cell as it is quoted in a sentence."""
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
            f"“{clipped(text)}” is longer than {LONGEST_TEXT:,} characters."
        )
    if UNSTORABLE.search(text):
        raise CellError(f"“{clipped(text)}” holds characters that cannot be stored.")
    return text


def is_totals_row(cells: Sequence[Any]) -> bool:
    """Whether a row adds up those above it: “Total” is its first text."""
    first = next((cell for cell in cells if cell not in (None, "")), None)
    return isinstance(first, str) and bool(_TOTALS.fullmatch(first.strip(" :")))
