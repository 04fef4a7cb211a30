"""Names that are spelled like another one, found fast among many."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from difflib import SequenceMatcher
from heapq import nlargest

import numpy as np

_WORD = 64  # bits: letters of a text that one number has
_CODE_POINTS = 0x110000


class NearestNames:
    """Names to look in; what is found is what ``difflib.get_close_matches`` finds.

    ::

        NearestNames(["Sales", "Support"]).find("Suport", 3, 0.6)  # ["Support"]
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = sorted(set(names), key=len)
        self._lengths = list(map(len, self._names))

    def find(
        self,
        text: str,
        most: int,
        alike: float,
        is_usable: Callable[[str], bool] | None = None,
    ) -> list[str]:
        """At most so many names like ``text``, the nearest first.

        :param alike: share of the letters that a name has in common, above 0 to 1
        :param is_usable: whether a name may be found; asked of few of them
        """
        # Of a name that is shorter or longer than that, too much is left over.
        least = len(text) * alike / (2 - alike)
        longest = len(text) * (2 - alike) / alike
        first = bisect_left(self._lengths, int(least))
        names = self._names[first : bisect_right(self._lengths, int(longest) + 1)]
        if not names:
            return []
        lengths = np.array(list(map(len, names)))
        common = _count_common(text, names) if len(text) <= _WORD else lengths
        total = lengths + len(text)
        limits = 2.0 * np.minimum(common, len(text)) / np.maximum(total, 1)
        limits[total == 0] = 1.0  # two texts without letters are the same
        matcher = SequenceMatcher()
        matcher.set_seq2(text)
        found: list[tuple[float, str]] = []
        for place in np.argsort(-limits, kind="stable"):
            limit, name = limits[place], names[place]
            # No name behind it is nearer than this one can be.
            if limit < alike or (len(found) == most and limit < found[-1][0]):
                break
            if is_usable and not is_usable(name):
                continue
            matcher.set_seq1(name)
            if matcher.quick_ratio() >= alike and (ratio := matcher.ratio()) >= alike:
                found = nlargest(most, [*found, (ratio, name)])
        return [name for _ratio, name in found]


def _count_common(text: str, names: list[str]) -> np.ndarray:
    """Length of the longest sequence of letters that each name shares with ``text``.

    It is never shorter than what ``difflib`` counts. All names are looked at together,
    a letter of each at a time: the bits of a number are the letters of ``text``
    (Hyyrö, Bit-parallel LCS-length computation revisited, 2004).
    """
    bits = np.zeros(_CODE_POINTS, np.uint64)
    for place, letter in enumerate(text):
        bits[ord(letter)] |= np.uint64(1 << place)
    rows = np.array(names)
    letters = rows.view(np.uint32).reshape(len(names), -1).T
    left = np.full(len(names), (1 << _WORD) - 1, np.uint64)
    for column in letters:
        same = left & bits[column]
        left = (left + same) | (left - same)
    taken = ~left & np.uint64((1 << len(text)) - 1)
    return np.unpackbits(taken.view(np.uint8).reshape(len(names), -1), axis=1).sum(1)
