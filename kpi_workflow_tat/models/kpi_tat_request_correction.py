from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from odoo.addons.kpi_base.formatting import format_moment
from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import GivenMoment, Nothing, Text

from .kpi_tat_calendar import refuse_unknown_times
from .kpi_tat_level import OPEN


class KpiTatRequest(models.Model):
    """Holds: no clock counts until the request is resumed."""

    _inherit = "kpi.tat.request"

    can_hold = fields.Boolean(compute="_compute_can_hold", exportable=False)
    is_mine = fields.Boolean(compute="_compute_is_mine", exportable=False)
    can_claim = fields.Boolean(compute="_compute_can_claim", exportable=False)
    can_hand_back = fields.Boolean(
        string="Can Release", compute="_compute_can_claim", exportable=False
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("can_decide", "is_imported")
    def _compute_can_hold(self):
        is_officer = self.env.user.has_group(OFFICER)
        for request in self:
            may_hold = is_officer or request.can_decide
            request.can_hold = may_hold and not request.is_imported

    @api.depends_context("uid")
    @api.depends("initiator_id")
    def _compute_is_mine(self):
        for request in self:
            request.is_mine = request.initiator_id == self.env.user

    def action_hold(self, reason: Text, limit_at: GivenMoment | Nothing = False):
        """Put these requests on hold.

        :param limit_at: moment (UTC) at which they are resumed by themselves
        :raises UserError: one does not wait, or the user may not
        """
        self._check_can_hold()
        now = fields.Datetime.now()
        if not reason.strip():
            raise ValidationError(self.env._("Enter a reason."))
        moment = limit_at and _parse_moment(limit_at)
        if limit_at and (not moment or moment <= now):
            raise ValidationError(self.env._("Choose a future time."))
        # The right to was checked above; holds and clocks belong to approvals.
        requests = self.sudo()
        requests._write_pending({"status": "on_hold"})
        requests.env["kpi.tat.hold"].create(
            [
                {
                    "request_id": request.id,
                    "date_from": now,
                    "limit_at": moment,
                    "user_id": self.env.uid,
                    "reason": reason.strip(),
                }
                for request in requests
            ]
        )
        requests._log_approval("held", lambda _one: {}, reason.strip())
        requests._plan_open()

    def action_resume(self):
        """Have the clocks count again."""
        self._check_can_hold()
        # As above.
        self.sudo()._resume(fields.Datetime.now())

    def _resume(self, now):
        # Also from a timer; who may is checked by the caller.
        held = self.sudo().filtered(lambda request: request.status == "on_hold")
        running = held.hold_ids.filtered(lambda hold: not hold.date_to)
        running.write({"date_to": now})
        held._write_pending({"status": "pending"})
        if held:
            held._log_approval("resumed", lambda _one: {})
        held._plan_open()

    def _plan_open(self):
        rows = self.level_ids._filter_open()
        with refuse_unknown_times():
            rows._plan()
        if rows:
            self.env["kpi.timer"]._notify()

    def _check_can_hold(self):
        """Check that the user is asked about these requests, or an officer."""
        self.check_access("read")
        self._hold_approval()
        self._check_approval_state("pending")
        may_all = self.env.su or self.env.user.has_group(OFFICER)
        for request in self:
            if not (may_all or request.can_decide):
                raise UserError(
                    self.env._(
                        "Only the current approver or a KPI officer can hold or "
                        "resume %s.",
                        request.display_name,
                    )
                )
        self._check_not_imported()

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("can_decide", "status", "level_ids.claimed_at", "level_ids.clock")
    def _compute_can_claim(self):
        for request in self:
            row = request._find_own_group_row()
            is_asked = row and request.can_decide and request.status == "pending"
            request.can_claim = is_asked and not row.claimed_at
            request.can_hand_back = is_asked and bool(row.claimed_at)

    def _find_own_group_row(self):
        """The clock on which the user is asked as one of a group; empty: there is none

        As superuser: clocks belong to approvals.
        """
        # Whose clocks there are is no secret to who sees the request.
        return self.sudo().level_ids.filtered(
            lambda row: (
                row.is_of_group
                and row.clock in OPEN
                and row.approver_id.id == self.env.uid
            )
        )[:1]

    def action_claim(self):
        """Take these requests from the group: others of it are not asked any more.

        :raises UserError: the user is not asked, or not as one of a group
        """
        for request, row in self._hold_own_group_rows():
            if row.claimed_at:
                raise UserError(
                    self.env._("You have already claimed %s.", request.display_name)
                )
            now = fields.Datetime.now()
            before = max(0, row._read_now(now).elapsed - row.own_seconds)
            row.write(
                {
                    "claimed_at": now,
                    "taken_over_seconds": before,
                    "own_before": row.own_seconds,
                }
            )
            others = request._find_group_steps("asked")
            level = {"level": row.level_number}
            request._log_approval("claimed", lambda _one, level=level: level)
            others._close()
        self.invalidate_recordset(["can_claim", "can_hand_back"])

    def action_hand_back(self):
        """Give these requests back: the group is asked again.

        :raises UserError: the user has not claimed one of them
        """
        for request, row in self._hold_own_group_rows():
            if not row.claimed_at:
                raise UserError(
                    self.env._("You have not claimed %s.", request.display_name)
                )
            others = request._find_group_steps("closed")
            if not others:
                raise UserError(
                    self.env._(
                        "No other group member can decide on %s. Reassign it.",
                        request.display_name,
                    )
                )
            level = {"level": row.level_number}
            request._log_approval("handed_back", lambda _one, level=level: level)
            # They have been told, with links that decide again from now on.
            others._begin()
            # What was this person's stays theirs.
            own = row._count_own(row._read_now(fields.Datetime.now()).elapsed)
            row.write({"claimed_at": False, "own_seconds": own})
            body = request.env._(
                "%(person)s released %(request)s to your group.",
                person=request.env.user.name,
                request=request.display_name,
            )
            request.message_notify(
                # Whom to tell follows from who is asked.
                partner_ids=others.user_id.sudo().partner_id.ids,
                body=body,
                subject=request.display_name,
            )
        self.invalidate_recordset(["can_claim", "can_hand_back"])

    def _hold_own_group_rows(self):
        """Pairs of each request and the user's clock, while nobody else acts on it."""
        self.check_access("read")
        self._hold_approval()
        self._raise_refusal(self._find_refusals(self._find_own_steps()))
        for request in self:
            row = request._find_own_group_row()
            if not row:
                raise UserError(
                    self.env._(
                        "%s is not assigned to a group and cannot be claimed.",
                        request.display_name,
                    )
                )
            yield request, row

    def _find_group_steps(self, state):
        """Steps of the others of the group on the present level, one of each person."""
        steps = self._find_steps(state).filtered(
            lambda step: (
                step.level == self.approval_level
                and step.round == self.approval_round
                and step.user_id != self.env.user
            )
        )
        # Whose clocks there are is no secret to who sees the request.
        group = self.sudo()._find_present_clocks()
        group = group.filtered(
            lambda row: row.is_of_group and row.level_number == self.approval_level
        )
        last = {step.user_id: step for step in steps.sorted("id")}
        found = [step.id for user, step in last.items() if user in group.approver_id]
        return steps.browse(found)

    def action_add_past_hold(
        self, reason: Text, date_from: GivenMoment, date_to: GivenMoment
    ):
        """Have the clocks not count time in which nothing could be decided.

        :param date_from: moment (UTC), as is ``date_to``
        :raises UserError: one does not wait, the user may not, or the clocks cannot
            be corrected so far back
        """
        self._check_can_hold()
        now = fields.Datetime.now()
        if not reason.strip():
            raise ValidationError(self.env._("Enter a reason."))
        start, stop = _parse_moment(date_from), _parse_moment(date_to)
        if not (start and stop and start < stop <= now):
            raise ValidationError(
                self.env._("Enter a start and a later end, both in the past.")
            )
        for request in self:
            request._check_past_hold(start)
            # The right to was checked above; holds and clocks belong to approvals.
            system = request.sudo()
            with refuse_unknown_times():
                system._add_past_hold(reason.strip(), start, stop, now)

    def _check_past_hold(self, start):
        """:raises ValidationError: before what the clocks of this attempt can tell

        What had elapsed as one was taken over or planned anew is stored as a sum; of
        those that have stopped, too.
        """
        # What the clocks count by is no secret to who sees the request.
        rows = self.sudo()._find_present_clocks()
        changed = rows.filtered("elapsed_before").mapped("tat_start_time")
        earliest = max([self.approval_asked_at, *changed])
        if start < earliest:
            raise ValidationError(
                self.env._(
                    "%(request)s: the hold cannot start before %(moment)s, when "
                    "its clocks last started.",
                    request=self.display_name,
                    moment=format_moment(self.env, earliest),
                )
            )

    def _add_past_hold(self, reason, start, stop, now):
        counting = self._find_present_clocks().filtered(
            lambda row: (
                row.tat_start_time
                and row.tat_start_time < stop
                and (row.stopped_at or now) > start
            )
        )
        changes = counting._correct(
            lambda: self.hold_ids.create(
                {
                    "request_id": self.id,
                    "date_from": start,
                    "date_to": stop,
                    "user_id": self.env.uid,
                    "reason": reason,
                    "is_retroactive": True,
                }
            )
        )
        moments = {
            "date_from": fields.Datetime.to_string(start),
            "date_to": fields.Datetime.to_string(stop),
        }
        title = self.env._(
            "Retroactive hold: %(start)s to %(stop)s",
            start=format_moment(self.env, start, with_year=True),
            stop=format_moment(self.env, stop, with_year=True),
        )
        self._note_correction("past_hold", title, reason, changes, moments)

    def _note_correction(self, what, title, reason, changes, values):
        """Log a correction, and tell it in the chatter: before and after."""
        logged = [
            {
                "level": one["row"].level_number,
                "approver": one["row"].approver_id.id,
                "before": one["before"],
                "after": one["after"],
            }
            for one in changes
        ]
        self._log_approval(what, lambda _one: {**values, "clocks": logged}, reason)
        body = Markup("<p>%s<br/>%s</p>%s") % (
            title,
            reason,
            self.env["kpi.tat.level"]._write_corrections(changes),
        )
        self.message_post(body=body, subtype_xmlid="mail.mt_note")

    def _recompute_clocks(self, reason, **rules):
        """Count the clocks that run by their calendars and template as they are now."""
        self._check_is_officer()
        self._check_not_imported()
        self._hold_approval()
        self._check_approval_state("pending")
        title = self.env._("Clocks recalculated")
        for request in self:
            # The right to was checked above; clocks belong to approvals.
            own = request.sudo()
            changes = own._find_present_clocks()._recompute(**rules)
            own._note_correction("recomputed", title, reason, changes, rules)

    def _check_is_officer(self):
        """:raises AccessError: the user is no officer"""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group(OFFICER)):
            raise AccessError(self.env._("Only KPI officers can recalculate clocks."))


def _parse_moment(value):
    """The moment that a value says; None: it says none."""
    try:
        return fields.Datetime.to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
