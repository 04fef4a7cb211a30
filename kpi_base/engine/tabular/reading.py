"""Readings of the cells of a column."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..fault import _lt
from .cells import clip_cell, read_text
from .errors import CellError
from .moments import DateOrder, YearPairs, read_moment
from .numbers import DecimalMark, number_marks, read_number

Kind = Literal["text", "number", "moment", "boolean", "choice"]

_LONGEST_KNOWN = 100  # characters
_MOST_KNOWN = 10_000  # texts per column
_ANSWERS = {
    **dict.fromkeys(("1", "true", "yes", "y", "x", "ja", "oui", "si", "sí"), True),
    **dict.fromkeys(("0", "false", "no", "n", "-", "nein", "non"), False),
}


@dataclass(frozen=True)
class Reading:
    """Kind and format by which a column is read.

    :ivar no_values: lower-case texts that stand for an empty cell; one that is a
        number stands for that number however it is written
    :ivar choices: lower-case text → what it means, for the kind ``choice``
    """

    kind: Kind
    decimal_mark: DecimalMark = "."
    date_order: DateOrder | None = None
    is_1904: bool | None = None
    year_pairs: YearPairs | None = "month"
    no_values: frozenset[str] = frozenset()
    choices: Mapping[str, Any] = field(default_factory=dict)

    def reader(self) -> Callable[[Any], Any]:
        """A function of a cell: its value, or None where it stands for none.

        It raises :class:`CellError`.
        """
        read = getattr(self, f"_read_{self.kind}")
        if self.kind != "number":  # days and names come again and again
            read = _remembering(read)
        if not self.no_values:
            return read
        numbers = {
            read_number(text, self.decimal_mark)
            for text in self.no_values
            if self.decimal_mark in number_marks(text)
        }

        def read_unless_none(cell: Any) -> Any:
            if str(cell).strip().casefold() in self.no_values:
                return None
            value = read(cell)
            is_none = self.kind == "number" and value in numbers
            return None if is_none else value

        return read_unless_none

    def _read_text(self, cell: Any) -> str | None:
        return read_text(cell) or None

    def _read_number(self, cell: Any) -> float | None:
        if isinstance(cell, str) and not cell.strip():
            return None
        return read_number(cell, self.decimal_mark)

    def _read_moment(self, cell: Any) -> Any:
        if isinstance(cell, str) and not cell.strip():
            return None
        return read_moment(
            cell,
            self.date_order,
            is_1904=self.is_1904,
            year_pairs=self.year_pairs,
        )

    def _read_boolean(self, cell: Any) -> bool | None:
        text = str(read_text(cell)).casefold()
        if text and text not in _ANSWERS:
            raise CellError(
                _lt("“%(cell)s” is neither yes nor no."), cell=clip_cell(cell)
            )
        return _ANSWERS.get(text)

    def _read_choice(self, cell: Any) -> Any:
        text = read_text(cell)
        if text and text.casefold() not in self.choices:
            raise CellError(
                _lt("“%(cell)s” is not one of: %(choices)s."),
                cell=clip_cell(cell),
                choices=", ".join(sorted(self.choices)),
            )
        return self.choices.get(text.casefold())


def _remembering(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``read``, looking up the texts it has read already."""
    known: dict[str, Any] = {}

    def read_or_remember(cell: Any) -> Any:
        if type(cell) is not str or len(cell) > _LONGEST_KNOWN:
            return read(cell)
        if cell in known:
            return known[cell]
        value = read(cell)
        if len(known) < _MOST_KNOWN:
            known[cell] = value
        return value

    return read_or_remember
