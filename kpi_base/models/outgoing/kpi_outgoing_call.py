import json
from datetime import UTC, datetime

from odoo import api, models

from ...engine.outgoing import (
    Meaning,
    OutgoingFailed,
    OutgoingRefused,
    meaning_of,
    parse_retry_after,
    redact,
)
from ...outbox import DeliveryGone, DeliveryLater, DeliveryRefused


class KpiOutgoing(models.AbstractModel):
    """Calls for the outbox: what is answered becomes what it does with the message."""

    _inherit = "kpi.outgoing"

    @api.model
    def _find_origin(self, address):
        """Name of the server behind an address, which may be left alone for a while.

        :raises DeliveryRefused: it is no address that may be called
        """
        try:
            return self._parse_address(address).origin
        except OutgoingRefused as error:
            raise DeliveryRefused(error.translate_with(self.env._)) from error

    @api.model
    def _call(self, address, body, headers, secrets=()):
        """Post bytes, and raise what the answer means unless they were taken.

        :param secrets: texts that an answer may repeat and nobody should read
        :raises DeliveryRefused: no other attempt; ``DeliveryGone``: and none ever
        :raises OutgoingFailed, DeliveryLater: another attempt
        :return: ``Answer``
        """
        try:
            answer = self._post(address, body, headers)
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
        asked = answer.headers.get("retry-after")
        seconds = parse_retry_after(asked, datetime.now(UTC))
        if seconds is None:
            raise OutgoingFailed(reason)
        raise DeliveryLater(seconds, reason)

    @api.model
    def _call_json(self, address, payload, secrets=(), **headers):
        """Post a payload as JSON; as ``_call``."""
        body = json.dumps(payload, ensure_ascii=False).encode()
        headers["Content-Type"] = "application/json; charset=utf-8"
        return self._call(address, body, headers, secrets)
