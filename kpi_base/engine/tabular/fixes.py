"""Other readings of a column, by which cells that were refused can be read."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .errors import CellError
from .moments import DATE_ORDERS
from .numbers import DECIMAL_MARKS
from .reading import Reading

MOST_TEXTS = 3  # that one fix takes for empty cells
_LONGEST_TEXT = 40
_CHOICES = {
    "number": (("decimal_mark", DECIMAL_MARKS),),
    "moment": (("date_order", DATE_ORDERS), ("year_pairs", ("month", "years"))),
}


@dataclass(frozen=True)
class Fix:
    """A change of a ``Reading`` that makes more cells readable than it takes away.

    :ivar option: name of the attribute of the reading
    :ivar value: what it becomes; of ``no_values``, the texts that are added
    :ivar gained: number of refused cells that can be read then
    :ivar lost: number of cells that can no longer be read then
    :ivar changed: number of cells that become another value
    """

    option: str
    value: Any
    gained: int
    lost: int = 0
    changed: int = 0


def find_fixes(
    reading: Reading,
    refused: Mapping[Any, int],
    others: Iterable[Any],
    *,
    may_be_empty: bool = False,
) -> list[Fix]:
    """Changes of ``reading`` that help, the most helpful first.

    ::

        find_fixes(Reading("number"), {"2,5": 7}, ["1", "3"])
        # [Fix("decimal_mark", ",", gained=7)]

    :param refused: cell that cannot be read → how often it is there
    :param others: cells of the column, also such as can be read
    :param may_be_empty: whether a cell of the column may hold nothing
    """
    tried = [
        (option, value, changed, gained)
        for option, value, changed in _variants(reading, refused, may_be_empty)
        if (gained := _count_readable(changed.reader(), refused))
    ]
    others = list(others) if tried else []
    fixes = [
        Fix(
            option, value, gained, *_compare(reading.reader(), changed.reader(), others)
        )
        for option, value, changed, gained in tried
    ]
    useful = [fix for fix in fixes if fix.gained > fix.lost]
    return sorted(useful, key=lambda fix: fix.lost - fix.gained)


def _variants(
    reading: Reading, refused: Mapping[Any, int], may_be_empty: bool
) -> Iterator[tuple[str, Any, Reading]]:
    """Option, value and the reading that has it."""
    choices = list(_CHOICES.get(reading.kind, ()))
    if reading.kind == "moment" and reading.is_1904 is None:
        choices.append(("is_1904", (False, True)))
    for option, values in choices:
        for value in values:
            if getattr(reading, option) != value:
                yield option, value, replace(reading, **{option: value})
    if reading.kind == "number" and may_be_empty:
        texts = _texts_for_nothing(refused)
        no_values = reading.no_values | {text.casefold() for text in texts}
        yield "no_values", texts, replace(reading, no_values=no_values)


def _texts_for_nothing(refused: Mapping[Any, int]) -> tuple[str, ...]:
    """The most frequent texts without a digit: “n/a”, “No data”."""
    counts: dict[str, int] = {}
    for cell, count in refused.items():
        text = cell.strip() if isinstance(cell, str) else ""
        is_plain = text.isprintable() and ";" not in text
        if is_plain and 0 < len(text) <= _LONGEST_TEXT and not _has_digit(text):
            counts[text] = counts.get(text, 0) + count
    return tuple(sorted(counts, key=lambda text: -counts[text])[:MOST_TEXTS])


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _count_readable(read: Callable[[Any], Any], cells: Mapping[Any, int]) -> int:
    return sum(count for cell, count in cells.items() if _try(read, cell)[0])


def _compare(
    read: Callable[[Any], Any], changed: Callable[[Any], Any], cells: Iterable[Any]
) -> tuple[int, int]:
    """Number of cells that ``changed`` cannot read, and of those it reads otherwise."""
    lost = different = 0
    for cell in cells:
        was_readable, before = _try(read, cell)
        is_readable, value = _try(changed, cell)
        lost += was_readable and not is_readable
        different += was_readable and is_readable and value != before
    return lost, different


def _try(read: Callable[[Any], Any], cell: Any) -> tuple[bool, Any]:
    try:
        return True, read(cell)
    except CellError:
        return False, None
