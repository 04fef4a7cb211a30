from odoo import api, models
from odoo.fields import Domain


class KpiHome(models.AbstractModel):
    """Own streaks and the next achievement are a panel of the overview."""

    _inherit = "kpi.home"

    @api.model
    def _get_panels(self):
        """Add the panel, which asks for itself, where something can be earned."""
        panels = super()._get_panels()
        of_company = Domain("company_id", "=", self.env.company.id)
        if not self.env["kpi.achievement"].search(of_company, limit=1):
            return panels
        if self.env["kpi.gamification.choice"].get_choice() != "out":
            panels["kpi_gamification.achievements"] = True
        return panels

    @api.model
    def _get_start_panels(self):
        """Leave it out: it is no way to a first KPI."""
        panels = super()._get_start_panels()
        panels.pop("kpi_gamification.achievements", None)
        return panels
