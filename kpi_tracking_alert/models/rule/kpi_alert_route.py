"""What a rule has rows of: further ways of its alerts, and levels of escalation."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .kpi_smart_alert import CHANNELS, SEVERITIES

WHOM = [
    ("owner", "KPI Responsible"),
    ("manager", "Manager"),
    ("manager_2", "Manager's Manager"),
    ("department_head", "Department Head"),
    ("group", "Group"),
    ("rota", "Person on Call"),
]
LONGEST_MINUTES = 60 * 24 * 30


class KpiAlertRoute(models.Model):
    """A way that a rule's alerts of a severity take, beside its usual one."""

    _name = "kpi.alert.route"
    _description = "KPI Alert Channel by Severity"
    _order = "alert_id, id"
    _rec_name = "channel"

    alert_id = fields.Many2one(
        "kpi.smart.alert", "Rule", required=True, ondelete="cascade", index=True
    )
    severity = fields.Selection(
        SEVERITIES, "Minimum Severity", required=True, default="info"
    )
    channel = fields.Selection(CHANNELS, required=True, default="email")
    channel_id = fields.Many2one(
        "kpi.alert.channel",
        "Send To",
        ondelete="restrict",
        help="Leave empty to notify people directly or use the company's first Slack "
        "or Teams channel.",
    )

    @api.constrains("alert_id", "channel_id")
    def _check_rule(self):
        self.alert_id._check_personal()

    @api.constrains("channel", "channel_id")
    def _check_channel(self):
        self.alert_id._check_channels()


class KpiAlertLevel(models.Model):
    """Whom a rule tells if nobody has acknowledged its alert for so long."""

    _name = "kpi.alert.level"
    _description = "KPI Alert Escalation Level"
    _inherit = ["kpi.input.mixin"]
    _order = "alert_id, after_minutes, id"
    _rec_name = "whom"

    alert_id = fields.Many2one(
        "kpi.smart.alert", "Rule", required=True, ondelete="cascade", index=True
    )
    after_minutes = fields.Integer("After (Minutes)", required=True, default=60)
    whom = fields.Selection(WHOM, "Notify", required=True, default="manager")
    group_id = fields.Many2one("res.groups", ondelete="restrict")
    rota_id = fields.Many2one("kpi.alert.rota", ondelete="restrict")

    _once_uniq = models.UniqueIndex(
        "(alert_id, after_minutes, whom, coalesce(group_id, 0), coalesce(rota_id, 0))",
        "Two levels notify the same people simultaneously. Remove one.",
    )

    @api.constrains("after_minutes")
    def _check_minutes(self):
        for level in self:
            if not 1 <= level.after_minutes <= LONGEST_MINUTES:
                raise ValidationError(
                    self.env._(
                        "Escalation, “After (Minutes)”: enter 1 to %s.",
                        LONGEST_MINUTES,
                    )
                )

    @api.constrains("alert_id")
    def _check_rule(self):
        self.alert_id._check_personal()

    @api.constrains("whom", "group_id", "rota_id")
    def _check_whom(self):
        for level in self:
            if level.whom in ("group", "rota") and not level[f"{level.whom}_id"]:
                raise ValidationError(self.env._("Choose a group or rota."))
