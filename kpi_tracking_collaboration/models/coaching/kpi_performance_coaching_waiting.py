from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

PARTS = (
    "coach_id",
    "coach_signed_at",
    "employee_id",
    "employee_signed_at",
    "is_over",
    "state",
)


class KpiPerformanceCoaching(models.Model):
    """What comes next, in words for whoever looks at it."""

    _inherit = "kpi.performance.coaching"

    is_coach = fields.Boolean(
        "I Am the Coach", compute="_compute_part", exportable=False
    )
    is_employee = fields.Boolean(
        "I Am the Employee", compute="_compute_part", exportable=False
    )
    can_write = fields.Boolean(
        "I Can Write Feedback", compute="_compute_part", exportable=False
    )
    can_answer = fields.Boolean(
        "I Can Answer", compute="_compute_part", exportable=False
    )
    can_sign = fields.Boolean("I Can Sign", compute="_compute_part", exportable=False)
    is_waiting_for_me = fields.Boolean(
        "Waiting for Me",
        compute="_compute_is_waiting_for_me",
        search="_search_is_waiting_for_me",
        exportable=False,
    )
    next_step = fields.Char(compute="_compute_next_step", exportable=False)

    @api.depends(*PARTS)
    @api.depends_context("uid")
    def _compute_part(self):
        me = self.env.user
        for coaching in self:
            is_coach, is_employee = coaching.coach_id == me, coaching.employee_id == me
            is_shared = coaching.state == "shared" and not coaching.is_over
            signed = coaching.coach_signed_at, coaching.employee_signed_at
            coaching.is_coach, coaching.is_employee = is_coach, is_employee
            coaching.can_write = is_coach and not coaching.is_over and not any(signed)
            coaching.can_answer = is_employee and is_shared and not signed[1]
            coaching.can_sign = is_shared and bool(
                (is_coach and not signed[0]) or (is_employee and not signed[1])
            )

    @api.depends(*PARTS)
    @api.depends_context("uid")
    def _compute_is_waiting_for_me(self):
        me = self.env.user
        for coaching in self:
            coaching.is_waiting_for_me = coaching._get_next_person() == me

    @api.model
    def _search_is_waiting_for_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        me = self.env.uid
        is_next = Domain("employee_id", "=", me) & Domain(
            "employee_signed_at", "=", False
        )
        is_last = (
            Domain("coach_id", "=", me)
            & Domain("employee_signed_at", "!=", False)
            & Domain("coach_signed_at", "=", False)
        )
        domain = Domain("state", "=", "shared") & self._is_going_on()
        domain &= is_next | is_last
        return domain if True in value else ~domain

    @api.model
    def _is_going_on(self):
        """Domain of those that have not ended."""
        return (
            Domain("erased_at", "=", False)
            & Domain("coach_id.active", "=", True)
            & Domain("employee_id.active", "=", True)
        )

    def _get_next_person(self):
        """Return who signs next; nobody where it is a draft, signed or over."""
        if self.state != "shared" or self.is_over:
            return self.env["res.users"]
        return self.coach_id if self.employee_signed_at else self.employee_id

    @api.depends(*PARTS, "erased_at", "next_review_date")
    @api.depends_context("lang", "uid")
    def _compute_next_step(self):
        for coaching in self:
            coaching.next_step = coaching._say_next_step()

    def _say_next_step(self):
        if self.erased_at:
            return self.env._("Texts erased")
        if self.is_over:
            return self.env._("Ended, as somebody left")
        person = self._get_next_person()
        if person and person != self.env.user:
            # What colleagues are called is no secret to who sees the coaching.
            return self.env._("Waiting for %s", person.sudo().name)
        if person:
            is_answer = person == self.employee_id
            words = self.env._("Read, answer and sign"), self.env._("Read and sign")
            return words[0] if is_answer else words[1]
        if self.state == "draft":
            return self.env._("Share it")
        if self.next_review_date:
            day = format_date(self.env, self.next_review_date)
            return self.env._("Review on %s", day)
        return self.env._("Done")
