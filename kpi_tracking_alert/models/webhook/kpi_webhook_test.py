import secrets

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed
from odoo.addons.kpi_base.outbox import DeliveryLater, DeliveryRefused


class KpiWebhook(models.Model):
    """A message to try a webhook with."""

    _inherit = "kpi.webhook"

    def action_send_test(self):
        """Send a message without events now, and say what came back."""
        self.ensure_one()
        self.check_access("write")
        body = self._get_body("webhook.test", fields.Datetime.now(), [])
        try:
            answer = self._post(f"msg_{secrets.token_hex(16)}", body)
        except (DeliveryLater, DeliveryRefused, OutgoingFailed) as error:
            raise UserError(self.env._("Not taken. %s", error)) from error
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Taken: %(status)s %(answer)s",
                    status=answer.status,
                    answer=answer.text[:200],
                ),
            },
        }
