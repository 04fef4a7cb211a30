from odoo import api, models


class KpiEvent(models.AbstractModel):
    """What happens to approvals, for whoever listens."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        names = ("approval.requested", "approval.decided", "approval.escalated")
        return {**super()._event_models(), **dict.fromkeys(names, "kpi.approval.step")}
