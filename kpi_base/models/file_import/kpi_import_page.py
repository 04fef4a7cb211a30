from collections import defaultdict
from datetime import date
from itertools import islice

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import date_utils

from ...engine.message import shorten
from ...engine.tabular import (
    CellError,
    Goal,
    GoalRange,
    Moment,
    TabularError,
    clip_cell,
    is_totals_row,
    plain_cell,
)
from ...formatting import format_day, format_period, format_significant
from .import_run import ImportRun
from .kpi_import import READ_BY

SHOWN_REFUSED = 50
SHOWN_ACCEPTED = 5
SHOWN_MORE = 200  # that “Show all” adds at once
SHOWN_COLUMNS = 6
SHOWN_NUMBERS = 4  # of the rows that make one record
LONGEST_REASON = 500  # characters
SHOWN_ROWS = 6


class KpiImport(models.Model):
    """Pages of an import: the first rows as they are read, and what a check found."""

    _inherit = "kpi.import"

    def get_accepted_rows(self, after=0):
        """Return the next valid rows behind row ``after``, as the page shows them."""
        self.ensure_one()
        self.check_access("read")
        ranges = self.accepted_ranges or []
        try:
            return self._build_accepted_rows(ImportRun(self), ranges, after, SHOWN_MORE)
        except TabularError as error:
            raise UserError(error.translate_with(self.env._)) from error

    def _prepare_check_values(self, run, ranges, count):
        """Prepare what the page shows, while the rows are staged."""
        columns = run.reader.columns[:SHOWN_COLUMNS]
        page = {
            "columns": [column.title for column in columns],
            "accepted": self._build_accepted_rows(run, ranges, 0, SHOWN_ACCEPTED),
            **self._build_refused_part(run),
            "fixes": self._find_fixes(run) if self.is_check or run.refusals else [],
            "unknown": self._list_unknown(run),
            "combined": self._build_combined_part(run),
            "mapped": self._list_mapped(),
        }
        return {
            "accepted_count": count,
            "accepted_ranges": ranges,
            "check_page": page,
            "row_count": run.row_count,
            "refused_count": len(run.refusals),
        }

    def _build_accepted_rows(self, run, ranges, after, most):
        """The first valid rows behind row ``after``: cells as they are understood."""
        numbers = (
            number
            for first, last in ranges
            for number in range(max(first, after + 1), last + 1)
        )
        rows = run.find_rows(list(islice(numbers, most)))
        columns = run.reader.columns[:SHOWN_COLUMNS]
        names = self._name_records_of(run, rows) if rows else {}
        return [
            {
                "row": row.number,
                "record": names.get(row.number, ""),
                "cells": [self._show_value(column, row.cells) for column in columns],
            }
            for row in rows
        ]

    def _build_combined_part(self, run):
        """Records that several rows make: how many there are, and the first ones."""
        titles, count, records = self._target()._list_combined(run)
        return {
            "titles": titles,
            "count": count,
            "records": [
                {
                    "record": name,
                    "rows": self._describe_rows(numbers),
                    "cells": [
                        "" if amount is None else self._describe_value(amount)
                        for amount in amounts
                    ],
                }
                for name, numbers, amounts in records
            ],
        }

    def _describe_rows(self, numbers):
        """How many rows there are, and the first of them."""
        more = "…" if len(numbers) > SHOWN_NUMBERS else ""
        shown = ", ".join(map(str, numbers[:SHOWN_NUMBERS]))
        return f"{self._number(len(numbers))} ({shown}{more})"

    def _build_refused_part(self, run):
        """The first rows with errors as they are in the file, wrong cells marked."""
        columns, numbers = run.reader.columns, sorted(run.refusals)[:SHOWN_REFUSED]
        # As many columns as fit: those with wrong cells, and the first of the others.
        faulty = set().union(*(run.wrong[number] for number in numbers))
        wanted = sorted(columns, key=lambda column: column.index not in faulty)
        shown = [column for column in columns if column in wanted[:SHOWN_COLUMNS]]
        rows = run.find_rows(numbers)
        # Read again: what is found of them now is no other reason.
        names = self._name_records_of(ImportRun(self, run), rows) if rows else {}
        return {
            "refused_columns": [column.title for column in shown],
            "refused": [
                {
                    "row": row.number,
                    "record": names.get(row.number, ""),
                    "cells": [self._show_cell(column, row.cells) for column in shown],
                    "wrong": [
                        place
                        for place, column in enumerate(shown)
                        if column.index in run.wrong[row.number]
                    ],
                    "reason": shorten(run.refusals[row.number], LONGEST_REASON),
                }
                for row in rows
            ],
        }

    def _show_cell(self, column, cells):
        cell = plain_cell(column.find_cell(cells))
        if isinstance(cell, date):
            return format_day(self.env, cell, with_year=True)
        return "" if cell is None else clip_cell(cell)

    def _show_value(self, column, cells):
        cell = column.find_cell(cells)
        if cell is None:
            return ""
        try:
            return self._read_for_people(column, cell) or self.env._("no value")
        except CellError:  # read otherwise now than when it was imported
            return self._show_cell(column, cells)

    @api.depends(*READ_BY, "company_id", "no_value_texts", "column_ids.no_value_texts")
    def _compute_preview(self):
        for job in self:
            job.preview = job._preview() if job.state != "draft" else False

    def _preview(self):
        """The first rows as a table: cells as understood, or why they are not."""
        try:
            run = ImportRun(self)
            rows = list(islice(run.rows(), SHOWN_ROWS))
        except TabularError as error:
            return self._render_preview(error=error.translate_with(self.env._))
        columns, targets = run.reader.columns, self._target_columns()
        if not columns:
            return False
        heads = [
            (
                column.title,
                targets[column.key].label,
                self._describe_value(column.moment)
                if column.moment
                else " ".join(column.given.values()),
            )
            for column in columns
        ]
        lines = [
            (row.number, [self._preview_cell(column, row.cells) for column in columns])
            for row in rows
        ]
        names = self._name_records_of(run, rows)
        return self._render_preview(
            heads=heads, lines=lines, names=names, reasons=run.refusals
        )

    def _render_preview(self, **values):
        words = {"row": self.env._("Row"), "record": self.env._("Record")}
        words["nothing"] = self.env._("no value")
        values = {"heads": (), "error": "", "words": words, **values}
        return self.env["ir.qweb"]._render("kpi_base.import_preview", values)

    def _name_records_of(self, run, rows):
        """Row number → names of the records that the row goes to."""
        entries = [
            entry
            for row in rows
            if not is_totals_row(row.cells)
            for entry in run.reader.read_row(row)[0]
        ]
        names = self._target()._name_records(run, entries)
        found = defaultdict(set)
        for entry, name in zip(entries, names, strict=False):
            if name:
                found[entry.number].add(name)
        return {number: ", ".join(sorted(each)) for number, each in found.items()}

    def _preview_cell(self, column, cells):
        """A cell as it is understood, None: no value; and why it cannot be read."""
        cell = column.find_cell(cells)
        if cell is None:
            return "", ""
        try:
            return self._read_for_people(column, cell), ""
        except CellError as error:
            return clip_cell(cell), error.translate_with(self.env._)

    def _read_for_people(self, column, cell):
        """A cell as it is understood; None: no value. CellError: cannot be read."""
        value = column.read(cell)
        if value is None:
            return None
        # of a choice its text, not the key behind it
        is_choice = column.kind == "choice"
        return clip_cell(cell) if is_choice else self._describe_value(value)

    def _describe_value(self, value):
        if isinstance(value, Moment):
            if value.is_two_years:
                return f"{value.day.year - 1}/{value.day.year}"
            if value.grain == "day":
                return format_day(self.env, value.day, with_year=True)
            start = date_utils.start_of(value.day, value.grain)
            return format_period(self.env, start, value.grain)
        if isinstance(value, GoalRange):
            return " – ".join(map(self._describe_value, (value.low, value.high)))
        if isinstance(value, Goal):
            return f"{value.sign} {self._describe_value(float(value))}"
        if isinstance(value, float):
            whole = len(f"{abs(value):.0f}")
            return format_significant(self.env, value, max(6, whole + 2))
        if isinstance(value, bool):
            return self.env._("yes") if value else self.env._("no")
        return clip_cell(value)
