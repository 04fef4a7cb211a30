from odoo import api, models


class ResourceCalendarLeaves(models.Model):
    """Whoever goes away is replaced where they are asked to approve."""

    _inherit = "resource.calendar.leaves"

    @api.model_create_multi
    def create(self, vals_list):
        leaves = super().create(vals_list)
        leaves.env["kpi.approval.step"]._replace_missing_soon()
        return leaves

    def write(self, vals):
        result = super().write(vals)
        self.env["kpi.approval.step"]._replace_missing_soon()
        return result
