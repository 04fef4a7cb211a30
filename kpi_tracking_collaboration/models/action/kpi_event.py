from odoo import api, models


class KpiEvent(models.AbstractModel):
    """What happens to actions, for whoever listens."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        names = ("action.created", "action.completed", "action.cancelled")
        return {**super()._event_models(), **dict.fromkeys(names, "kpi.action.item")}
