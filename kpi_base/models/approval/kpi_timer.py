from odoo import api, models


class KpiTimer(models.AbstractModel):
    """Approvals are escalated at their exact time."""

    _inherit = "kpi.timer"

    @api.model
    def _get_sweeps(self):
        return {**super()._get_sweeps(), "kpi.approval.step": "_sweep_due"}
