"""Numbers as a language writes them, quickly: tables hold thousands of them."""

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
