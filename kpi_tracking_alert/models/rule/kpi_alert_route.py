from odoo import api, fields, models

from .kpi_smart_alert import CHANNELS, SEVERITIES


class KpiAlertRoute(models.Model):
    """A way that a rule's alerts of a severity take, beside its usual one."""

    _name = "kpi.alert.route"
    _description = "KPI Alert Channel by Severity"
    _order = "alert_id, id"
    _rec_name = "channel"

    alert_id = fields.Many2one(
        "kpi.smart.alert", "Rule", required=True, ondelete="cascade", index=True
    )
    severity = fields.Selection(SEVERITIES, "At Least", required=True, default="info")
    channel = fields.Selection(CHANNELS, required=True, default="email")
    channel_id = fields.Many2one(
        "kpi.alert.channel",
        "Send To",
        ondelete="restrict",
        help="Empty = to each person who is told.",
    )

    @api.constrains("alert_id", "channel_id")
    def _check_rule(self):
        self.alert_id._check_personal()

    @api.constrains("channel", "channel_id")
    def _check_channel(self):
        self.alert_id._check_channels()
