"""Numbers as people and spreadsheets write them."""

import math
import re
from typing import Any, Literal

from ..fault import _lt
from .cells import clip_cell
from .errors import CellError

DecimalMark = Literal[".", ","]
DECIMAL_MARKS: tuple[DecimalMark, ...] = (".", ",")

_SPACES = re.compile(r"[\s'’_]")
# Whole amounts: a sign or name of a currency before or behind the digits.
_AFFIXES = re.compile(
    r"^(?P<sign>[+-]?)(?:[A-Z]{3}|[$€£¥₹₽₩₺₴₫฿]|kr|zł)?(?P<number>[^%A-Za-z$€£¥]+"
    r"(?:[eE][+-]?\d+)?)(?:[A-Z]{3}|[$€£¥₹₽₩₺₴₫฿]|kr\.?|zł)?%?$"
)
_PLAIN = {
    mark: re.compile(
        rf"[+-]?(?:\d+|[1-9]\d{{0,2}}(?:{re.escape(group)}\d{{3}})+)?"
        rf"(?:{re.escape(mark)}\d*)?(?:[eE][+-]?\d+)?"
    )
    for mark, group in ((".", ","), (",", "."))
}
_OTHER_MARK = {
    ".": _lt(
        "“%(cell)s” has a decimal comma, the column's decimal mark is the point. Write "
        "it like 12.5, or choose “12,5” as decimal mark of the column."
    ),
    ",": _lt(
        "“%(cell)s” has a decimal point, the column's decimal mark is the comma. Write "
        "it like 12,5, or choose “12.5” as decimal mark of the column."
    ),
}
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_FAST = re.compile(r"-?\d+(?:\.\d+)?")


def number_marks(text: str) -> frozenset[str]:
    """Decimal marks with which ``text`` is a number.

    :return: both for “1.500”, which is 1.5 or 1500, and where there is no mark at all;
        none where it is no number
    """
    bare = _bare(text)
    if bare is None:
        return frozenset()
    return frozenset(mark for mark in DECIMAL_MARKS if _matches(bare, mark))


def is_ambiguous(text: str) -> bool:
    """Check whether ``text`` is another number with a comma than with a point."""
    return bool(_EITHER.fullmatch(_bare(text) or ""))


def read_number(cell: Any, mark: DecimalMark = ".") -> float:
    """The number in ``cell``; “82.5 %” is 82.5, “(12)” is -12.

    :raises CellError: no finite number, or not one with the decimal mark ``mark``
    """
    if isinstance(cell, str):
        if mark == "." and _FAST.fullmatch(cell):
            number = float(cell)
        else:
            bare = _bare(cell)
            if bare is not None and not _matches(bare, mark) and number_marks(cell):
                raise CellError(_OTHER_MARK[mark], cell=clip_cell(cell))
            if bare is None or not _matches(bare, mark):
                raise CellError(
                    _lt("“%(cell)s” is not a number such as %(example)s."),
                    cell=clip_cell(cell),
                    example="12.5" if mark == "." else "12,5",
                )
            group = "," if mark == "." else "."
            number = float(bare.replace(group, "").replace(mark, "."))
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        number = float(cell) if abs(cell) < 1e308 else math.inf
    else:
        raise CellError(_lt("“%(cell)s” is not a number."), cell=clip_cell(cell))
    if not math.isfinite(number):
        raise CellError(_lt("“%(cell)s” is not a finite number."), cell=clip_cell(cell))
    return number


def _matches(bare: str, mark: str) -> bool:
    return bool(_PLAIN[mark].fullmatch(bare)) and any(map(str.isdecimal, bare))


def _bare(text: str) -> str | None:
    """``text`` without spaces, currency and percent sign; None where no number is."""
    text = _SPACES.sub("", text[:100]).replace("\N{MINUS SIGN}", "-")
    is_negative = text.startswith("(") and text.endswith(")")
    found = _AFFIXES.match(text[1:-1] if is_negative else text)
    if not found or not text.isprintable():
        return None
    sign = "-" if is_negative else found["sign"]
    return sign + found["number"]
