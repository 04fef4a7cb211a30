from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.engine.phone import is_phone
from odoo.addons.kpi_base.fields import Secret
from odoo.addons.kpi_base.outbox import DeliverySkipped

KINDS = [
    ("slack", "Slack"),
    ("teams", "Microsoft Teams"),
    ("whatsapp", "WhatsApp Business"),
    ("sms", "SMS"),
]


class KpiAlertChannel(models.Model):
    """A Slack or Teams channel, or a phone number, that alerts are sent to."""

    _name = "kpi.alert.channel"
    _description = "KPI Alert Channel"
    _inherit = ["kpi.input.mixin", "kpi.secret.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
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
        help="What they may not see is not sent here.",
    )
    address = Secret(
        "address",
        "Webhook Address",
        help="Slack: an incoming webhook. Teams: a workflow that posts to a channel"
        " when a webhook request is received. It cannot be read again.",
    )
    token = Secret(
        "token",
        "Access Token",
        help="Slack: of a bot that may write to the channel (xoxb-…), instead of an"
        " address. WhatsApp: of a system user. It cannot be read again.",
    )
    slack_channel = fields.Char(help="ID such as C0123456789, for a bot.")
    whatsapp_sender = fields.Char(
        "Phone Number ID", help="Of the number that WhatsApp messages come from."
    )
    whatsapp_template = fields.Char(
        "Template",
        help="An approved template whose body has three variables: what has happened,"
        " the KPIs, and a link.",
    )
    whatsapp_language = fields.Char(
        "Template Language", default="en", help="As it was approved in, such as en_US."
    )
    phone = fields.Char(
        help="With country code, such as +49 30 1234567. Empty = the number of each"
        " person who is told."
    )

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
                        "%s: write the phone number with its country code, such as"
                        " +49 30 1234567.",
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
