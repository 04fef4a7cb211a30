from odoo import http

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.schemas.base import Filter

from ..schemas import dashboard as schemas

DASHBOARDS = Resource(
    "kpi.dashboard", "/api/kpi/dashboards", schemas.DashboardRow, "kpi_id:dashboard_id"
)


class KpiDashboardApi(http.Controller):
    """Dashboards as people have arranged them."""

    get_dashboard = DASHBOARDS.read("One dashboard")

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
        """With the eyes of the key's user: tiles of KPIs that they may not see are left
        out, and counted."""
        return {**dashboard.data(query.options), "scopes": dashboard.scopes()}
