from odoo import fields, models

from odoo.addons.kpi_base.outbox import DeliveryRefused

CHANNELS = [
    ("slack", "Slack"),
    ("teams", "Microsoft Teams"),
    ("whatsapp", "WhatsApp Business"),
    ("push", "Push"),
]


class KpiDelivery(models.Model):
    """Messages to channels: each is written and sent by its ``kpi.alert.channel``."""

    _inherit = "kpi.delivery"

    channel = fields.Selection(
        selection_add=CHANNELS,
        ondelete={channel: "cascade" for channel, _label in CHANNELS},
    )

    def _find_slack_host(self):
        return self._get_alert_channel()._find_origin()

    def _find_teams_host(self):
        return self._get_alert_channel()._find_origin()

    def _find_whatsapp_host(self):
        return self._get_alert_channel()._find_origin()

    def _send_slack(self):
        self._send_to_channel()

    def _send_teams(self):
        self._send_to_channel()

    def _send_whatsapp(self):
        self._send_to_channel()

    def _send_to_channel(self):
        """Have the channel send what its reader may know, to a person's phone if any.

        :raises DeliveryRefused, DeliverySkipped: another attempt is of no use
        """
        channel = self._get_alert_channel()
        phone = self.address or self.user_id.phone
        language = self._get_reader().lang
        channel.with_context(lang=language)._post_message(self._compose(), phone)

    def _get_alert_channel(self):
        """The channel that it goes to, or that messages to phones leave by.

        :raises DeliveryRefused: there is none, or it is not set up
        """
        target = self._get_target()
        channels = self.env["kpi.alert.channel"]
        if target is None and self._is_for_phones():
            target = channels._find_default(self.channel, self.company_id)
        if not target or target._name != channels._name:
            raise DeliveryRefused(self.env._("No channel was chosen."))
        fault = channels._find_channel_fault(self.channel, self.company_id, target)
        if fault:
            raise DeliveryRefused(fault)
        return target

    def _is_for_phones(self):
        """Whether one channel serves many receivers."""
        return self.channel == "whatsapp"
