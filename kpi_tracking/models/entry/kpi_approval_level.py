from odoo import api, models


class KpiApprovalLevel(models.Model):
    """Levels say on which condition somebody is asked."""

    _inherit = "kpi.approval.level"

    @api.depends("approver_ids.condition")
    def _compute_summary(self):
        return super()._compute_summary()
