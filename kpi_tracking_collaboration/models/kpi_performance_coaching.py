import os
import secrets
from datetime import timedelta

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.audit import moment_text_sql
from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.reminding import (
    DAYS_BEFORE,
    HOUR,
    REPEATED_DAYS,
    find_reminder_day,
)
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.repeat import repeat_late
from odoo.addons.kpi_base.rights import search_by
from odoo.addons.kpi_base.roles import USER

LEFT_DAYS = 30  # that drafts of somebody who left are stored
HR_MANAGER = "hr.group_hr_manager"
TEXTS = ("development_goals", "employee_response", "manager_feedback")
SALTED = (*TEXTS, "actions", "terms")
SIGNATURES = {"coach_signed_at": "coach_id", "employee_signed_at": "employee_id"}
STAYING = ("coach_id", "company_id")
OF_COACH = (
    "coaching_type",
    "development_goals",
    "employee_id",
    "manager_feedback",
    "next_review_date",
)
OF_EMPLOYEE = ("employee_response",)
OF_STATE = ("salts", "shared_at", "state", *SIGNATURES)
OF_ERASURE = ("erased_at", "erased_by_id")
ACTIONS = SQL(
    """
    (SELECT jsonb_agg(jsonb_build_array(
                          step.description, step.assigned_to, step.due_date)
                      ORDER BY step.id)::text
       FROM kpi_performance_coaching_action AS step
      WHERE step.coaching_id = held.id)
    """
)
TERMS = SQL(
    """
    jsonb_build_array(held.coach_id, held.employee_id, held.coaching_type,
                      held.next_review_date)::text
    """
)
PARTS = (*SIGNATURES, *SIGNATURES.values(), "is_over", "state")
# Somewhere it is tomorrow already, or yesterday still.
SOON = f"today +{DAYS_BEFORE + 1}d"
GONE = f"today -{REPEATED_DAYS + 1}d"


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
    _rec_names_search = ["coaching_type", "employee_id.name", "coach_id.name"]
    _readable_by = ("coach_id", "company_id", "employee_id", "state")
    _editable_by = ("coach_id", "company_id", "employee_id", "state")
    _audited_model = "kpi.performance.coaching"
    _audited_events = "coaching_"

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
        bypass_search_access=True,  # who sees a coaching knows whose it is
    )
    coach_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        index=True,
        copy=False,
        default=lambda self: self.env.uid,
        ondelete="restrict",
        bypass_search_access=True,  # as above
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
    state = fields.Selection(
        [("draft", "Draft"), ("shared", "Shared"), ("signed", "Signed")],
        "Status",
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
    )
    shared_at = fields.Datetime("Shared On", readonly=True, copy=False)
    coach_signed_at = fields.Datetime("Signed by Coach", readonly=True, copy=False)
    employee_signed_at = fields.Datetime(
        "Signed by Employee", readonly=True, copy=False
    )
    erased_at = fields.Datetime("Erased On", readonly=True, copy=False)
    erased_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    salts = fields.Json(readonly=True, copy=False, groups=fields.NO_ACCESS)
    is_over = fields.Boolean(
        "Ended",
        compute="_compute_is_over",
        exportable=False,
        help="A participant left, or texts were erased.",
    )
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
        search=search_by("_get_waiting_for_me_domain"),
        exportable=False,
    )
    next_step = fields.Char(compute="_compute_next_step", exportable=False)

    _coaching_type_choices = Choices("coaching_type")

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
                raise ValidationError(self.env._("Choose someone else."))
            if coaching.company_id not in person.company_ids or not person.active:
                raise ValidationError(
                    self.env._(
                        "%(person)s is not an active user of %(company)s.",
                        person=person.name,
                        company=coaching.company_id.name,
                    )
                )
            if not person.has_group(USER):
                raise ValidationError(
                    self.env._(
                        "%s cannot access KPIs. Ask an administrator for access.",
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
        return open_form(
            self.browse(),
            name=self.env._("Next Coaching"),
            context={
                "default_coaching_type": self.coaching_type,
                "default_development_goals": self.development_goals,
                "default_employee_id": self.employee_id.id,
                "default_line_ids": lines,
            },
        )

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

    @api.depends("coach_id.active", "employee_id.active", "erased_at")
    def _compute_is_over(self):
        for coaching in self:
            # Whether somebody has left is no secret.
            people = (coaching.coach_id | coaching.employee_id).sudo()
            has_left = not all(people.mapped("active"))
            coaching.is_over = has_left or bool(coaching.erased_at)

    def action_share(self):
        """Show the draft to the employee, and to HR managers."""
        self.check_access("write")
        for coaching in self:
            coaching._check_is_draft()
            if not (coaching.manager_feedback or coaching.development_goals):
                raise UserError(self.env._("Write feedback or goals first."))
        # The right to was checked above, who may share is in ``write``.
        self.sudo().write(
            {
                "state": "shared",
                "shared_at": fields.Datetime.now(),
                "salts": {name: os.urandom(16).hex() for name in SALTED},
            }
        )
        self._log("coaching_shared")
        for coaching in self:
            coaching._queue_notices({secrets.token_hex(8): coaching.employee_id})
        return True

    def action_sign(self):
        """Sign as one of the two; with the second signature it is signed."""
        self.check_access("write")
        for coaching in self:
            name = coaching._get_own_signature()
            values = {name: fields.Datetime.now()}
            if all(coaching[other] for other in SIGNATURES if other != name):
                values["state"] = "signed"
            # The right to was checked above, who may sign is in ``write``.
            coaching.sudo().write(values)
            other = (coaching.coach_id | coaching.employee_id) - self.env.user
            coaching._queue_notices({secrets.token_hex(8): other})
        self._log("coaching_signed")
        return True

    def _get_own_signature(self):
        """The field that the user signs by.

        :raises AccessError: the user is none of the two
        """
        self.ensure_one()
        for name, person in SIGNATURES.items():
            if self[person] == self.env.user:
                return name
        raise AccessError(self.env._("Only the coach and the employee can sign."))

    def action_erase(self):
        """Remove the texts for good; that it was done is logged."""
        if not self.env.user.has_group(HR_MANAGER):
            raise AccessError(
                self.env._("Only HR managers can erase coaching records.")
            )
        self.check_access("read")
        # HR managers read; erasing is all that they change.
        own = self.sudo()
        for coaching in own:
            coaching.write(
                {
                    **dict.fromkeys(TEXTS, False),
                    "salts": {"terms": (coaching.salts or {}).get("terms", "")},
                    "erased_at": fields.Datetime.now(),
                    "erased_by_id": coaching.env.uid,
                }
            )
        own.action_ids.unlink()
        own._log_record("coaching_erased")
        return True

    @api.model_create_multi
    def create(self, vals_list):
        coachings = super().create(vals_list)
        for coaching in coachings:
            coaching._check_is(coaching.coach_id)
            coaching._check_is_draft()
            if coaching.employee_response or coaching.erased_at:
                raise AccessError(
                    self.env._("Only %s can answer.", coaching.employee_id.name)
                )
        return coachings

    def write(self, vals):
        for coaching in self:
            coaching._check_change(vals)
        result = super().write(vals)
        if vals.keys() & {*OF_COACH, *OF_EMPLOYEE} and "erased_at" not in vals:
            self._log_content()
        return result

    def _check_change(self, vals):
        """Refuse what the user may not change, or nobody.

        :raises AccessError: it is for somebody else to write
        :raises UserError: it is signed, has ended or is a draft yet
        """
        names = vals.keys()
        if names & set(OF_ERASURE):
            self._check_erasure(vals)
            return
        for name in names & set(STAYING):
            if self._fields[name].convert_to_cache(vals[name], self) != self[name].id:
                self._refuse_engine_only(name)
        if names & set(OF_COACH):
            self._check_content()
        if "employee_id" in names:
            self._check_is_draft()
        if names & set(OF_EMPLOYEE):
            self._check_is(self.employee_id)
            self._check_open()
            if self.state == "draft":
                raise UserError(self.env._("%s is not shared yet.", self.display_name))
            if self.employee_signed_at:
                self._refuse_signed()
        if names & set(OF_STATE):
            self._check_step(vals)

    def _check_is(self, person):
        """Refuse everybody but this person."""
        if person != self.env.user:
            # What colleagues are called is no secret to who may read it.
            name = person.sudo().name
            raise AccessError(self.env._("Only %s can do this.", name))

    def _check_is_draft(self):
        if self.state != "draft":
            raise UserError(self.env._("%s is already shared.", self.display_name))

    def _check_open(self):
        """Refuse to go on with what has ended."""
        if self.is_over:
            raise UserError(
                self.env._(
                    "%s has ended: a participant left, or texts were erased.",
                    self.display_name,
                )
            )

    def _check_content(self):
        """Refuse changes of what the coach writes.

        :raises AccessError: by others
        :raises UserError: once somebody has signed it
        """
        self._check_is(self.coach_id)
        self._check_open()
        if self.coach_signed_at or self.employee_signed_at:
            self._refuse_signed()

    def _check_step(self, vals):
        """Refuse all but the two steps: draft → shared by the coach, and one's own
        signature, of which the second makes it signed."""
        self._check_open()
        if self.state == "draft":
            self._check_is(self.coach_id)
            steps = {"salts", "shared_at", "state"}
            if vals.keys() != steps or vals["state"] != "shared":
                self._refuse_engine_only("state")
            return
        own = self._get_own_signature()
        if self.state == "signed" or self[own]:
            self._refuse_signed()
        is_last = all(self[name] for name in SIGNATURES if name != own)
        if (
            not vals.get(own)
            or not vals.keys() <= {own, "state"}
            or vals.get("state", "shared") != ("signed" if is_last else "shared")
        ):
            self._refuse_engine_only("state")

    def _check_erasure(self, vals):
        """Refuse all but erasing all texts of what was shared, once."""
        whole = {*TEXTS, *OF_ERASURE, "salts"}
        if not self.env.su or vals.keys() != whole or any(map(vals.get, TEXTS)):
            self._refuse_engine_only("erased_at")
        if self.state == "draft" or self.erased_at or not vals["erased_at"]:
            raise UserError(self.env._("%s has no texts to erase.", self.display_name))

    def _refuse_signed(self):
        raise UserError(
            self.env._(
                "%s is signed and cannot be changed. Plan the next coaching.",
                self.display_name,
            )
        )

    def _refuse_engine_only(self, name):
        raise AccessError(
            self.env._(
                "These fields are set automatically and cannot be changed: %s",
                self._fields[name]._description_string(self.env),
            )
        )

    def _log(self, event_type):
        # System administrators read the log: who coaches whom is not for them.
        self.with_user(SUPERUSER_ID)._log_record(event_type)

    def _log_content(self):
        """Log what was changed since it was shared.

        It moves the head of the chain, as signing does: of two who do both at once the
        second is run again, and sees the first.
        """
        shared = self.filtered(lambda coaching: coaching.state != "draft")
        if shared:
            shared._log("coaching_changed")

    @api.model
    def _audited_scope_sql(self):
        return SQL("held.state <> 'draft'")

    @api.model
    def _get_audited_members(self):
        return {
            "state": SQL("held.state"),
            **{
                name: moment_text_sql(SQL.identifier("held", name))
                for name in SIGNATURES
            },
            **{
                name: _commitment_sql(name, SQL.identifier("held", name))
                for name in TEXTS
            },
            "actions": _commitment_sql("actions", ACTIONS),
            "terms": _commitment_sql("terms", TERMS),
        }

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
    def _get_waiting_for_me_domain(self):
        me = self.env.uid
        is_unsigned = Domain("employee_signed_at", "=", False)
        is_next = Domain("employee_id", "=", me) & is_unsigned
        is_last = Domain("coach_id", "=", me) & Domain("coach_signed_at", "=", False)
        is_last &= ~is_unsigned
        is_shared = Domain("state", "=", "shared") & self._is_going_on()
        return is_shared & (is_next | is_last)

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
            return self.env._("Ended, participant left")
        person = self._get_next_person()
        if person and person != self.env.user:
            # What colleagues are called is no secret to who sees the coaching.
            return self.env._("Waiting for %s", person.sudo().name)
        if person:
            is_answer = person == self.employee_id
            words = self.env._("Read, answer and sign"), self.env._("Read and sign")
            return words[0] if is_answer else words[1]
        if self.state == "draft":
            return self.env._("Share with the employee")
        if self.next_review_date:
            day = format_day(self.env, self.next_review_date)
            return self.env._("Review on %s", day)
        return self.env._("Done")

    @api.model
    def _cron_remind(self):
        """Remind both of their next review, some days before and on the day.

        The key of a message is the person and the day for which it is: two runs at
        once, or one that is late, remind nobody twice.
        """
        repeat_late(self.env, self._remind_of_reviews)

    @api.model
    def _remind_of_reviews(self):
        now = fields.Datetime.now()
        near = Domain("next_review_date", "<=", SOON)
        near &= Domain("next_review_date", ">=", GONE)
        is_shared = Domain("state", "!=", "draft")
        people = {}
        for coaching in self.search(near & is_shared & self._is_going_on()):
            for person in coaching.coach_id | coaching.employee_id:
                own = self.with_context(tz=person.tz or "UTC")
                local = fields.Datetime.context_timestamp(own, now)
                day = find_reminder_day(coaching.next_review_date, local.date())
                if day and local.hour >= HOUR:
                    people[f"{person.id}/{day}"] = person
        self._queue_notices(people)

    @api.model
    def _queue_notices(self, people):
        """Tell people that there is something new, each by a message of its key."""
        # Words in the language of whoever reads them; what follows is the outbox's.
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"kpi.home/notice/{key}",
                    "user_id": person.id,
                    "company_id": person.sudo().company_id.id,
                    **self.with_context(lang=person.sudo().lang)._prepare_notice(),
                }
                for key, person in people.items()
            ]
        )

    @api.model
    def _prepare_notice(self):
        return {
            "subject": self.env._("You have something to do in KPIs"),
            "body": Markup("<p>%s</p><p><a href='%s/odoo/kpi-home'>%s</a></p>")
            % (
                self.env._("Log in to see the details."),
                self.get_base_url(),
                self.env._("Open Overview"),
            ),
        }

    @api.model
    def _find_reviews(self, days):
        """Find the user's reviews within some days."""
        me, today = self.env.uid, fields.Date.context_today(self)
        return (
            self._is_going_on()
            & Domain("state", "!=", "draft")
            & (Domain("coach_id", "=", me) | Domain("employee_id", "=", me))
            & Domain("next_review_date", ">=", today)
            & Domain("next_review_date", "<=", today + timedelta(days=days))
        )


def _commitment_sql(name, text):
    """SQL of what ``engine.audit.commitment`` gives of a text; NULL of none."""
    return SQL(
        "encode(sha256(decode(held.salts->>%s, 'hex') || convert_to(%s, 'UTF8')),"
        " 'hex')",
        name,
        text,
    )


class ResUsers(models.Model):
    """People of a coaching stay in the database, without a word on why."""

    _inherit = "res.users"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_coached(self):
        people = ("coach_id", "employee_id", "erased_by_id")
        is_named = Domain.OR([Domain(name, "in", self.ids) for name in people])
        # Whoever deletes users is not to see coachings.
        found = self.env["kpi.performance.coaching"].sudo().search(is_named, limit=1)
        if found:
            raise UserError(
                self.env._(
                    "Some users appear in records that cannot be deleted. Archive "
                    "them instead."
                )
            )
