from odoo import api, models

from .kpi_action_item_status import STATUS_EVENTS


class KpiEvent(models.AbstractModel):
    """What happens to actions, for whoever listens."""

    _inherit = "kpi.event"

    @api.model
    def _event_models(self):
        names = ["action.created", *STATUS_EVENTS.values()]
        return {**super()._event_models(), **dict.fromkeys(names, "kpi.action.item")}
