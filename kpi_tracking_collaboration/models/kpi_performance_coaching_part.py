"""What a coaching has rows of: KPIs, and what is done about them."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.kpi_base.fields import OptionalFloat


class KpiPerformanceCoachingPartMixin(models.AbstractModel):
    """Row of a coaching: the coach's to write, as long as nobody has signed."""

    _name = "kpi.performance.coaching.part.mixin"
    _description = "Coaching Part"
    _inherit = ["kpi.confidential.mixin", "kpi.input.mixin", "kpi.readonly.mixin"]
    # fields that go on changing: nobody agrees to them
    _progressing: tuple[str, ...] = ()

    coaching_id = fields.Many2one(
        "kpi.performance.coaching", required=True, ondelete="cascade", index=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_writable()
        parts.coaching_id._log_content()
        return parts

    def write(self, vals):
        if vals.keys() <= set(self._progressing):
            self._check_progress()
            return super().write(vals)
        self._check_writable()
        if "coaching_id" in vals:
            coaching_id = vals["coaching_id"]
            if any(part.coaching_id.id != coaching_id for part in self):
                raise UserError(
                    self.env._(
                        "This cannot be moved to another "
                        "coaching. Add it there instead."
                    )
                )
        result = super().write(vals)
        self.coaching_id._log_content()
        return result

    def unlink(self):
        coachings = self.coaching_id
        # With the texts the actions are erased: see ``action_erase``.
        is_erased = self.env.su and all(each.erased_at for each in coachings)
        if not is_erased:
            self._check_writable()
        result = super().unlink()
        if not is_erased:
            coachings._log_content()
        return result

    def _check_writable(self):
        """Refuse others than the coach, and changes of what is signed."""
        for coaching in self.coaching_id:
            coaching._check_content()

    def _check_progress(self):
        """Refuse changes of what goes on changing; each kind says by whom."""
        self._check_writable()


class KpiPerformanceCoachingLine(models.Model):
    """A KPI of a coaching: what it was then, and what it is today.

    Seen by those who see both: HR managers need not see the KPI.
    """

    _name = "kpi.performance.coaching.line"
    _description = "Coaching KPI"
    _inherit = ["kpi.performance.coaching.part.mixin", "kpi.period.value.mixin"]
    _order = "coaching_id, id"
    _rec_name = "report_id"
    _progressing = ("grain", "period_start", "value")

    report_id = fields.Many2one(readonly=False, ondelete="cascade", index=True)
    # nothing where the KPI had no value
    grain = fields.Selection(required=False, copy=False)
    period_start = fields.Date(required=False, copy=False)
    period_label = fields.Char("Initial Period")
    value = OptionalFloat(
        "Initial Value",
        readonly=True,
        copy=False,
        aggregator=False,
        help="Latest value when added.",
    )
    current_value = fields.Float(
        "Current Value", related="report_id.current_value", aggregator=False
    )
    has_value = fields.Boolean(related="report_id.has_value", exportable=False)
    current_period_label = fields.Char(
        "Latest Period", related="report_id.period_label"
    )
    status = fields.Selection(related="report_id.status", string="Current Status")
    is_running = fields.Boolean(related="report_id.is_running", exportable=False)
    sparkline = fields.Json(related="report_id.sparkline", exportable=False)

    @api.constrains("report_id")
    def _check_visible(self):
        """Refuse KPIs that one of the two does not see: numbers are for both."""
        for line in self:
            for person in line.coaching_id.coach_id | line.coaching_id.employee_id:
                # Asked as the person, in all their companies.
                report = line.report_id.with_user(person)
                report = report.with_context(allowed_company_ids=None)
                if not report.has_access("read"):
                    raise ValidationError(
                        self.env._(
                            "%(person)s cannot see %(kpi)s. Share it with them"
                            " first, or ask %(officer)s.",
                            person=person.name,
                            kpi=line.report_id.display_name,
                            officer=self.env["kpi.home"]._get_officer_name(),
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._remember_value()
        return lines

    def write(self, vals):
        result = super().write(vals)
        if "report_id" in vals:
            self._remember_value()
        return result

    def _remember_value(self):
        """Keep what the KPIs are now."""
        for line in self:
            report = line.report_id
            # The value is remembered, not typed.
            line.sudo().write(
                {
                    "grain": report.frequency,
                    "period_start": report.current_period_start,
                    "value": report.current_value if report.has_value else False,
                }
            )


class KpiPerformanceCoachingAction(models.Model):
    """What one of the two does until a day, agreed in a coaching.

    It is no ``kpi.action.item``: those are for everybody who sees the KPI, with
    messages, followers, reminders by name, and webhooks.
    """

    _name = "kpi.performance.coaching.action"
    _description = "Coaching Action"
    _inherit = ["kpi.performance.coaching.part.mixin"]
    _order = "coaching_id, due_date, id"
    _rec_name = "coaching_id"
    _rec_names_search = ["assigned_to", "coaching_id"]
    _progressing = ("status",)

    description = fields.Text("Action", required=True)
    assigned_to = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        compute="_compute_assigned_to",
        store=True,
        precompute=True,
        readonly=False,
        ondelete="restrict",
        domain="[('id', 'in', [employee_id, coach_id])]",
    )
    due_date = fields.Date()
    status = fields.Selection(
        [
            ("open", "Open"),
            ("in_progress", "In Progress"),
            ("completed", "Completed"),
            ("cancelled", "Canceled"),
        ],
        required=True,
        default="open",
        copy=False,
    )
    coach_id = fields.Many2one(related="coaching_id.coach_id", exportable=False)
    employee_id = fields.Many2one(related="coaching_id.employee_id", exportable=False)

    @api.depends("assigned_to", "coaching_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Name who does it; what is to be done is for whoever opens it."""
        for action in self:
            # What colleagues are called is no secret to who sees the coaching.
            person = action.assigned_to.sudo().name
            action.display_name = person and self.env._(
                "Action for %(person)s (%(coaching)s)",
                person=person,
                coaching=action.coaching_id.display_name,
            )

    @api.depends("coaching_id.employee_id")
    def _compute_assigned_to(self):
        for action in self:
            if not action.assigned_to:
                action.assigned_to = action.coaching_id.employee_id

    @api.constrains("assigned_to", "coaching_id")
    def _check_assigned_to(self):
        for action in self:
            coaching = action.coaching_id
            if action.assigned_to not in coaching.coach_id | coaching.employee_id:
                raise ValidationError(
                    self.env._("Assign the action to the coach or the employee.")
                )

    @api.constrains("description")
    def _check_description(self):
        for action in self:
            if not action.description.strip():
                raise ValidationError(self.env._("Describe the action."))

    def _check_progress(self):
        """Whoever does it says how far it is, and the coach; also once it is signed."""
        for action in self:
            action.coaching_id._check_open()
            if self.env.user not in action.assigned_to | action.coaching_id.coach_id:
                raise AccessError(
                    self.env._("Only the assignee or coach can update progress.")
                )
