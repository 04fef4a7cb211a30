from tempfile import SpooledTemporaryFile

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import Response, content_disposition, request

from odoo.addons.kpi_base.engine.nesting import load_json
from odoo.addons.kpi_base.table_files import MIME_TYPES, answer_file

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


IN_MEMORY = 8 * 2**20  # bytes; longer logs wait on the disk


class KpiTatLogController(http.Controller):
    @http.route("/kpi_workflow_tat/log/xes", type="http", auth="user", readonly=True)
    def download(self, ids="", companies="[]"):
        """The event log of the requests ``ids``; with the user's rights."""
        try:
            chosen = load_json(companies)
            if not isinstance(chosen, list) or any(
                type(one) is not int for one in chosen
            ):
                raise ValueError("Companies are a list of numbers.")
            requests = request.env["kpi.tat.request"]
            if chosen:
                requests = requests.with_context(allowed_company_ids=chosen)
            found = requests._find_exported(ids)
        except (ValueError, TypeError) as error:
            raise BadRequest(str(error)) from error
        log = SpooledTemporaryFile(IN_MEMORY)  # closed when it is sent
        for part in found._write_xes():
            log.write(part)
        size = log.tell()
        log.seek(0)
        headers = [
            ("Content-Type", "application/xml; charset=utf-8"),
            ("Content-Length", str(size)),
            ("Content-Disposition", content_disposition("requests.xes")),
            ("Cache-Control", "private, no-store"),
        ]
        body = wrap_file(request.httprequest.environ, log)
        return Response(body, headers=headers, direct_passthrough=True)
