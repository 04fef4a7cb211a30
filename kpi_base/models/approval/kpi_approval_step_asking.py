from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import unique

from ...engine.approval.due import find_due
from ...engine.worktime import Timeline, WorkCalendar
from .people import find_employee


class KpiApprovalStep(models.Model):
    """Asking people, and asking others in their place; as superuser."""

    _inherit = "kpi.approval.step"

    def write(self, vals):
        """Note whom a successor decides for, as when somebody leaves."""
        if "user_id" not in vals:
            return super().write(vals)
        for former, steps in self.grouped("user_id").items():
            steps._check_can_take(self.env["res.users"].browse(vals["user_id"]))
            super(KpiApprovalStep, steps).write({**vals, "for_user_id": former.id})
            steps._log_people("replaced", lambda step: step.for_user_id)
        self.filtered(lambda step: step.state == "asked")._notify()
        return True

    def _check_can_take(self, user):
        """:raises UserError: ``user`` must not or cannot decide on one of them"""
        for step in self:
            if user == step.submitter_id:
                raise UserError(
                    self.env._(
                        "%s submitted it and cannot approve it.", user.display_name
                    )
                )
        if not (user.active and user._is_internal()):
            raise UserError(self.env._("%s cannot approve.", user.display_name))
        for documents in self._get_documents():
            # What they may not see they cannot decide on.
            hidden = documents - documents._filter_readable_by(user)
            if hidden:
                raise UserError(
                    self.env._(
                        "%(person)s has no access to %(document)s.",
                        person=user.display_name,
                        document=hidden[0].display_name,
                    )
                )

    def _ask(self):
        """Ask these people now."""
        if self:
            self._begin()
            self._notify()
            self.env["kpi.event"]._emit("approval.requested", self)

    def _begin(self):
        """Let these people decide from now on; nobody is told."""
        now = fields.Datetime.now()
        self.write({"state": "asked", "asked_at": now})
        self._plan_escalation(now)
        self._log_people("requested", lambda step: step.for_user_id)

    def _plan_escalation(self, now):
        """Set when managers may decide too, by the working hours of who is asked."""
        timed = self.filtered("timeout_hours")
        for (user, company), same in timed.grouped(
            lambda step: (step.user_id, step.company_id)
        ).items():
            timeline = _get_timeline(user, company or user.company_id)
            for hours, steps in same.grouped("timeout_hours").items():
                steps.due_at = find_due(timeline, now, hours)

    def _close(self):
        if self:
            self.write({"state": "closed"})

    def _ask_beside(self, people, reason):
        """Ask others on the seats of these steps.

        :param people: dict step → user
        :return: the new steps
        """
        now = fields.Datetime.now()
        new = self.create(
            [
                {
                    **{name: step[name] for name in _COPIED},
                    "company_id": step.company_id.id,
                    "workflow_id": step.workflow_id.id,
                    "submitter_id": step.submitter_id.id,
                    "user_id": user.id,
                    "for_user_id": step.user_id.id,
                    "reason": reason,
                    "state": "asked",
                    "asked_at": now,
                }
                for step, user in people.items()
            ]
        )
        new._plan_escalation(now)
        return new

    def _replace_by(self, people, reason, what, comment=""):
        """Ask others instead; both names are logged.

        :param people: dict step → user
        :param what: state of the steps that are replaced, and event of the log
        """
        new = self._ask_beside(people, reason)
        old = self.browse(step.id for step in people)
        old.write({"state": what, "comment": comment or False})
        new._log_people(what, lambda step: step.for_user_id, comment)
        new._notify()
        self.env["kpi.event"]._emit("approval.requested", new)

    def _log_people(self, what, get_former, comment=""):
        """Log who is asked about each document, and in whose place."""
        for documents in self._get_documents():
            of_document = self.filtered(
                lambda step, name=documents._name: step.res_model == name
            ).grouped("res_id")

            def describe(one, of_document=of_document):
                steps = of_document[one.id]
                absent = [get_former(step).id for step in steps if get_former(step)]
                return {
                    "level": steps[0].level,
                    "needed": steps[0].needed_count,
                    "asked": steps.user_id.ids,
                    "in_place_of": list(unique(absent)),
                    "version": steps[0].content_version,
                }

            documents._log_approval(what, describe, comment)


_COPIED = (
    "res_model",
    "res_id",
    "round",
    "level",
    "seat",
    "needed_count",
    "content_version",
    "timeout_hours",
)


def _get_timeline(user, company):
    """The working hours of a person, their leaves included."""
    # Hours of work are no secret.
    employee = find_employee(user.env["hr.employee"].sudo(), user.id, company)
    calendar = employee.resource_calendar_id or company.resource_calendar_id
    resource = employee.resource_id or None
    if not calendar:  # as who never works
        return Timeline(WorkCalendar("UTC"))
    return Timeline(calendar._kpi_work_calendar(resource=resource))
