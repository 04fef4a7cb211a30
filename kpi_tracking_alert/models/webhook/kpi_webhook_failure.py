from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.tell import tell_owner

PATIENCE = timedelta(days=5)


class KpiWebhook(models.Model):
    """A receiver that is gone, or fails for days, is sent nothing any more."""

    _inherit = "kpi.webhook"

    def _note_success(self):
        self.env.execute_query(
            SQL(
                "UPDATE kpi_webhook SET last_sent_at = %s, failing_since = NULL,"
                " last_error = NULL WHERE id = %s RETURNING id",
                fields.Datetime.now(),
                self.id,
            )
        )

    def _note_failure(self, reason):
        """Note a failure, and turn it off where there was nothing else for days."""
        now = fields.Datetime.now()
        ((since,),) = self.env.execute_query(
            SQL(
                """
                UPDATE kpi_webhook
                   SET last_error = %(reason)s,
                       failing_since = least(failing_since, %(now)s)
                 WHERE id = %(id)s
             RETURNING failing_since
                """,
                reason=reason,
                now=now,
                id=self.id,
            )
        )
        if since <= now - PATIENCE:
            self._give_up(
                self.env._("It has failed for five days. Last answer: %s", reason)
            )

    def _give_up(self, reason):
        """Turn it off, once, and tell whoever is responsible."""
        rows = self.env.execute_query(
            SQL(
                "UPDATE kpi_webhook SET state = 'off', last_error = %s"
                " WHERE id = %s AND state = 'on' RETURNING id",
                reason,
                self.id,
            )
        )
        self.invalidate_recordset()
        if rows:
            tell_owner(
                self,
                self.owner_id,
                self.env._("Webhook turned off: %s", self.name),
                self.env._(
                    "%(reason)s It is sent nothing until you turn it on again.",
                    reason=f"{reason}\n",
                ),
            )
