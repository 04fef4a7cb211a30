from odoo import api, models


class KpiReport(models.Model):
    """A first dashboard is one of the first steps."""

    _inherit = "kpi.report"

    @api.model
    def _first_steps(self):
        choose, *others = super()._first_steps()
        dashboard = {
            "key": "dashboard",
            "title": self.env._("Install a dashboard"),
            "text": self.env._("Ready ones show your KPIs side by side."),
            "button": self.env._("Open ready dashboards"),
            "action": "kpi_tracking_dashboard.kpi_gallery_dashboard_action",
        }
        return [choose, dashboard, *others]

    @api.model
    def _find_done_steps(self):
        """A dashboard with a tile is there."""
        companies = [*self.env.companies.ids, False]
        domain = [("dashboard_id.company_id", "in", companies)]
        has_tile = self.env["kpi.dashboard.tile"].search_count(domain, limit=1)
        return super()._find_done_steps() | ({"dashboard"} if has_tile else set())
