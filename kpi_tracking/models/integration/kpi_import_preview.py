from itertools import islice

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date

from ...engine.tabular import CellError, Moment, TabularError, clipped

SHOWN_ROWS = 6


class KpiImport(models.Model):
    """The first rows as they are understood."""

    _inherit = "kpi.import"

    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends(
        "state",
        "first_year",
        "no_value_texts",
        "column_ids.key",
        "column_ids.period_day",
        "column_ids.decimal_mark",
        "column_ids.date_order",
        "column_ids.epoch",
        "column_ids.no_value_texts",
    )
    def _compute_preview(self):
        for job in self:
            job.preview = job._preview() if job.state != "draft" else False

    def _preview(self):
        # An edited form holds the choices, the record behind it the file.
        stored = self._origin or self
        try:
            table = stored._open_table()
            number = stored._header(table).number
            rows = (row for row in table.rows() if row.number > number)
            rows = list(islice(rows, SHOWN_ROWS))
            common, periods = self._readers(table)
        except TabularError as error:
            return Markup('<div class="alert alert-danger">%s</div>') % error
        columns = [(*reader, None) for reader in common] + periods
        if not columns:
            return False
        return Markup(
            '<div class="table-responsive"><table class="table table-sm o_kpi_import">'
            "<thead><tr><th>%s</th>%s</tr></thead><tbody>%s</tbody></table></div>"
        ) % (
            self.env._("Row"),
            Markup("").join(self._preview_title(*column) for column in columns),
            Markup("").join(self._preview_row(row, columns) for row in rows),
        )

    def _preview_title(self, _place, title, key, _read, moment):
        label = self._target_columns()[key].label
        period = self._understood(moment) if moment else ""
        return Markup(
            "<th>%s<div class='text-muted fw-normal small'>%s %s</div></th>"
        ) % (
            title,
            label,
            period,
        )

    def _preview_row(self, row, columns):
        cells = Markup("").join(
            self._preview_cell(
                row.cells[place] if place < len(row.cells) else None, read
            )
            for place, _title, _key, read, _moment in columns
        )
        return Markup("<tr><td class='text-muted'>%s</td>%s</tr>") % (row.number, cells)

    def _preview_cell(self, cell, read):
        if cell is None or cell == "":
            return Markup("<td></td>")
        try:
            value = read(cell)
        except CellError as error:
            return Markup("<td class='text-danger' title='%s'>%s</td>") % (
                error,
                clipped(cell),
            )
        if value is None:
            return Markup("<td class='text-muted'>%s</td>") % self.env._("no value")
        return Markup("<td>%s</td>") % self._understood(value)

    def _understood(self, value):
        if isinstance(value, Moment):
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
        return clipped(value)
