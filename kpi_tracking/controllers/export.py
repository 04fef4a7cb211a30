"""Files of tables, and those exported from lists: no text in them is a formula.

Odoo writes “=…” into workbooks as a live formula, and its guard of CSV leaves out “@”
and control characters. Names of KPIs come from people and from imported files.
"""

import json

from werkzeug.exceptions import BadRequest, NotFound

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.engine.nesting import load_json
from odoo.addons.kpi_base.engine.spreadsheet import neutral_text
from odoo.addons.kpi_base.table_files import MIME_TYPES, answer_file
from odoo.addons.web.controllers import export


def _is_ours():
    """Return whether the current request exports records of this suite."""
    data = json.loads(request.params.get("data") or "{}")
    return str(data.get("model", "")).startswith("kpi.")


class NeutralXlsxWriter(export.ExportXlsxWriter):
    def write(self, row, column, cell_value, style=None):
        return super().write(row, column, neutral_text(cell_value), style)


class NeutralGroupXlsxWriter(NeutralXlsxWriter, export.GroupExportXlsxWriter):
    pass


class CSVExport(export.CSVExport):
    def from_data(self, fields, columns_headers, rows):
        if _is_ours():
            columns_headers = [neutral_text(title) for title in columns_headers]
            rows = [[neutral_text(cell) for cell in row] for row in rows]
        return super().from_data(fields, columns_headers, rows)


class ExcelExport(export.ExcelExport):
    def from_data(self, fields, columns_headers, rows):
        if not _is_ours():
            return super().from_data(fields, columns_headers, rows)
        with NeutralXlsxWriter(fields, columns_headers, len(rows)) as writer:
            for number, row in enumerate(rows, start=1):
                for column, cell in enumerate(row):
                    writer.write_cell(number, column, cell)
        return writer.value

    def from_group_data(self, fields, columns_headers, groups):
        if not _is_ours():
            return super().from_group_data(fields, columns_headers, groups)
        with NeutralGroupXlsxWriter(fields, columns_headers, groups.count) as writer:
            row, column = 1, 0
            for name, group in groups.children.items():
                row, column = writer.write_group(row, column, name, group)
        return writer.value


class KpiPeriodReportController(http.Controller):
    @http.route(
        "/kpi_tracking/period_report/<string:file_format>",
        type="http",
        auth="user",
        readonly=True,
    )
    def download(self, file_format, options="{}"):
        """The table that ``options`` ask for, as a file; with the user's rights."""
        if file_format not in MIME_TYPES:
            raise NotFound()
        try:
            asked = load_json(options)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        report = request.env["kpi.period.report"]._build_from_options(asked)
        name, content = report._file(file_format)
        return answer_file(name, MIME_TYPES[file_format], content)
