from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.kpi_base.roles import OFFICER
from odoo.addons.kpi_base.schemas.base import GivenMoment, Nothing, Text

from ..clock.work_time_refusal import refuse_unknown_times


class KpiTatRequest(models.Model):
    """Holds: no clock counts until the request is resumed."""

    _inherit = "kpi.tat.request"

    can_hold = fields.Boolean(compute="_compute_can_hold", exportable=False)
    is_mine = fields.Boolean(compute="_compute_is_mine", exportable=False)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("can_decide")
    def _compute_can_hold(self):
        is_officer = self.env.user.has_group(OFFICER)
        for request in self:
            request.can_hold = is_officer or request.can_decide

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
        limit_at = self._parse_limit(limit_at, now)
        # The right to was checked above; holds and clocks belong to approvals.
        requests = self.sudo()
        requests._write_pending({"status": "on_hold"})
        requests.env["kpi.tat.hold"].create(
            [
                {
                    "request_id": request.id,
                    "date_from": now,
                    "limit_at": limit_at,
                    "user_id": self.env.uid,
                    "reason": reason.strip(),
                }
                for request in requests
            ]
        )
        requests._log_approval("held", lambda _one: {}, reason.strip())
        requests._plan_open()

    @api.model
    def _parse_limit(self, limit_at, now):
        """:raises ValidationError: no moment, or one that is over"""
        if not limit_at:
            return False
        try:
            moment = fields.Datetime.to_datetime(limit_at)
        except (TypeError, ValueError, OverflowError):
            moment = None
        if not moment or moment <= now:
            raise ValidationError(self.env._("Choose a time in the future."))
        return moment

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
        if self.env.su or self.env.user.has_group(OFFICER):
            return
        for request in self:
            if not request.can_decide:
                raise UserError(
                    self.env._(
                        "Only whoever decides on %s can put it on hold.",
                        request.display_name,
                    )
                )
