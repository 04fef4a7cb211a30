import json

from odoo import models

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed
from odoo.addons.kpi_base.engine.phone import is_phone
from odoo.addons.kpi_base.outbox import DeliveryRefused, DeliverySkipped

from ...engine.payloads.whatsapp import is_passing, whatsapp_payload

GRAPH_API = "https://graph.facebook.com/v23.0"


class KpiAlertChannel(models.Model):
    """WhatsApp, by the Cloud API and an approved template."""

    _inherit = "kpi.alert.channel"

    def _find_whatsapp_address(self):
        return f"{GRAPH_API}/{self.whatsapp_sender}/messages"

    def _post_whatsapp(self, message, phone):
        phone = self.phone or phone
        if not is_phone(phone):
            raise DeliverySkipped(
                self.env._("There is no phone number with its country code.")
            )
        payload = whatsapp_payload(
            message,
            self._words(),
            phone=phone,
            template=self.whatsapp_template,
            language=self.whatsapp_language,
        )
        token = self._read_secret("token")
        authorization = {"Authorization": f"Bearer {token}"}
        try:
            self.env["kpi.outgoing"]._call_json(
                self._find_whatsapp_address(), payload, [token], **authorization
            )
        except DeliveryRefused as error:
            if is_passing(_json_of(str(error))):
                raise OutgoingFailed(str(error)) from error
            raise


def _json_of(reason):
    """The JSON of an answer behind its status, or None."""
    try:
        return json.loads(reason.partition(" ")[2])
    except ValueError:
        return None
