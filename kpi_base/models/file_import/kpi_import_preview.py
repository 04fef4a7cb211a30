from itertools import islice

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from ...engine.tabular import (
    CellError,
    Moment,
    TabularError,
    clip_cell,
    is_totals_row,
)
from .import_run import ImportRun

SHOWN_ROWS = 6


class KpiImport(models.Model):
    """The first rows as they are understood."""

    _inherit = "kpi.import"

    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends(
        "state",
        "company_id",
        "target_model",
        "target_options",
        "first_year",
        "no_value_texts",
        "column_ids.key",
        "column_ids.period_day",
        "column_ids.decimal_mark",
        "column_ids.date_order",
        "column_ids.epoch",
        "column_ids.year_pairs",
        "column_ids.no_value_texts",
    )
    def _compute_preview(self):
        for job in self:
            job.preview = job._preview() if job.state != "draft" else False

    def _preview(self):
        try:
            run = ImportRun(self)
            rows = list(islice(run.rows(), SHOWN_ROWS))
        except TabularError as error:
            return Markup(
                '<div class="alert alert-danger">%s</div>'
            ) % error.translate_with(self.env._)
        # What is said of the entire row goes first.
        columns = sorted(run.reader.columns, key=lambda column: bool(column.moment))
        if not columns:
            return False
        records = self._preview_records(run, rows)
        return Markup(
            '<div class="table-responsive"><table class="table table-sm o_kpi_import">'
            "<thead><tr><th>%s</th>%s</tr></thead><tbody>%s</tbody></table></div>"
        ) % (
            self.env._("Row"),
            Markup("").join(self._preview_title(column) for column in columns)
            + (Markup("<th>%s</th>") % self.env._("Record") if records else ""),
            Markup("").join(
                self._preview_row(row, columns, records.get(row.number, ""))
                for row in rows
            ),
        )

    def _preview_records(self, run, rows):
        """Row number → cell that names what the row goes to, or why to nothing."""
        cells = {
            number: Markup("<td>%s</td>") % name
            for number, name in self._name_records_of(run, rows).items()
        }
        for number, reason in run.refusals.items():
            cells[number] = Markup("<td class='text-danger'>%s</td>") % reason
        return cells

    def _name_records_of(self, run, rows):
        """Row number → names of the records that the row goes to."""
        entries = [
            entry
            for row in rows
            if not is_totals_row(row.cells)
            for entry in run.reader.read_row(row)[0]
        ]
        names = self._target()._name_records(run, entries)
        found = {}
        for entry, name in zip(entries, names, strict=False):
            if name:
                found.setdefault(entry.number, set()).add(name)
        return {number: ", ".join(sorted(each)) for number, each in found.items()}

    def _preview_title(self, column):
        label = self._target_columns()[column.key].label
        period = self._describe_value(column.moment) if column.moment else ""
        return Markup(
            "<th>%s<div class='text-muted fw-normal small'>%s %s</div></th>"
        ) % (
            column.title,
            label,
            period,
        )

    def _preview_row(self, row, columns, record):
        cells = Markup("").join(
            self._preview_cell(column, column.find_cell(row.cells))
            for column in columns
        )
        return Markup("<tr><td class='text-muted'>%s</td>%s%s</tr>") % (
            row.number,
            cells,
            record,
        )

    def _preview_cell(self, column, cell):
        if cell is None:
            return Markup("<td></td>")
        try:
            value = self._read_for_people(column, cell)
        except CellError as error:
            return Markup("<td class='text-danger' title='%s'>%s</td>") % (
                error.translate_with(self.env._),
                clip_cell(cell),
            )
        if value is None:
            return Markup("<td class='text-muted'>%s</td>") % self.env._("no value")
        return Markup("<td>%s</td>") % self._describe_value(value)

    def _read_for_people(self, column, cell):
        """The value of a cell; of a choice its text, not the key behind it.

        :raises CellError: it cannot be read
        """
        value = column.read(cell)
        is_choice = column.kind == "choice" and value is not None
        return clip_cell(cell) if is_choice else value

    def _describe_value(self, value):
        if isinstance(value, Moment):
            if value.is_two_years:
                return f"{value.day.year - 1}/{value.day.year}"
            if value.grain == "day":
                return format_date(self.env, value.day)
            pattern = {"year": "y", "quarter": "QQQ y", "week": "'W'w Y"}
            return format_date(
                self.env, value.day, date_format=pattern.get(value.grain, "MMM y")
            )
        if isinstance(value, float):
            return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.2f}"
        if isinstance(value, bool):
            return self.env._("yes") if value else self.env._("no")
        return clip_cell(value)
