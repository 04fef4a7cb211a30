from werkzeug.exceptions import BadRequest, NotFound

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.engine.nesting import load_json
from odoo.addons.kpi_base.rest.files import answer_file
from odoo.addons.kpi_base.table_files import MIME_TYPES


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
