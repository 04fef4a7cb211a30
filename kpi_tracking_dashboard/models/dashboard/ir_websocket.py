from odoo import models
from odoo.fields import Domain


class IrWebsocket(models.AbstractModel):
    """Who sees a dashboard may listen to changes of it."""

    _inherit = "ir.websocket"

    def _find_listened(self, asked):
        dashboards = self._find_listened_dashboards(asked)
        return [*super()._find_listened(asked), dashboards]

    def _find_listened_dashboards(self, asked):
        """Those that the user sees, in any of their companies."""
        companies = self.env.user.company_ids.ids
        dashboards = self.env["kpi.dashboard"].with_context(
            active_test=False, allowed_company_ids=companies
        )
        return dashboards.search(Domain("id", "in", asked["dashboard"]))
