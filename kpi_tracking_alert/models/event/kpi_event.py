from odoo import api, models


class KpiEvent(models.AbstractModel):
    """What happens to alerts, for whoever listens."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        names = ("alert.fired", "alert.acknowledged", "alert.resolved")
        return {**super()._event_models(), **dict.fromkeys(names, "kpi.alert.event")}
