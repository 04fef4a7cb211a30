from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from odoo.addons.kpi_base.roles import USER

LEFT_DAYS = 30  # that drafts of somebody who left are stored


class KpiPerformanceCoaching(models.Model):
    """What a coach tells an employee, the employee answers, and both sign.

    Seen by the two, and by HR managers once it is shared: by no other manager, KPI
    officer or administrator. So it has no followers, messages, activities or events,
    no KPI can measure it, and no record of others leads to it.
    """

    _name = "kpi.performance.coaching"
    _description = "Performance Coaching"
    _inherit = [
        "kpi.access.mixin",
        "kpi.confidential.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.audited.record.mixin",
    ]
    _order = "id desc"
    _rec_names_search = ["employee_id.name", "coach_id.name"]
    _readable_by = ("coach_id", "company_id", "employee_id", "state")
    _editable_by = ("coach_id", "company_id", "employee_id", "state")

    coaching_type = fields.Selection(
        [
            ("improvement_plan", "Performance Improvement Plan"),
            ("best_practice_sharing", "Best Practice Sharing"),
            ("mentoring_session", "Mentoring Session"),
            ("skill_development", "Skill Development Plan"),
        ],
        "Type",
        required=True,
        default="mentoring_session",
    )
    employee_id = fields.Many2one(
        "res.users",
        required=True,
        index=True,
        domain="[('share', '=', False), ('id', '!=', uid)]",
        ondelete="restrict",
    )
    coach_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        default=lambda self: self.env.uid,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        default=lambda self: self.env.company.id,
    )
    manager_feedback = fields.Text(copy=False, help="Written by the coach.")
    employee_response = fields.Text(copy=False, help="Written by the employee.")
    development_goals = fields.Text(copy=False, help="Written by the coach.")
    next_review_date = fields.Date("Next Review", copy=False)
    line_ids = fields.One2many("kpi.performance.coaching.line", "coaching_id", "KPIs")
    action_ids = fields.One2many(
        "kpi.performance.coaching.action", "coaching_id", "Actions"
    )

    @api.depends("coaching_type", "employee_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        types = dict(self._fields["coaching_type"]._description_selection(self.env))
        for coaching in self:
            # What colleagues are called is no secret to who sees the coaching.
            person = coaching.employee_id.sudo().name
            kind = types.get(coaching.coaching_type, "")
            coaching.display_name = (
                self.env._("%(type)s: %(employee)s", type=kind, employee=person)
                if person
                else kind
            )

    @api.constrains("coach_id", "company_id", "employee_id")
    def _check_people(self):
        for coaching in self:
            person = coaching.employee_id
            if person == coaching.coach_id:
                raise ValidationError(self.env._("Choose somebody other than you."))
            if coaching.company_id not in person.company_ids or not person.active:
                raise ValidationError(
                    self.env._(
                        "%(person)s does not work for %(company)s.",
                        person=person.name,
                        company=coaching.company_id.name,
                    )
                )
            if not person.has_group(USER):
                raise ValidationError(
                    self.env._(
                        "%s cannot open KPIs. Ask an administrator for access first.",
                        person.name,
                    )
                )

    @api.constrains("employee_id")
    def _check_lines(self):
        self.line_ids._check_visible()

    def action_plan_next(self):
        """Open a new coaching that goes on from this one."""
        self.ensure_one()
        self.check_access("read")
        lines = [
            fields.Command.create({"report_id": report.id})
            for report in self.line_ids.report_id
        ]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Next Coaching"),
            "res_model": self._name,
            "views": [(False, "form")],
            "context": {
                "default_coaching_type": self.coaching_type,
                "default_development_goals": self.development_goals,
                "default_employee_id": self.employee_id.id,
                "default_line_ids": lines,
            },
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        """Only drafts are deleted, by the coach, who alone has seen them."""
        for coaching in self:
            # Whether somebody has left is no secret.
            coach = coaching.coach_id.sudo()
            coaching._check_is_draft()
            if coach.active:
                coaching._check_is(coach)

    @api.autovacuum
    def _gc_drafts_of_leavers(self):
        """Delete drafts that nobody can read any more, as their coach has left."""
        limit = fields.Datetime.now() - timedelta(days=LEFT_DAYS)
        self.search(
            Domain("state", "=", "draft")
            & Domain("coach_id.active", "=", False)
            & Domain("write_date", "<", limit)
            & Domain("coach_id.write_date", "<", limit)
        ).unlink()
