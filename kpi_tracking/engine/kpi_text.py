"""Values of KPIs as people read them: with their unit, three digits or all of them.

The same as ``static/src/eager/kpi_format/kpi_format.js``; both are tested with one
table, ``static/tests/kpi_format_cases.json``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

from odoo.addons.kpi_base.engine.number_text import compact, round_half

NARROW_SPACE = "\u202f"
MINUS = "\u2212"
CAP = 999  # percent, as in the engine
MAX_RELATIVE = 10  # beyond tenfold a percentage says less than the difference
MOST_DECIMALS = 6
FROM_LEFT, END = "\u2066", "\u2069"
WORDS = {
    "yes": "Yes",
    "no": "No",
    "points": "%s points",
    "minute": "min",
    "hour": "h",
    "day": "d",
}


@dataclass(frozen=True)
class Currency:
    """The sign of a currency, and its side."""

    symbol: str
    is_before: bool = False


class UnitFields(Protocol):
    """Fields of a KPI that say its unit: a definition, or a plain tuple."""

    unit: str
    decimals: int
    unit_symbol: str | Literal[False] | None
    duration_unit: str | Literal[False] | None


@dataclass(frozen=True)
class Unit:
    """Unit of a KPI's values.

    :param kind: as ``unit`` of a KPI: number, percent, currency, duration …
    :param symbol: of a unit of its own
    :param duration_unit: ``minute``, ``hour`` or ``day``
    """

    kind: str = "number"
    decimals: int = 0
    symbol: str = ""
    currency: Currency | None = None
    duration_unit: str = "day"


@dataclass(frozen=True)
class KpiText:
    """Writes values for one reader.

    :param write: number and decimals → text, as the reader's language has it
    :param words: those of :data:`WORDS`, in that language
    :param is_rtl: whether it is written from the right; numbers still read from the
        left
    """

    write: Callable[[float, int], str]
    words: Mapping[str, str] = field(default_factory=lambda: WORDS)
    is_rtl: bool = False

    def parts(self, value: float, unit: Unit) -> tuple[str, str, str]:
        """Split a number as written: prefix, number in three digits, suffix."""
        number, decimals, letter = compact(value, unit.decimals)
        return self._split(value, unit, self._write(number, decimals), letter)

    def short(self, value: float, unit: Unit) -> str:
        """A value in one line, three significant digits."""
        return self.join_parts(*self.parts(value, unit))

    def rounded(self, value: float, unit: Unit) -> str:
        """A value with the decimals of its KPI, for a table."""
        number = self._write(value, unit.decimals)
        return self.join_parts(*self._split(value, unit, number))

    def exact(self, value: float, unit: Unit) -> str:
        """A value with all its digits."""
        number = self._plain(value, max(unit.decimals, MOST_DECIMALS))
        return self.join_parts(*self._split(value, unit, number))

    def _split(
        self, value: float, unit: Unit, number: str, letter: str = ""
    ) -> tuple[str, str, str]:
        if unit.kind != "boolean":
            before, after = self.symbols(unit, letter)
            return before, number, after
        if value in (0, 1):
            return "", self.words["yes" if value else "no"], ""
        return "", self._plain(value * 100, 0), f"{NARROW_SPACE}%"

    def change(self, value: float, reference: float, unit: Unit) -> str:
        """Difference of a value from another, with its sign.

        In percent where that means something, in points for percentages, as a
        difference else. Never an infinite percentage.
        """
        difference = value - reference
        is_part = unit.kind not in ("percent", "boolean") and value * reference > 0
        relative = difference / abs(reference) if is_part else MAX_RELATIVE
        if abs(relative) >= MAX_RELATIVE:
            return self.add_sign(difference, self.distance(abs(difference), unit))
        percent = abs(relative) * 100
        text = self._plain(percent, 1 if percent < 1 else 0)
        return self.add_sign(difference, f"{text}{NARROW_SPACE}%")

    def distance(self, distance: float, unit: Unit) -> str:
        """Distance of two values: in points for percentages, else in the unit."""
        if unit.kind == "percent":
            return self.words["points"] % self._plain(distance, 1)
        kind = "number" if unit.kind == "boolean" else unit.kind
        return self.short(distance, replace(unit, kind=kind))

    def achievement(self, percent: float) -> str:
        """Less than nothing is reached of no target; beyond the cap nobody knows."""
        if percent >= CAP:
            return self._from_left(f">{NARROW_SPACE}{CAP}{NARROW_SPACE}%")
        return self._from_left(f"{self._plain(max(percent, 0.0), 0)}{NARROW_SPACE}%")

    def percent(self, ratio: float) -> str:
        """A share, 0 to 1, in percent."""
        return self._from_left(f"{self._plain(100 * ratio, 1)}{NARROW_SPACE}%")

    def symbols(self, unit: Unit, letter: str = "") -> tuple[str, str]:
        """Texts before and behind the number; ``letter`` counts thousands."""
        if unit.kind == "currency" and unit.currency:
            if unit.currency.is_before:
                return (
                    unit.currency.symbol + NARROW_SPACE,
                    NARROW_SPACE + letter if letter else "",
                )
            return "", NARROW_SPACE + letter + unit.currency.symbol
        behind = {
            "percent": "%",
            "duration": self.words.get(unit.duration_unit, ""),
            "custom": unit.symbol,
        }
        words = filter(None, [letter, behind.get(unit.kind)])
        return "", "".join(NARROW_SPACE + word for word in words)

    def _plain(self, number: float, decimals: int) -> str:
        """At most so many decimals, none that say nothing."""
        rounded = round_half(number, decimals)
        while decimals and round_half(rounded, decimals - 1) == rounded:
            decimals -= 1
        return self._write(rounded, decimals)

    def _write(self, number: float, decimals: int) -> str:
        """A number without the sign of one that rounds to zero."""
        return self.write(round_half(number, decimals), decimals)

    def add_sign(self, difference: float, text: str) -> str:
        """The sign of a difference before the text of its size."""
        bare = text.removeprefix(FROM_LEFT).removesuffix(END)
        if not any(letter.isdecimal() and int(letter) for letter in bare):
            return self._from_left(f"±{bare}")
        return self._from_left((MINUS if difference < 0 else "+") + bare)

    def join_parts(self, before: str, number: str, after: str) -> str:
        """A value with what stands around it, read from the left."""
        return self._from_left(before + number + after)

    def _from_left(self, text: str) -> str:
        return f"{FROM_LEFT}{text}{END}" if self.is_rtl else text


def unit_description(
    kpi: UnitFields, currency_id: int | Literal[False] | None
) -> dict[str, Any]:
    """The unit of a KPI as the web client's formatting takes it."""
    return {
        "kind": kpi.unit,
        "decimals": kpi.decimals,
        "currencyId": currency_id or False,
        "symbol": kpi.unit_symbol or "",
        "durationUnit": kpi.duration_unit or False,
    }
