from werkzeug.exceptions import BadRequest, NotFound

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.engine.nesting import load_json
from odoo.addons.kpi_base.rest.files import answer_file
from odoo.addons.kpi_base.table_files import MIME_TYPES

from ..report.kpi_tat_view import FORMATS

TYPES = {**MIME_TYPES, "csv": "text/csv; charset=utf-8"}


class KpiTatReportController(http.Controller):
    @http.route(
        "/kpi_workflow_tat/report/<string:model>/<string:file_format>",
        type="http",
        auth="user",
        readonly=True,
    )
    def download(self, model, file_format, options="{}"):
        """The rows of a report that ``options`` ask for; with the user's rights."""
        view = request.env.registry["kpi.tat.view"]
        kind = request.env.registry.get(model)
        if file_format not in FORMATS or not kind or not issubclass(kind, view):
            raise NotFound()
        try:
            asked = load_json(options)
            rows = request.env[model]._find_rows(asked)
        except (ValueError, TypeError) as error:
            raise BadRequest(str(error)) from error
        if file_format == "csv":
            name, content = rows._get_file_name("csv"), rows._stream_csv(asked)
        else:
            name, content = rows._write_file(file_format)
        return answer_file(name, TYPES[file_format], content)
