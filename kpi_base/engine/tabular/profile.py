"""Profile of the cells of a column, as far as they were looked at."""

import datetime as dt
from collections import Counter
from typing import Any

from .cells import clip_cell
from .moments import is_only_year_pair, is_serial, is_year_pair, possible_orders
from .numbers import is_ambiguous, number_marks

_DISTINCT = 5_000  # distinct texts that are counted; more say nothing new
_SHOWN = 8


class ColumnProfile:
    """Collects evidence cell by cell: which marks and orders all cells agree on."""

    def __init__(self) -> None:
        self.sample = ""
        self.has_serials = False
        self._texts: Counter[str] = Counter()
        self._marks: Counter[str] = Counter()
        self._orders: Counter[str] = Counter()
        self._has_two_numbers = False
        self._has_two_days = False
        self.has_ordered_days = False
        self._has_year_pairs = False
        self._has_months_or_pairs = False

    def add(self, cell: Any) -> None:
        if cell is None or cell == "":
            return
        if not self.sample:
            self.sample = clip_cell(cell)
        if is_serial(cell):
            self.has_serials = True
        if isinstance(cell, str) and not isinstance(cell, dt.date):
            self._add_text(cell)

    def _add_text(self, cell: str) -> None:
        text = cell.strip()[:100]
        if text in self._texts:
            self._texts[text] += 1
            return
        if len(self._texts) >= _DISTINCT:
            return
        self._texts[text] += 1
        marks = number_marks(text)
        if len(marks) == 1:
            self._marks.update(marks)
        self._has_two_numbers |= is_ambiguous(text)
        days = possible_orders(text)
        if len(days) == 1:
            self._orders.update(days.keys())
        self._has_two_days |= len(set(days.values())) == 2
        self.has_ordered_days |= bool(days)
        if is_only_year_pair(text):
            self._has_year_pairs = True
        else:
            self._has_months_or_pairs |= is_year_pair(text)

    @property
    def decimal_mark(self) -> str | None:
        """The mark that the cells need; None where some could mean two numbers."""
        return _weigh_evidence(self._marks, self._has_two_numbers, ".")

    @property
    def date_order(self) -> str | None:
        """The order that the days need; None where some could be two days."""
        return _weigh_evidence(self._orders, self._has_two_days, "dmy")

    @property
    def has_two_periods(self) -> bool:
        """Check whether cells such as “2010-11” could be a month or two years.

        They are months unless a cell such as “2012-13” says that years are meant.
        """
        return self._has_year_pairs and self._has_months_or_pairs

    @property
    def texts_among_numbers(self) -> list[str]:
        """The most frequent texts that are no numbers, where most cells are."""
        others = Counter(
            {text: n for text, n in self._texts.items() if not number_marks(text)}
        )
        return [text for text, _count in others.most_common(_SHOWN)]


def _weigh_evidence(
    evidence: Counter[str], has_doubts: bool, default: str
) -> str | None:
    """Combine all evidence; None where cells in doubt are left to guessing."""
    if has_doubts and len(evidence) != 1:
        return None
    return max(evidence, key=evidence.__getitem__, default=default)
