from werkzeug.exceptions import NotFound

from odoo import http
from odoo.http import content_disposition, request


class KpiCommissionStatementController(http.Controller):
    @http.route(
        "/kpi_deal_pipeline/statement/<int:statement_id>/<string:file_format>",
        type="http",
        auth="user",
        readonly=True,
    )
    def download(self, statement_id, file_format):
        """A statement as a file; with the user's rights."""
        statement = request.env["kpi.commission.statement"].search(
            [("id", "=", statement_id)]
        )
        if not statement or file_format not in ("pdf", "xlsx"):
            raise NotFound()
        name, mime_type, content = statement._file(file_format)
        headers = [
            ("Content-Type", mime_type),
            ("Content-Disposition", content_disposition(name)),
            ("Cache-Control", "private, no-store"),
        ]
        return request.make_response(content, headers)
