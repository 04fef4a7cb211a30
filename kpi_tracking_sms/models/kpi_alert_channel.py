import uuid

from odoo import api, models

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed
from odoo.addons.kpi_base.engine.phone import is_phone
from odoo.addons.kpi_base.outbox import DeliveryRefused, DeliverySkipped

from ..engine.text import sms_text

# What an administrator can mend, or time; the rest is about the number.
PASSING = {"sms_server", "sms_credit", "sms_acc", "unknown", False}
TAKEN = ("pending", "sent")


class KpiAlertChannel(models.Model):
    """SMS, by Odoo's own way of sending them."""

    _inherit = "kpi.alert.channel"

    def _find_sms_fault(self):
        if self and not self.phone:
            return self.env._("%s: enter the phone number.", self.name)
        return None

    def _post_sms(self, message, phone):
        self._send_sms_text(message, self.phone or phone, uuid.uuid4().hex)

    @api.model
    def _send_sms_text(self, message, phone, key):
        """Send a text; the gateway takes one with the same key once.

        :param key: 32 hexadecimal digits, the same for all attempts
        :raises DeliveryRefused, DeliverySkipped, OutgoingFailed: it was not taken
        """
        if not is_phone(phone):
            raise DeliverySkipped(
                self.env._("The phone number or its country code is missing.")
            )
        # Texts that are sent are the engine's, whoever asks for a test.
        texts = self.env["sms.sms"].sudo()
        text = texts.search([("uuid", "=", key)]) or texts.create(
            {
                "uuid": key,
                "number": phone,
                "body": sms_text(message),
                # Not "outgoing": Odoo's own cron would send it a second time.
                "state": "process",
            }
        )
        if text.state in TAKEN:
            return
        text.with_context(kpi_sms=True)._send(raise_exception=True)
        if text.state not in TAKEN:
            reason = dict(text._fields["failure_type"]._description_selection(self.env))
            reason = reason.get(text.failure_type) or self.env._("Unknown error")
            if text.failure_type in PASSING:
                raise OutgoingFailed(reason)
            raise DeliveryRefused(reason)
