"""Numbers as people write them: decimal marks, and groups of thousands.

Files and typed cells are read by the same rules; those of the browser are in
``typed_number.js``, and all of them have the same cases (``typed_number_cases.json``).
"""

import re
from typing import Literal

DecimalMark = Literal[".", ","]
DECIMAL_MARKS: tuple[DecimalMark, ...] = (".", ",")
# No-break, figure, thin and narrow spaces, the apostrophe of Switzerland, a true minus.
_SAME = str.maketrans(
    {
        **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{MINUS SIGN}": "-",
    }
)
_EXPONENT = r"(?:[eE][+-]?\d+)?"


def _compile(mark: str, group: str, *more: str) -> re.Pattern[str]:
    """Numbers with a decimal mark whose groups a comma or point can part.

    :param more: further forms of the digits before the mark
    """
    # Every group but the first has three digits, and all have the same sign between.
    grouped = rf"[1-9]\d{{0,2}}(?P<group>[ '{group}])\d{{3}}(?:(?P=group)\d{{3}})*"
    whole = "|".join((r"\d+", grouped, *more))
    decimals = re.escape(mark)
    return re.compile(
        rf"[+-]? ?(?:(?:{whole})(?:{decimals}\d*)?|{decimals}\d+){_EXPONENT}"
    )


_WRITTEN = {
    # 12,50,000: two digits before the last three, as in India
    ".": _compile(".", ",", r"[1-9]\d?(?:,\d\d)+,\d{3}"),
    ",": _compile(",", "."),
}


def normalize_number(text: str) -> str:
    """``text`` with one sign for all that mean the same, without blanks around it."""
    return text.strip().translate(_SAME)


def find_marks(text: str) -> frozenset[DecimalMark]:
    """Decimal marks with which ``text``, as normalized, is a number.

    :return: both for “1.500”, which is 1.5 or 1500, and where there is no mark at all;
        none where it is no number, such as “80 90”
    """
    return frozenset(mark for mark in DECIMAL_MARKS if _WRITTEN[mark].fullmatch(text))


def convert_number(text: str, mark: DecimalMark) -> float:
    """The number that ``text``, as normalized, is with one of its decimal marks."""
    group = "," if mark == "." else "."
    for sign in (" ", "'", group):
        text = text.replace(sign, "")
    return float(text.replace(mark, "."))
