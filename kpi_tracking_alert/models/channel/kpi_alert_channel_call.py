import json
from datetime import UTC, datetime

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.message import Message
from odoo.addons.kpi_base.engine.outgoing import (
    Meaning,
    OutgoingFailed,
    OutgoingRefused,
    meaning_of,
    parse_retry_after,
    redact,
)
from odoo.addons.kpi_base.outbox import (
    DeliveryLater,
    DeliveryRefused,
    DeliverySkipped,
)

from ...engine.payloads.words import Words
from ...outcome import DeliveryGone

NOT_SENT = (DeliveryLater, DeliveryRefused, DeliverySkipped, OutgoingFailed)


class KpiAlertChannel(models.Model):
    """Calls of the services behind channels, and what their answers mean."""

    _inherit = "kpi.alert.channel"

    def action_send_test(self):
        """Send a message now, and say what came of it."""
        self.ensure_one()
        self.check_access("write")
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
        return self._origin_of(getattr(self, f"_find_{self.kind}_address")())

    @api.model
    def _origin_of(self, address):
        try:
            return self.env["kpi.outgoing"]._parse_address(address).origin
        except OutgoingRefused as error:
            raise DeliveryRefused(error.translate_with(self.env._)) from error

    @api.model
    def _words(self):
        """Words that payloads need, in the language of the environment."""
        return Words(more=self.env._("and %s more"), open=self.env._("Open"))

    @api.model
    def _call(self, address, body, headers, secrets=()):
        """Post bytes, and raise what the answer means unless they were taken.

        :param secrets: texts that an answer may repeat and nobody should read
        :raises DeliveryRefused: no other attempt; ``DeliveryGone``: and none ever
        :raises OutgoingFailed, DeliveryLater: another attempt
        :return: ``Answer``
        """
        try:
            answer = self.env["kpi.outgoing"]._post(address, body, headers)
        except OutgoingRefused as error:
            raise DeliveryRefused(error.translate_with(self.env._)) from error
        meaning = meaning_of(answer.status)
        if meaning is Meaning.SENT:
            return answer
        reason = redact(f"{answer.status} {answer.text}".strip(), secrets)
        if meaning is Meaning.GONE:
            raise DeliveryGone(reason)
        if meaning is Meaning.REFUSED:
            raise DeliveryRefused(reason)
        self._raise_later(answer, reason)

    @api.model
    def _raise_later(self, answer, reason):
        seconds = parse_retry_after(
            answer.headers.get("retry-after"), datetime.now(UTC)
        )
        if seconds is not None:
            raise DeliveryLater(seconds, reason)
        raise OutgoingFailed(reason)

    @api.model
    def _call_json(self, address, payload, secrets=(), **headers):
        """Post a payload as JSON; as ``_call``."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers["Content-Type"] = "application/json; charset=utf-8"
        return self._call(address, body, headers, secrets)
