from dataclasses import dataclass
from itertools import islice

from ...engine.tabular import CellError, is_totals_row

BATCH = 5_000
MOST_REFUSED = 100_000


class TooManyRefused(Exception):
    """Nothing is learned from reading on."""


@dataclass(slots=True)
class Entry:
    """One record to be: of a row, or of a cell where periods have columns.

    :ivar values: key of a ``TargetColumn`` → value; empty cells are left out
    """

    number: int
    values: dict


class ImportRun:
    """One reading of a file: what its rows say, which are refused and why.

    :ivar refusals: row number → reason
    :ivar totals: numbers of the rows that add up others
    """

    def __init__(self, job):
        self.job = job
        self.env = job.env
        self.table = job._open_table()
        self.header = job._header(self.table)
        self.common, self.periods = job._readers(self.table)
        self.row_count = 0
        self.empty_count = 0
        self.totals = []
        self.refusals = {}

    def batches(self):
        """Entries of all rows that can be read, some thousand rows at a time."""
        rows = (row for row in self.table.rows() if row.number > self.header.number)
        while batch := list(islice(rows, BATCH)):
            self.row_count += len(batch)
            yield [entry for row in batch for entry in self._entries(row)]

    def refuse(self, number, reason):
        """Hand a row back; all of its reasons are named."""
        known = self.refusals.get(number)
        if known and reason in known:
            return
        self.refusals[number] = f"{known} {reason}" if known else reason
        if len(self.refusals) > MOST_REFUSED:
            raise TooManyRefused

    def _entries(self, row):
        if is_totals_row(row.cells):
            self.totals.append(row.number)
            return []
        self._check_width(row)
        entries = self._cut(row, self._values(row, self.common))
        return [] if row.number in self.refusals else entries

    def _cut(self, row, values):
        """One entry, or one per filled period column."""
        if not self.periods:
            return [Entry(row.number, values)]
        own = [(self._values(row, [reader]), at) for *reader, at in self.periods]
        entries = [
            Entry(row.number, {**values, **value, "moment": at})
            for value, at in own
            if value
        ]
        self.empty_count += not entries
        return entries

    def _values(self, row, readers):
        values = {}
        cells = row.cells
        for place, title, key, read in readers:
            cell = cells[place] if place < len(cells) else None
            if cell is None or cell == "":
                continue
            try:
                value = read(cell)
            except CellError as error:
                reason = self.env._(
                    "Column “%(column)s”: %(reason)s", column=title, reason=error
                )
                self.refuse(row.number, reason)
                continue
            if value is not None:
                values[key] = value
        return values

    def _check_width(self, row):
        """A row of a text that is cut into other columns than the titles is broken."""
        width, expected = len(row.cells), len(self.header.titles)
        if width == expected:
            return
        surplus = any(cell not in (None, "") for cell in row.cells[expected:])
        if surplus or (self.table.is_text and width < expected):
            self.refuse(
                row.number,
                self.env._(
                    "The row has %(width)s cells, but there are %(expected)s titles.",
                    width=width,
                    expected=expected,
                ),
            )
