from odoo import api, models


class KpiEvent(models.AbstractModel):
    """What happens to review meetings, for whoever listens."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        names = ("meeting.planned", "meeting.held", "meeting.cancelled")
        names += ("meeting.minutes",)
        return {**super()._event_models(), **dict.fromkeys(names, "kpi.review.meeting")}
