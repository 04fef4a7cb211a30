from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools.misc import format_datetime

from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import GivenMoment, Text

from ..clock.work_time_refusal import refuse_unknown_times


class KpiTatRequest(models.Model):
    """Corrections of clocks afterwards, each with a reason and in the audit log."""

    _inherit = "kpi.tat.request"

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
        start, stop = self._parse_past_hold(reason, date_from, date_to, now)
        for request in self:
            request._check_past_hold(start)
            # The right to was checked above; holds and clocks belong to approvals.
            system = request.sudo()
            with refuse_unknown_times():
                system._add_past_hold(reason.strip(), start, stop, now)

    @api.model
    def _parse_past_hold(self, reason, date_from, date_to, now):
        """:raises ValidationError: no reason, no moments, or not in the past"""
        if not reason.strip():
            raise ValidationError(self.env._("Enter a reason."))
        try:
            start = fields.Datetime.to_datetime(date_from)
            stop = fields.Datetime.to_datetime(date_to)
        except (TypeError, ValueError, OverflowError):
            start = stop = None
        if not (start and stop and start < stop <= now):
            raise ValidationError(
                self.env._(
                    "Enter when the hold began and ended: both are over, and it ended"
                    " after it began."
                )
            )
        return start, stop

    def _check_past_hold(self, start):
        """:raises ValidationError: before what the clocks of this attempt can tell

        What had elapsed as one was taken over or planned anew is stored as a sum; of
        those that have stopped, too.
        """
        # What the clocks count by is no secret to who sees the request.
        rows = self.sudo().level_ids.filtered(
            lambda row: row.attempt == self.approval_round
        )
        changed = rows.filtered("elapsed_before").mapped("tat_start_time")
        earliest = max([self.approval_asked_at, *changed])
        if start < earliest:
            raise ValidationError(
                self.env._(
                    "%(request)s: a hold can begin at %(moment)s at the earliest. It"
                    " was submitted, taken over or planned anew then.",
                    request=self.display_name,
                    moment=format_datetime(self.env, earliest),
                )
            )

    def _add_past_hold(self, reason, start, stop, now):
        current = self.level_ids.filtered(
            lambda row: row.attempt == self.approval_round
        )
        rows = current._filter_counting(start, stop, now)
        changes = rows._correct(
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
            "Hold entered later: %(start)s to %(stop)s",
            start=format_datetime(self.env, start),
            stop=format_datetime(self.env, stop),
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
        """Count the clocks that run by their calendars and template as they are now.

        :param rules: ``with_hours`` and ``with_allowance``
        :raises AccessError: the user is no officer
        """
        self._check_is_officer()
        self._hold_approval()
        self._check_approval_state("pending")
        title = self.env._("Clocks recomputed")
        for request in self:
            # The right to was checked above; clocks belong to approvals.
            own = request.sudo()
            changes = own._find_recomputable()._recompute(**rules)
            own._note_correction("recomputed", title, reason, changes, rules)

    def _find_recomputable(self):
        """Clocks of this attempt that run, or will."""
        return self.level_ids.filtered(
            lambda row: row.attempt == self.approval_round and row.clock != "stopped"
        )

    def _check_is_officer(self):
        """:raises AccessError: the user is no officer"""
        self.check_access("read")
        if not (self.env.su or self.env.user.has_group(OFFICER)):
            raise AccessError(self.env._("Only KPI officers can recompute clocks."))
