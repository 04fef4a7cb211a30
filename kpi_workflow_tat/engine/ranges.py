"""Many numbers as a short text: ``3-7,12`` are 3, 4, 5, 6, 7 and 12."""

import re
from collections.abc import Iterable

_TEXT = re.compile(r"[1-9]\d{0,9}(-[1-9]\d{0,9})?(,[1-9]\d{0,9}(-[1-9]\d{0,9})?)*")
MOST = 2**31 - 1


def write_ranges(numbers: Iterable[int]) -> str:
    """The numbers, ascending; adjacent ones as a range."""
    ranges: list[list[int]] = []
    for number in sorted(set(numbers)):
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(
        str(first) if first == last else f"{first}-{last}" for first, last in ranges
    )


def read_ranges(text: str) -> list[tuple[int, int]]:
    """First and last number of each range.

    :raises ValueError: no text by :func:`write_ranges`
    """
    if not _TEXT.fullmatch(text):
        raise ValueError("Numbers are written as 3-7,12.")
    found = []
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        found.append((int(first), int(last or first)))
    if any(last > MOST or first > last for first, last in found):
        raise ValueError("Numbers are written as 3-7,12.")
    return found
