"""Numbers as a language writes them, quickly, and as a heading shows them."""

import math
from dataclasses import dataclass

THOUSANDS = "[3,0]"


@dataclass(frozen=True)
class NumberText:
    """The signs of a language.

    :param grouping: sizes of the groups of digits, as Odoo stores them; only groups of
        three are written
    """

    decimal_point: str
    thousands_separator: str
    grouping: str

    @property
    def is_usual(self) -> bool:
        """Check whether digits are grouped by three, as this requires."""
        return self.grouping.replace(" ", "") == THOUSANDS

    def __call__(self, number: float, digits: int) -> str:
        """``number`` with so many decimals."""
        whole, _point, decimals = f"{number:,.{digits}f}".partition(".")
        text = whole.replace(",", self.thousands_separator)
        return f"{text}{self.decimal_point}{decimals}" if decimals else text


STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
SIGNIFICANT = 3


def compact(value: float, most_decimals: int) -> tuple[float, int, str]:
    """``(number, decimals, letter)``: 82,437.2 → (82.4, 1, "k").

    Cards in the browser show the same (``kpi_format.js``).

    :param most_decimals: decimals of the KPI, for numbers below a thousand
    """
    rounded = float(f"{value:.{SIGNIFICANT}g}")
    size, letter = next((s for s in STEPS if abs(rounded) >= s[0]), (1.0, ""))
    scaled = rounded / size
    magnitude = math.floor(math.log10(abs(scaled))) if scaled else 0
    decimals = max(0, SIGNIFICANT - 1 - magnitude)
    if not letter:
        return value, min(decimals, most_decimals), ""
    while decimals and round(scaled, decimals - 1) == round(scaled, decimals):
        decimals -= 1  # no zero says more
    return scaled, decimals, letter
