from odoo import models


class ResUsers(models.Model):
    """People who can decide no longer are replaced where they are asked."""

    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("active", "company_ids")):
            self.env["kpi.approval.step"]._replace_missing_soon()
        return result
