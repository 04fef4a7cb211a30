from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_tracking.models.calendar.kpi_calendar import GRAINS


class KpiDiscussion(models.Model):
    """What people say about a KPI in a period, decide, and what comes of it.

    Whoever sees the KPI sees it, opens one and writes in it. Its own texts are changed
    by whoever opened it, or may change the KPI.
    """

    _name = "kpi.discussion"
    _description = "KPI Discussion"
    _inherit = [
        "kpi.access.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.invited.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _mail_post_access = "read"
    _readable_by = ("kpi_id",)
    _editable_by = ("kpi_id", "user_id")
    _staying = ("alert_event_id", "grain", "kpi_id", "period_start")

    name = fields.Char("Subject", required=True, tracking=True)
    kpi_id = fields.Many2one(
        "kpi.report", "KPI", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="kpi_id.company_id", store=True, precompute=True, index=True
    )
    discussion_type = fields.Selection(
        [
            ("performance_review", "Performance Review"),
            ("improvement_plan", "Improvement Planning"),
            ("target_adjustment", "Target Adjustment"),
            ("escalation", "Issue Escalation"),
        ],
        "Type",
        required=True,
        default="performance_review",
        tracking=True,
    )
    alert_event_id = fields.Many2one(
        "kpi.alert.event", "Alert", ondelete="set null", index="btree_not_null"
    )
    grain = fields.Selection(GRAINS, "Period Length")
    period_start = fields.Date("Period")
    user_id = fields.Many2one(
        "res.users",
        "Opened By",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    decision = fields.Text(copy=False, tracking=True)
    outcome = fields.Text(copy=False, tracking=True, help="What came of the decision.")

    @api.constrains("alert_event_id", "kpi_id")
    def _check_alert(self):
        for discussion in self:
            discussion.alert_event_id._check_discussable(discussion.kpi_id)

    @api.constrains("grain", "kpi_id", "period_start")
    def _check_period(self):
        for discussion in self:
            if bool(discussion.grain) != bool(discussion.period_start):
                raise ValidationError(
                    self.env._("Choose both: a period length and a period.")
                )
            if discussion.grain:
                discussion.kpi_id._check_shown_in(discussion.grain)

    @api.model_create_multi
    def create(self, vals_list):
        discussions = super().create([self._with_period(vals) for vals in vals_list])
        discussions._remember_value()
        discussions._mark()
        discussions._tell_responsible()
        self.env["kpi.event"]._emit("discussion.opened", discussions)
        return discussions

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            self._rename_marker()
        return result

    @api.model
    def _with_period(self, vals):
        """Values with the first day of the period; by default of the latest value."""
        report = self.env["kpi.report"].browse(vals.get("kpi_id") or ())
        if not report:
            return vals
        report.check_access("read")
        grain = vals.get("grain") or report.frequency
        day = fields.Date.to_date(vals.get("period_start"))
        if not day and vals.get("grain"):
            return vals  # refused below
        day = day or report.current_period_start
        if not day:
            return vals
        start = report.definition_id.calendar_id._period(grain, day).start
        return {**vals, "grain": grain, "period_start": start}

    def _tell_responsible(self):
        """Let whoever is responsible for the KPI follow, and tell them."""
        for discussion in self:
            owner = discussion.kpi_id.owner_id
            is_other = owner.active and owner != self.env.user
            if is_other and discussion._is_readable_by(owner.id):
                # Who is responsible for a KPI hears of what is said of it.
                discussion.sudo()._message_subscribe(owner.partner_id.ids)
            discussion.message_post(
                body=self.env._(
                    "Opened about %(about)s.", about=discussion._name_subject()
                ),
                subtype_xmlid="mail.mt_comment",
            )

    def _name_subject(self):
        """The KPI, and the period if there is one."""
        names = [self.kpi_id.display_name, self.period_label]
        return ", ".join(name for name in names if name)
