from odoo import http

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, row

from ..schemas.dashboard import (
    DashboardDataOut,
    DashboardDataQuery,
    DashboardQuery,
    DashboardsQuery,
)

MODEL = "kpi.dashboard"
PATH = "/api/kpi/dashboards"
ONE = f"{PATH}/<kpi_id:dashboard_id>"


class KpiDashboardApi(http.Controller):
    """Dashboards as people have arranged them."""

    @route(PATH, summary="Dashboards", query=DashboardsQuery)
    def list_dashboards(self, query):
        """The own ones of the key's user, and those shared with them that show them
        anything."""
        return read_page(MODEL, query, [("is_listed", "=", True)])

    @route(ONE, summary="One dashboard", query=DashboardQuery)
    def get_dashboard(self, dashboard_id, query):
        return row(find_record(MODEL, dashboard_id), query)

    @route(
        f"{ONE}/data",
        summary="What a dashboard shows",
        query=DashboardDataQuery,
        response=DashboardDataOut,
    )
    def dashboard_data(self, dashboard_id, query):
        """With the eyes of the key's user: tiles of KPIs that they may not see are left
        out, and counted."""
        dashboard = find_record(MODEL, dashboard_id)
        return {**dashboard.data(query.options), "scopes": dashboard.scopes()}
