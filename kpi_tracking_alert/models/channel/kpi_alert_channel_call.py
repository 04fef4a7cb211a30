from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.message import Message
from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed
from odoo.addons.kpi_base.outbox import (
    DeliveryLater,
    DeliveryRefused,
    DeliverySkipped,
)

from ...engine.payloads.words import Words

NOT_SENT = (DeliveryLater, DeliveryRefused, DeliverySkipped, OutgoingFailed)


class KpiAlertChannel(models.Model):
    """Calls of the services behind channels, and what their answers mean."""

    _inherit = "kpi.alert.channel"

    def action_send_test(self):
        """Send a message now, and say what came of it."""
        self.ensure_one()
        self.check_access("write")
        if self.fault:
            raise UserError(self.fault)
        message = Message(
            self.env._("Test message"),
            self.env._("KPI alerts can be sent here."),
            url=self.get_base_url(),
        )
        try:
            self._post_message(message)
        except NOT_SENT as error:
            raise UserError(self.env._("Not sent. %s", error)) from error
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The test message was sent to %s.", self.name),
            },
        }

    def _post_message(self, message, phone=None):
        """Send a message, by the method ``_post_<kind>``.

        :param phone: of the receiver, where the channel is no single number
        :raises DeliveryRefused, DeliverySkipped: another attempt is of no use
        :raises OutgoingFailed: another one may be
        """
        self.ensure_one()
        return getattr(self, f"_post_{self.kind}")(message, phone)

    def _find_origin(self):
        """Name of the server that messages leave by, from ``_find_<kind>_address``."""
        self.ensure_one()
        address = getattr(self, f"_find_{self.kind}_address")()
        return self.env["kpi.outgoing"]._find_origin(address)

    @api.model
    def _words(self):
        """Words that payloads need, in the language of the environment."""
        return Words(more=self.env._("and %s more"), open=self.env._("Open"))
