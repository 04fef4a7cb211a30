from odoo import api, models


class KpiEvent(models.AbstractModel):
    """What happens to discussions, for whoever listens."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        names = ("discussion.opened", "discussion.closed", "discussion.reopened")
        return {**super()._event_models(), **dict.fromkeys(names, "kpi.discussion")}
