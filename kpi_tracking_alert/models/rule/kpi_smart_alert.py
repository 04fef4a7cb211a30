from odoo import fields, models

from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.roles import OFFICER

ALERT_TYPES = [
    ("threshold_breach", "Threshold Breach"),
    ("trend_deterioration", "Negative Trend"),
    ("anomaly_detected", "Performance Anomaly"),
    ("target_risk", "Target Achievement Risk"),
    ("restated", "Restated Value"),
]
SEVERITIES = [
    ("info", "Information"),
    ("warning", "Warning"),
    ("critical", "Critical"),
    ("urgent", "Urgent Action Required"),
]
CHANNELS = [
    ("email", "Email"),
    ("sms", "SMS"),
    ("slack", "Slack"),
    ("teams", "Microsoft Teams"),
    ("whatsapp", "WhatsApp Business"),
    ("push", "Push"),
    ("inbox", "Alerts in Odoo Only"),
]
COMPARED = [
    ("value", "Value"),
    ("target", "Share of the target"),
    ("achievement", "Achievement (%)"),
    ("previous", "Change on the previous period (%)"),
    ("last_year", "Change on the year before (%)"),
    ("baseline", "Change on the baseline (%)"),
]
CONDITIONS = [
    ("below", "Below"),
    ("above", "Above"),
    ("outside", "Outside"),
    ("no_data", "No new value"),
]


class KpiSmartAlert(models.Model):
    """A rule: when which KPIs raise an alert, and whom it is sent to.

    ``threshold`` and its kin are in the unit of what is compared: the KPI's for a
    value, 0.9 for 90 % of the target, percent for everything else.
    """

    _name = "kpi.smart.alert"
    _description = "KPI Alert Rule"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "mail.thread",
    ]
    _order = "name, id"
    _check_company_auto = True
    _readable_by = ("company_id", "owner_id", "is_personal")
    _editable_by = ("company_id", "owner_id", "is_personal")

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        default=lambda self: self.env.company,
        help="Empty = the KPIs of all companies.",
    )
    owner_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        tracking=True,
    )
    is_personal = fields.Boolean(
        "Only for Me",
        default=lambda self: not self._may_tell_others(),
        help="Only its owner is told, and sees its alerts.",
    )

    # what has to happen
    alert_type = fields.Selection(
        ALERT_TYPES, required=True, default="threshold_breach", tracking=True
    )
    severity = fields.Selection(
        SEVERITIES, required=True, default="warning", tracking=True
    )
    compared = fields.Selection(
        COMPARED, "Compare", required=True, default="target", tracking=True
    )
    condition = fields.Selection(
        CONDITIONS, required=True, default="below", tracking=True
    )
    threshold = fields.Float(digits=False, tracking=True)
    threshold_high = OptionalFloat("Upper Threshold", digits=False, tracking=True)
    clear_threshold = OptionalFloat(
        "Clear At",
        digits=False,
        tracking=True,
        help="The alert ends here. Between this and the threshold nothing changes."
        " Empty = at the threshold.",
    )
    clear_threshold_high = OptionalFloat("Clear At, Upper", digits=False, tracking=True)
    periods = fields.Integer(
        "Periods in a Row",
        default=1,
        required=True,
        help="Fire once the condition has held for so many periods in a row.",
    )
    recent_periods = fields.Integer(
        "Newest Periods",
        default=1,
        required=True,
        help="Only the newest periods fire, also if their values come late."
        " Older ones never do.",
    )
    least_facts = fields.Integer(
        "Least Values",
        default=0,
        help="The KPI needs values in so many periods before it fires.",
    )
    least_weight = OptionalFloat(
        "Least Records",
        digits=False,
        help="An average or a share has to rest on so many records.",
    )
    no_data_days = fields.Integer(
        "Working Days Without a Value",
        default=5,
        help="After the period's end.",
    )
    judge_running = fields.Boolean(
        "Running Period Too",
        help="Compare a running period's achievement with its target to date."
        " Otherwise only closed periods count.",
    )
    chance_below = fields.Float(
        "Chance Below (%)", default=50.0, help="Of reaching the target."
    )
    restated_percent = fields.Float("Change More Than (%)", default=5.0)
    restated_after_days = fields.Integer(
        "Days After Closing", default=0, help="Earlier changes are no restatements."
    )

    # how often
    alert_cooldown_minutes = fields.Integer(
        "Cooldown (Minutes)",
        default=60,
        help="For so long after an alert has ended, the same KPI raises no message.",
    )
    remind_after_hours = fields.Integer(
        "Remind After (Hours)",
        default=72,
        help="Tell again if an alert was acknowledged and goes on for so long."
        " 0 = never.",
    )

    # whom
    tell_responsible = fields.Boolean("Tell the KPI's Responsible", default=True)
    user_ids = fields.Many2many(
        "res.users",
        "kpi_smart_alert_user_rel",
        string="Also Tell",
        domain=[("share", "=", False)],
    )
    notification_channels = fields.Selection(
        CHANNELS, required=True, default="email", tracking=True
    )
    route_ids = fields.One2many(
        "kpi.alert.route", "alert_id", "Channels by Severity", copy=True
    )
    auto_escalation = fields.Boolean("Auto-escalate to Manager", tracking=True)

    # its course
    state = fields.Selection(
        [("draft", "Off"), ("on", "On"), ("failed", "Failed")],
        "Status",
        required=True,
        readonly=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        help="A rule that failed is left out until somebody changes it or turns it on"
        " again.",
    )
    turned_on_at = fields.Datetime("On Since", readonly=True, copy=False)
    last_error = fields.Char("Reason", readonly=True, copy=False)
    event_ids = fields.One2many("kpi.alert.event", "alert_id", "Alerts")

    def _may_tell_others(self):
        """Whether the user makes rules for others."""
        return self.env.su or self.env.user.has_group(OFFICER)
