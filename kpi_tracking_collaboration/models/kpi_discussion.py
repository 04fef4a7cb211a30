from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.fields import OptionalFloat


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
        "kpi.period.value.mixin",
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
    grain = fields.Selection(required=False, readonly=False)
    period_start = fields.Date(required=False, readonly=False)
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
    outcome = fields.Text(
        copy=False,
        tracking=True,
    )
    annotation_id = fields.Many2one(
        "kpi.annotation", "Note", readonly=True, copy=False, ondelete="set null"
    )
    value = OptionalFloat(
        "Initial Value",
        readonly=True,
        copy=False,
        aggregator=False,
        help="Value when the discussion was opened.",
    )
    value_today = OptionalFloat(
        "Current Value",
        compute="_compute_value_today",
        help="Same period as known today.",
    )
    report_id = fields.Many2one(
        "kpi.report",
        "Discussed KPI",
        related="kpi_id",
        required=False,
        exportable=False,
    )
    current_value = fields.Float(
        "Latest Value", related="kpi_id.current_value", aggregator=False
    )
    has_value = fields.Boolean(related="kpi_id.has_value")
    current_period_label = fields.Char("Latest Period", related="kpi_id.period_label")
    status = fields.Selection(related="kpi_id.status", string="KPI Status")
    is_running = fields.Boolean(related="kpi_id.is_running", exportable=False)
    sparkline = fields.Json(related="kpi_id.sparkline", exportable=False)
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        "Status",
        required=True,
        readonly=True,
        copy=False,
        default="open",
        tracking=True,
        index=True,
    )
    closed_at = fields.Datetime("Closed On", readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    action_items = fields.One2many("kpi.action.item", "discussion_id", "Actions")

    _discussion_type_choices = Choices("discussion_type")

    @api.constrains("alert_event_id", "kpi_id")
    def _check_alert(self):
        for discussion in self:
            discussion.alert_event_id._check_discussable(discussion.kpi_id)

    @api.constrains("grain", "kpi_id", "period_start")
    def _check_period(self):
        for discussion in self:
            if bool(discussion.grain) != bool(discussion.period_start):
                raise ValidationError(
                    self.env._("Choose a period length and a period.")
                )
            if discussion.grain:
                discussion.kpi_id._check_shown_in(discussion.grain)

    @api.model_create_multi
    def create(self, vals_list):
        discussions = super().create([self._with_period(vals) for vals in vals_list])
        for discussion in discussions.filtered("period_start"):
            # The value is remembered, not typed.
            discussion.sudo().value = discussion.value_today
        discussions._mark()
        discussions._tell_responsible()
        self.env["kpi.event"]._emit("discussion.opened", discussions)
        return discussions

    def write(self, vals):
        result = super().write(vals)
        if "name" in vals:
            for discussion in self:
                # As above, whoever may change that.
                discussion.annotation_id.sudo().text = discussion._name_marker()
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
            names = [discussion.kpi_id.display_name, discussion.period_label]
            discussion.message_post(
                body=self.env._(
                    "Opened about %(about)s.",
                    about=", ".join(name for name in names if name),
                ),
                subtype_xmlid="mail.mt_comment",
            )

    def unlink(self):
        # The note is the discussion's, whoever may delete that.
        notes = self.annotation_id.sudo()
        result = super().unlink()
        notes.unlink()
        return result

    def _mark(self):
        """Leave a note in the period that is discussed."""
        for discussion in self.filtered("period_start"):
            calendar = discussion.kpi_id.definition_id.calendar_id
            period = calendar._period(discussion.grain, discussion.period_start)
            last_day = period.stop - timedelta(days=1)
            note = self.env["kpi.annotation"].create(
                {
                    "report_id": discussion.kpi_id.id,
                    "date": max(period.start, min(last_day, calendar._today())),
                    "text": discussion._name_marker(),
                }
            )
            # Which note is its own is the discussion's.
            discussion.sudo().annotation_id = note

    def _name_marker(self):
        return self.env._("Discussion: %s", self.name)

    @api.depends("grain", "kpi_id", "period_start")
    def _compute_value_today(self):
        same = self.grouped(lambda each: (each.grain, each.period_start))
        for (grain, start), discussions in same.items():
            known = {}
            if grain and start:
                known = discussions.kpi_id._values(grain, start, start)
            for discussion in discussions:
                found = known.get(discussion.kpi_id, {})
                discussion.value_today = found.get(start, False)

    def action_close(self):
        """End the discussion; what was decided stays, and what comes of it follows."""
        self.check_access("write")
        closing = self.filtered(lambda discussion: discussion.state == "open")
        now, me = fields.Datetime.now(), self.env.uid
        # The right to change it was asked for.
        closing.sudo().write({"state": "closed", "closed_at": now, "closed_by_id": me})
        self.env["kpi.event"]._emit("discussion.closed", closing)
        return True

    def action_reopen(self):
        """Go on with the discussion."""
        self.check_access("write")
        opening = self.filtered(lambda discussion: discussion.state == "closed")
        # As above.
        opening.sudo().write(
            {"state": "open", "closed_at": False, "closed_by_id": False}
        )
        self.env["kpi.event"]._emit("discussion.reopened", opening)
        return True

    def _change(self, vals):
        """Change texts, and close or reopen it: ``state`` is one of them."""
        state = vals.get("state", self.state)
        self.write({name: value for name, value in vals.items() if name != "state"})
        if state != self.state:
            changes = {"closed": self.action_close, "open": self.action_reopen}
            changes[state]()
