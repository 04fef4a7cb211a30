from bisect import bisect_right
from datetime import date
from itertools import chain, islice, takewhile

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date
from odoo.tools.misc import formatLang

from ...engine.tabular import CellError, TabularError, clip_cell
from .import_run import ImportRun

SHOWN_REFUSED = 50
SHOWN_ACCEPTED = 5
SHOWN_MORE = 200  # that “Show all” adds at once
SHOWN_COLUMNS = 6
LONGEST_REASON = 500  # characters


class KpiImport(models.Model):
    """What a check found, as the page shows it: rows with errors and valid rows."""

    _inherit = "kpi.import"

    accepted_count = fields.Integer("Valid Rows", readonly=True, copy=False)
    accepted_ranges = fields.Json(
        "Ranges of Valid Rows",
        readonly=True,
        copy=False,
        prefetch=False,
        exportable=False,
        help="First and last number of adjacent rows.",
    )
    check_page = fields.Json(
        "Checked Rows", readonly=True, copy=False, prefetch=False, exportable=False
    )
    import_count = fields.Integer(
        "Rows to Import", compute="_compute_import_count", exportable=False
    )
    import_label = fields.Char(
        "Import Button", compute="_compute_import_count", exportable=False
    )

    @api.depends("accepted_count", "refused_count", "policy")
    def _compute_import_count(self):
        for job in self:
            is_blocked = job.policy == "all" and job.refused_count
            job.import_count = 0 if is_blocked else job.accepted_count
            count = formatLang(self.env, job.import_count, digits=0)
            job.import_label = (
                self.env._("Import 1 row")
                if job.import_count == 1
                else self.env._("Import %s rows", count)
            )

    def action_import_checked(self):
        """Import what was checked; what was changed since then is checked first."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "checked":
            self.action_check()
        elif not self.import_count:
            raise UserError(self.env._("There are no rows to import."))
        else:
            self.action_import()

    def get_accepted_rows(self, after=0):
        """Return the next valid rows behind row ``after``, as the page shows them."""
        self.ensure_one()
        self.check_access("read")
        ranges = self.accepted_ranges or []
        try:
            return self._build_accepted_rows(ImportRun(self), ranges, after, SHOWN_MORE)
        except TabularError as error:
            raise UserError(error.translate_with(self.env._)) from error

    def _prepare_check_values(self, run, target):
        """Prepare what the page shows, while the rows are staged."""
        ranges, count = target._find_staged_ranges()
        return {
            "accepted_count": count,
            "accepted_ranges": ranges,
            "check_page": self._build_check_page(run, ranges),
        }

    def _build_check_page(self, run, ranges):
        columns = _sort_columns(run)
        return {
            "columns": [column.title for column in columns[:SHOWN_COLUMNS]],
            "accepted": self._build_accepted_rows(run, ranges, 0, SHOWN_ACCEPTED),
            **self._build_refused_part(run, columns),
            "fixes": self._find_fixes(run) if self.is_check or run.refusals else [],
        }

    def _build_accepted_rows(self, run, ranges, after, most):
        """The first valid rows behind row ``after``: cells as they are understood."""
        last = ranges[-1][1] if ranges else 0
        valid = (
            row
            for row in takewhile(lambda row: row.number <= last, run.rows())
            if row.number > after and is_within(row.number, ranges)
        )
        rows = list(islice(valid, most))
        columns = _sort_columns(run)[:SHOWN_COLUMNS]
        names = self._name_records_of(run, rows) if rows else {}
        return [
            {
                "row": row.number,
                "record": names.get(row.number, ""),
                "cells": [self._show_value(column, row.cells) for column in columns],
            }
            for row in rows
        ]

    def _build_refused_part(self, run, columns):
        """The first rows with errors as they are in the file, wrong cells marked."""
        numbers = set(sorted(run.refusals)[:SHOWN_REFUSED])
        shown = _choose_columns(columns, map(run.find_wrong_cells, numbers))
        rows = [
            self._build_refused_page_row(run, row, shown)
            for row in run.find_rows(numbers)
        ]
        return {"refused_columns": [each.title for each in shown], "refused": rows}

    def _build_refused_page_row(self, run, row, columns):
        wrong = run.find_wrong_cells(row.number)
        reason = run.refusals[row.number]
        if len(reason) > LONGEST_REASON:
            reason = f"{reason[: LONGEST_REASON - 1]}…"
        return {
            "row": row.number,
            "cells": [self._show_cell(column, row.cells) for column in columns],
            "wrong": [n for n, each in enumerate(columns) if each.index in wrong],
            "reason": reason,
        }

    def _show_cell(self, column, cells):
        cell = column.find_cell(cells)
        if isinstance(cell, date):
            return format_date(self.env, cell)
        return "" if cell is None else clip_cell(cell)

    def _show_value(self, column, cells):
        cell = column.find_cell(cells)
        if cell is None:
            return ""
        try:
            value = self._read_for_people(column, cell)
        except CellError:  # read otherwise now than when it was imported
            return self._show_cell(column, cells)
        return self.env._("no value") if value is None else self._describe_value(value)


def _sort_columns(run):
    """What is said of the entire row goes first."""
    return sorted(run.reader.columns, key=lambda column: bool(column.moment))


def _choose_columns(columns, wrong):
    """As many as fit: those with wrong cells, and the first of the others.

    :param wrong: indexes of the columns with wrong cells, row by row
    """
    faulty = set(chain.from_iterable(wrong))
    wanted = sorted(columns, key=lambda column: column.index not in faulty)
    chosen = wanted[:SHOWN_COLUMNS]
    return [column for column in columns if column in chosen]


def is_within(number, ranges):
    """Check whether a number lies in one of the sorted ``(first, last)``."""
    place = bisect_right(ranges, number, key=lambda each: each[0]) - 1
    return place >= 0 and number <= ranges[place][1]
