from odoo import fields, models

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
    _inherit = ["kpi.input.mixin"]
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
