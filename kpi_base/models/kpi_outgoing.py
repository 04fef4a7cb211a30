import json
import re
from datetime import UTC, datetime

from odoo import api, models
from odoo.exceptions import ValidationError

from ..engine.outgoing import (
    WEB,
    OutgoingFailed,
    OutgoingRefused,
    check_public,
    connect,
    meaning_of,
    parse_address,
    parse_retry_after,
    post,
    redact,
)
from ..outbox import DeliveryGone, DeliveryLater, DeliveryRefused

PARAMETER = "kpi_base.outgoing_hosts"
LOOK_UP_SECONDS = 2.0  # while somebody waits for an address to be saved


class KpiOutgoing(models.AbstractModel):
    """Calls to addresses that people type, by the rules of ``engine.outgoing``::

    self.env["kpi.outgoing"]._check_address(channel.address)
    answer = self.env["kpi.outgoing"]._post(address, body, headers)
    """

    _name = "kpi.outgoing"
    _description = "Outgoing Calls"

    @api.model
    def _get_allowed_hosts(self):
        """Hosts that may be private and take plain http, as administrators say."""
        # A setting of the system, which says something about addresses only.
        text = self.env["ir.config_parameter"].sudo().get_param(PARAMETER, "")
        return frozenset(re.findall(r"[^\s,;]+", text.lower()))

    @api.model
    def _parse_address(self, text, schemes=WEB):
        """Take an address apart."""
        return parse_address(text or "", self._get_allowed_hosts(), schemes)

    @api.model
    def _check_address(self, text, schemes=WEB):
        """Refuse an address that no call could go to, while it is being entered.

        What its name stands for is looked up again each time that it is called; a name
        that nobody knows now may be known then.
        """
        allowed = self._get_allowed_hosts()
        try:
            address = self._parse_address(text, schemes)
            check_public(address, allowed, seconds=LOOK_UP_SECONDS)
        except OutgoingRefused as error:
            raise ValidationError(error.translate_with(self.env._)) from error

    @api.model
    def _connect(self, text, schemes):
        """Connect as ``connect``, outside any transaction that others wait for."""
        address = self._parse_address(text, schemes)
        return connect(address, self._get_allowed_hosts())

    @api.model
    def _post(self, text, body, headers):
        """Post bytes, as ``post``, outside any transaction that others wait for."""
        allowed = self._get_allowed_hosts()
        return post(parse_address(text or "", allowed), body, headers, allowed)

    @api.model
    def _find_origin(self, address):
        """Name of the server behind an address, which may be left alone for a while."""
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
        if meaning == "sent":
            return answer
        reason = redact(f"{answer.status} {answer.text}".strip(), secrets)
        if meaning == "gone":
            raise DeliveryGone(reason)
        if meaning == "refused":
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
