import json

from odoo import models

from odoo.addons.kpi_base.engine.outgoing import (
    OutgoingFailed,
    address_secrets,
    redact,
)
from odoo.addons.kpi_base.outbox import DeliveryRefused

from ...engine.payloads.slack import slack_payload

SLACK_API = "https://slack.com/api/chat.postMessage"
# Errors of chat.postMessage that another attempt may not meet.
PASSING_ERRORS = {
    "fatal_error",
    "internal_error",
    "ratelimited",
    "request_timeout",
    "service_unavailable",
    "team_added_to_org",
}


class KpiAlertChannel(models.Model):
    """Slack, by an incoming webhook or as a bot."""

    _inherit = "kpi.alert.channel"

    def _find_slack_address(self):
        return self._read_secret("address") or SLACK_API

    def _post_slack(self, message, _phone):
        payload = slack_payload(message, self._words())
        address = self._read_secret("address")
        if address:
            self.env["kpi.outgoing"]._call_json(
                address, payload, address_secrets(address)
            )
            return
        token = self._read_secret("token")
        payload["channel"] = self.slack_channel
        authorization = {"Authorization": f"Bearer {token}"}
        answer = self.env["kpi.outgoing"]._call_json(
            SLACK_API, payload, [token], **authorization
        )
        self._check_slack_answer(answer, token)

    def _check_slack_answer(self, answer, token):
        """Slack's API answers 200 to what it refuses as well."""
        try:
            content = json.loads(answer.body)
        except ValueError:
            raise OutgoingFailed("Slack answered something else than JSON.") from None
        if content.get("ok") is True:
            return
        error = redact(str(content.get("error") or "")[:200], [token])
        if error in PASSING_ERRORS:
            raise OutgoingFailed(error)
        raise DeliveryRefused(error)
