import json

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.engine.message import Message
from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed, address_secrets, redact
from odoo.addons.kpi_base.engine.phone import is_phone
from odoo.addons.kpi_base.fields import Secret
from odoo.addons.kpi_base.outbox import DeliveryLater, DeliveryRefused, DeliverySkipped

from ...engine.payloads.slack import slack_payload
from ...engine.payloads.teams import teams_payload
from ...engine.payloads.whatsapp import is_passing, whatsapp_payload
from ...engine.payloads.words import Words

KINDS = [
    ("slack", "Slack"),
    ("teams", "Microsoft Teams"),
    ("whatsapp", "WhatsApp Business"),
    ("sms", "SMS"),
]
NOT_SENT = (DeliveryLater, DeliveryRefused, DeliverySkipped, OutgoingFailed)
FOR_PERSONS = ("push", "sms")  # which need no channel of their own
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
GRAPH_API = "https://graph.facebook.com/v23.0"


class KpiAlertChannel(models.Model):
    """A Slack or Teams channel, or a phone number, that alerts are sent to."""

    _name = "kpi.alert.channel"
    _description = "KPI Alert Channel"
    _inherit = ["kpi.input.mixin", "kpi.secret.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    kind = fields.Selection(KINDS, required=True, default="slack")
    company_id = fields.Many2one(
        "res.company", index=True, default=lambda self: self.env.company
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        help="Limits data to what this person can access.",
    )
    address = Secret(
        "address",
        "Webhook Address",
        help="Slack: incoming webhook URL. Teams: URL of a workflow with a webhook "
        "trigger. Hidden after saving.",
    )
    token = Secret(
        "token",
        "Access Token",
        help="Slack: bot token (xoxb-…) instead of a webhook. WhatsApp: system "
        "user token. Hidden after saving.",
    )
    slack_channel = fields.Char(help="For bots, e.g. C0123456789.")
    whatsapp_sender = fields.Char(
        "Phone Number ID", help="ID of the WhatsApp sender's number."
    )
    whatsapp_template = fields.Char(
        "Template",
        help="Approved template with three variables: event, KPIs and link.",
    )
    whatsapp_language = fields.Char(
        "Template Language",
        default="en",
        help="Language of the approved template, e.g. en_US.",
    )
    phone = fields.Char(
        help="With country code, e.g. +49 30 1234567. Leave empty to use each "
        "recipient's number."
    )
    fault = fields.Char("Missing Setting", compute="_compute_fault")

    # Alone: Odoo checks what names a stored field too before the secret is stored.
    @api.constrains("address")
    def _check_address(self):
        for channel in self:
            if channel._has_secret("address"):
                address = channel._read_secret("address")
                self.env["kpi.outgoing"]._check_address(address)

    @api.constrains("phone")
    def _check_phone(self):
        for channel in self:
            if channel.phone and not is_phone(channel.phone):
                raise ValidationError(
                    self.env._(
                        "%s: enter the phone number with country code, e.g. +49 30 "
                        "1234567.",
                        channel.name,
                    )
                )

    @api.model
    def _find_default(self, kind, company):
        """The first channel of a kind that a company may use; empty if it has none."""
        of_company = [("kind", "=", kind), ("company_id", "in", (company.id, False))]
        return self.search(of_company, order="company_id, name, id", limit=1)

    def _check_delivery_target(self):
        """Let nothing go to a channel that is no longer used."""
        if not self.active:
            raise DeliverySkipped(self.env._("%s is archived.", self.name))

    def action_send_test(self):
        """Send a message now, and say what came of it."""
        self.ensure_one()
        self.check_access("write")
        if self.fault:
            raise UserError(self.fault)
        message = Message(
            self.env._("Test message"),
            self.env._("KPI alerts are sent here."),
            url=self.get_base_url(),
        )
        try:
            self._post_message(message)
        except NOT_SENT as error:
            raise UserError(self.env._("Not sent. %s", error)) from error
        return show_notification(self.env._("Test message sent to %s.", self.name))

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

    @api.depends(
        "kind",
        "name",
        "address",
        "token",
        "slack_channel",
        "whatsapp_sender",
        "whatsapp_template",
        "whatsapp_language",
        "phone",
    )
    def _compute_fault(self):
        for channel in self:
            stored = channel._origin
            fault = stored and getattr(stored, f"_find_{stored.kind}_fault")()
            channel.fault = fault or False

    @api.model
    def _find_channel_fault(self, channel, company, target=None):
        """What is missing for a channel, in words; None where nothing is.

        :param channel: as rules have it, such as ``slack``
        :param target: the ``kpi.alert.channel`` that was chosen, if any
        """
        if channel in FOR_PERSONS:
            return getattr(target or self.browse(), f"_find_{channel}_fault")()
        labels = dict(self._fields["kind"]._description_selection(self.env))
        if channel not in labels:
            return None
        # Whether there is one and what it lacks, which its secrets do not show in.
        chosen = (target or self.browse()).sudo()
        chosen = chosen or chosen._find_default(channel, company)
        label = labels[channel]
        if not chosen:
            return self.env._(
                "%s is not set up. An administrator can add it under Alert Rules → "
                "Channels.",
                label,
            )
        if chosen.kind != channel:
            return self.env._(
                "%(channel)s is not a %(kind)s channel.",
                channel=chosen.name,
                kind=label,
            )
        return getattr(chosen, f"_find_{channel}_fault")()

    def _find_slack_fault(self):
        is_bot = self._has_secret("token") and self.slack_channel
        if is_bot or self._has_secret("address"):
            return None
        return self.env._(
            "%s: enter a webhook address, or a bot token and channel ID.",
            self.name,
        )

    def _find_teams_fault(self):
        if self._has_secret("address"):
            return None
        return self.env._("%s: enter the workflow address.", self.name)

    def _find_whatsapp_fault(self):
        if (
            self._has_secret("token")
            and self.whatsapp_sender
            and self.whatsapp_template
            and self.whatsapp_language
        ):
            return None
        return self.env._(
            "%s: enter the access token, phone number ID, template and language.",
            self.name,
        )

    def _find_sms_fault(self):
        return self.env._("Install the app “KPI Alerts by SMS” first.")

    def _find_push_fault(self):
        # A setting of the system: whether there is a key, which anybody may know.
        settings = self.env["ir.config_parameter"].sudo()
        if settings.get_param("mail.web_push_vapid_public_key"):
            return None
        return self.env._(
            "Push is not set up: no browser has allowed notifications yet."
        )

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

    def _find_teams_address(self):
        return self._read_secret("address")

    def _post_teams(self, message, _phone):
        address = self._read_secret("address")
        payload = teams_payload(message, self._words())
        self.env["kpi.outgoing"]._call_json(address, payload, address_secrets(address))

    def _find_whatsapp_address(self):
        return f"{GRAPH_API}/{self.whatsapp_sender}/messages"

    def _post_whatsapp(self, message, phone):
        phone = self.phone or phone
        if not is_phone(phone):
            raise DeliverySkipped(
                self.env._("The phone number or its country code is missing.")
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
