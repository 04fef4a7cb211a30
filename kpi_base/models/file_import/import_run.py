from collections import Counter, defaultdict
from itertools import islice, takewhile

from ...engine.tabular import (
    EntryReader,
    fill_groups,
    find_header,
    has_other_width,
    is_totals_row,
)
from ...row_reasons import list_reasons

BATCH = 5_000
MOST_REFUSED = 100_000
MOST_FAULTS = 200_000  # cells that cannot be read and are looked at again
LONGEST_FAULT = 100  # characters; what is longer has no other reading


class TooManyRefused(Exception):
    """So many rows are refused that reading on is of no use."""


class ImportRun:
    """One reading of a file: what its rows say, which are refused and why.

    :ivar source: an earlier run, whose file it reads; None: its own
    :ivar options: key → value of what the target asks for
    :ivar refusals: row number → reason
    :ivar unreadable: numbers of rows with cells that cannot be read
    :ivar refused_by_target: numbers of those that the target refused as it read them
    :ivar wrong: row number → indexes of its cells for which the row is refused
    :ivar faults: index of a column → how often each such cell is there
    :ivar refused_parts: of rows that are refused, where several rows may make one
        record: (number, values, keys of cells that cannot be read)
    :ivar duplicates: numbers of the rows that are refused as they say the same record
    :ivar totals: numbers of the rows that add up others
    :ivar unknown: (key of a column, text) that names no record, or several → numbers of
        rows
    :ivar checkpoint: the last row that was tried, refusals of these, parts written
    """

    def __init__(self, job, source=None):
        """:param source: an earlier run, whose file is open"""
        self.job = job
        self.source = source
        self.env = job.env
        self.options = job._get_options()
        # An edited form holds the choices, the record behind it the file.
        self.table = source.table if source else (job._origin or job)._open_table()
        self.header = source.header if source else find_header(self.table.rows())
        self.row_count = 0
        self.empty_count = 0
        self.totals = []
        self.is_combining = job._target()._is_combining(self.options)
        self.refused_parts = []
        self.duplicates = set()
        self.checkpoint = {"row": 0, "refused": [], "parts": 0} | (job.checkpoint or {})
        self.refusals = {}
        self.unreadable = set()
        self.refused_by_target = set()
        self.wrong = defaultdict(set)
        self.faults = defaultdict(Counter)
        self.unknown = defaultdict(set)
        self._kept = {}
        self._fault_count = 0
        self.reader = EntryReader(job._readers(self.table, self.list_units()))

    def rows(self):
        """The rows below the titles, with the names above in cells that mean these."""
        rows = self.table.rows_below(self.header.number)
        places = self.job._list_grouped_places()
        return fill_groups(rows, places, is_text=self.table.is_text) if places else rows

    def find_rows(self, numbers):
        """The rows of these numbers; those behind them are not read."""
        wanted, last = set(numbers), max(numbers, default=0)
        rows = takewhile(lambda row: row.number <= last, self.rows())
        return [row for row in rows if row.number in wanted]

    def batches(self):
        """Entries of all rows that can be read, some thousand rows at a time."""
        rows = self.rows()
        while batch := list(islice(rows, BATCH)):
            self.row_count += len(batch)
            yield [entry for row in batch for entry in self._entries(row)]

    def keep(self, key, make):
        """What ``make`` returns, made once for all runs of the file."""
        kept = (self.source or self)._kept
        if key not in kept:
            kept[key] = make()
        return kept[key]

    def list_units(self):
        """As ``kpi.import._list_units``, made once for all runs of the file."""
        return self.keep("units", self.job._list_units)

    def refuse_unknown(self, number, reason, key, text):
        """Hand a row back where ``text`` names no record, or several."""
        self.unknown[key, text].add(number)
        self.refuse(number, reason, (key,))

    def refuse_by(self, number, error):
        """Hand a row back for all reasons of a ``UserError``."""
        for key, text in getattr(error, "unknown", ()):
            self.unknown[key, text].add(number)
        for reason, keys in list_reasons(error):
            self.refuse(number, reason, keys)

    def refuse(self, number, reason, keys=(), values=None):
        """Hand a row back; all of its reasons are named.

        :param keys: of the columns whose cells are the reason
        :param values: of the entry that is refused; columns of other ones are not wrong
        """
        self.wrong[number].update(
            column.index
            for column in self.reader.columns
            if _is_wrong(column, keys, values or {})
        )
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
        expected = len(self.header.titles)
        is_shifted = has_other_width(row.cells, expected, is_text=self.table.is_text)
        if is_shifted:
            self.unreadable.add(row.number)
            self.refuse(
                row.number,
                self.env._(
                    "The row has %(width)s cells, but there are %(expected)s titles.",
                    width=len(row.cells),
                    expected=expected,
                ),
            )
        entries, faults = self.reader.read_row(row)
        for fault in faults:
            reason = self.env._(
                "Column “%(column)s”: %(reason)s",
                column=fault.column.title,
                reason=fault.error.translate_with(self.env._),
            )
            known, cell = self.faults[fault.column.index], fault.cell
            is_short = not isinstance(cell, str) or len(cell) <= LONGEST_FAULT
            if cell in known or (is_short and self._fault_count < MOST_FAULTS):
                self._fault_count += cell not in known
                known[cell] += 1
            self.unreadable.add(row.number)
            self.wrong[row.number].add(fault.column.index)
            self.refuse(row.number, reason)
        if row.number in self.refusals:
            if self.is_combining:
                self._note_parts(row, is_shifted)
            return []
        self.empty_count += not entries
        return entries

    def _note_parts(self, row, is_shifted):
        """Note what is known of the records of a row that cannot be read.

        :param is_shifted: whether its cells may belong to other columns
        """
        for values, wrong in self.reader.read_parts(row):
            if is_shifted:
                values, wrong = {}, wrong | values.keys()
            self.refused_parts.append((row.number, values, wrong))


def _is_wrong(column, keys, values):
    """Check whether a cell of ``column`` is why an entry with ``values`` is refused."""
    if column.given:
        return column.given.items() <= values.items()
    moment = values.get("moment")
    return column.key in keys or bool(moment and column.moment == moment)
