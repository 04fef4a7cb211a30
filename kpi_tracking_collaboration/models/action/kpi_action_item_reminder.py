from odoo import api, models
from odoo.fields import Domain

from .kpi_action_item_status import OPEN


class KpiActionItem(models.Model):
    """Reminders of what somebody has to do."""

    _name = "kpi.action.item"
    _inherit = ["kpi.action.item", "kpi.reminder.mixin"]
    _reminded_person = "assigned_to"
    _reminded_day = "due_date"

    @api.model
    def _get_waiting(self):
        return Domain("status", "in", OPEN)

    def _say_waiting(self):
        return self.env._("KPI actions to do: %s", len(self))
