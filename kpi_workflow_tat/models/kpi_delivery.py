from odoo import models
from odoo.tools import SQL


class KpiDelivery(models.Model):
    """Delivered reminders say so."""

    _inherit = "kpi.delivery"

    def _mark(self, state, reason=None, due_at=None, asked_seconds=None):
        result = super()._mark(state, reason, due_at, asked_seconds)
        if state == "sent" and self.renderer == "kpi.tat.alert":
            self.env.execute_query(
                SQL(
                    "UPDATE tat_alerts SET notification_sent = TRUE"
                    " WHERE delivery_id = %s RETURNING id",
                    self.id,
                )
            )
        return result
