from odoo import api, models

DASHBOARDS = 8  # more are a page of their own


class KpiHome(models.AbstractModel):
    """The dashboards of whoever looks are a panel of the overview."""

    _inherit = "kpi.home"

    @api.model
    def _get_panels(self):
        panels = super()._get_panels()
        dashboards = self._list_dashboards()
        return (
            {**panels, "kpi_tracking_dashboard.dashboards": dashboards}
            if dashboards
            else panels
        )

    @api.model
    def _list_dashboards(self):
        """The first dashboards that the user sees, favourites before others."""
        found = self.env["kpi.dashboard"].search_read(
            [], ["name", "is_favorite"], limit=DASHBOARDS
        )
        return sorted(found, key=lambda dashboard: not dashboard["is_favorite"])
