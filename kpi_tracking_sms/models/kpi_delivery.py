import hashlib

from odoo import fields, models


class KpiDelivery(models.Model):
    """Messages by SMS, to a number or to the phone of a person."""

    _inherit = "kpi.delivery"

    channel = fields.Selection(
        selection_add=[("sms", "SMS")], ondelete={"sms": "cascade"}
    )

    def _find_sms_host(self):
        return "sms"

    def _send_sms(self):
        channels = self.env["kpi.alert.channel"]
        target = self._get_target()
        phone = self.address or self.user_id.phone
        if target is not None and target._name == channels._name:
            phone = target.phone
        key = hashlib.sha256(self.message_id.encode()).hexdigest()[:32]
        channels._send_sms_text(self._compose(), phone, key)
