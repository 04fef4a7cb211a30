import re

from odoo import api, models
from odoo.exceptions import ValidationError

from ...engine.outgoing import (
    OutgoingRefused,
    check_public,
    parse_address,
    post,
)

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
    def _parse_address(self, text):
        """Take an address apart.

        :raises OutgoingRefused: says what is wrong with it
        """
        return parse_address(text or "", self._get_allowed_hosts())

    @api.model
    def _check_address(self, text):
        """Refuse an address that no call could go to, while it is being entered.

        What its name stands for is looked up again each time that it is called; a name
        that nobody knows now may be known then.
        """
        allowed = self._get_allowed_hosts()
        try:
            check_public(self._parse_address(text), allowed, seconds=LOOK_UP_SECONDS)
        except OutgoingRefused as error:
            raise ValidationError(error.translate_with(self.env._)) from error

    @api.model
    def _post(self, text, body, headers):
        """Post bytes to an address, outside any transaction that others wait for.

        :raises OutgoingRefused: another attempt is of no use
        :raises OutgoingFailed: no answer
        :return: ``Answer``, whatever its status
        """
        allowed = self._get_allowed_hosts()
        return post(parse_address(text or "", allowed), body, headers, allowed)
