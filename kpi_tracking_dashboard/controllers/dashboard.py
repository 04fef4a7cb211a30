from werkzeug.exceptions import BadRequest, NotFound

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.engine.nesting import load_json
from odoo.addons.kpi_base.rest.link_page import answer as answer_page
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.schemas.base import Filter
from odoo.addons.kpi_base.table_files import answer_file

from ..models.output.kpi_dashboard_records import MIME_TYPES, printer
from ..schemas import dashboard as schemas

# Texts on a dashboard are people's: nothing in them runs or is fetched.
POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; font-src 'self';"
    " img-src 'self' data:; script-src 'self'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'none'"
)


class KpiDashboardController(http.Controller):
    @http.route(
        "/kpi/dashboard/<int:dashboard_id>/<string:file_format>",
        type="http",
        auth="user",
        readonly=True,
    )
    def download(self, dashboard_id, file_format, options="{}"):
        """The dashboard that ``options`` ask for, with the user's rights.

        :param file_format: ``pdf``, ``png``, ``xlsx``, or ``print``: a page to print
        """
        if file_format != "print" and file_format not in MIME_TYPES:
            raise NotFound()
        dashboard = request.env["kpi.dashboard"].search([("id", "=", dashboard_id)])
        if not dashboard:
            raise NotFound()
        try:
            asked = load_json(options)
        except ValueError as error:
            raise BadRequest(str(error)) from error
        answer = dashboard.data(asked)
        if not answer["tiles"] and answer["left_out"]["count"]:
            raise NotFound()  # nothing of it may be read
        if file_format == "print" or (file_format == "pdf" and not printer()):
            return self._page(dashboard, answer, is_asked=file_format == "print")
        name, content = dashboard._file(file_format, answer)
        return answer_file(name, MIME_TYPES[file_format], content)

    @staticmethod
    def _page(dashboard, answer, *, is_asked):
        """A page that prints itself, with the reason if a PDF was requested."""
        page = dashboard._page(
            answer,
            dashboard._drawings(answer, has_records=True),
            message="" if is_asked else dashboard._no_printer(),
            is_linked=True,
        )
        return answer_page(f"<!DOCTYPE html>{page}", POLICY)


DASHBOARDS = Resource("/api/kpi/dashboards/<kpi_id:dashboard_id>", schemas.DashboardRow)


class KpiDashboardApi(http.Controller):
    """Dashboards as people have arranged them."""

    get_dashboard = DASHBOARDS.get("One dashboard")

    @DASHBOARDS.list(
        "Dashboards",
        "active owner_id",
        sortable="sequence",
        name=Filter("name", "ilike", description="A part of the name"),
    )
    def list_dashboards(self, query):
        """The own ones of the key's user, and those shared with them that show them
        anything."""
        return [("is_listed", "=", True)]

    @DASHBOARDS.part(
        "data",
        "What a dashboard shows",
        query=schemas.DashboardDataQuery,
        response=schemas.DashboardDataOut,
    )
    def dashboard_data(self, dashboard, query):
        """As the key's user sees it: tiles of KPIs that they cannot see are left
        out, and counted."""
        return {**dashboard.data(query.options), "scopes": dashboard.scopes()}
