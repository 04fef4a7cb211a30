from odoo import api, models
from odoo.fields import Domain


class KpiHome(models.AbstractModel):
    """Assumptions that the user is to check, among what waits for them."""

    _inherit = "kpi.home"

    @api.model
    def _list_counted(self, role):
        due = {
            "kind": "assumption",
            "model": "kpi.benefit.assumption",
            "domain": Domain("owner_id", "=", self.env.uid)
            & Domain("is_due", "=", True),
            "text": self.env._("Assumptions to check: %s"),
            "action": "kpi_benefits.kpi_benefit_assumption_action",
            "context": {"search_default_mine": 1, "search_default_due": 1},
        }
        return [*super()._list_counted(role), due]
