from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.rights import find_moved

from ..clock.work_time_refusal import refuse_unknown_times

# What may follow on what; nothing else, whoever writes it.
FOLLOWING = {
    "draft": {"pending", "approved"},
    "pending": {
        "approved",
        "rejected",
        "returned",
        "withdrawn",
        "on_hold",
    },
    "on_hold": {"pending", "withdrawn"},
    "returned": {"pending", "approved", "withdrawn"},
    "withdrawn": {"pending", "approved"},
    "rejected": {"closed"},
    "approved": {"closed"},
    "closed": set(),
}
BY_APPROVAL = {"none": "withdrawn"}
ENDED = ("approved", "rejected", "withdrawn")
DECIDED = ("approved", "rejected", "closed")
STAYING = ("priority", "res_id", "res_model")  # once it is decided, with the content


class KpiTatRequest(models.Model):
    """Status of a request: which one follows on which."""

    _inherit = "kpi.tat.request"

    def write(self, vals):
        if "status" in vals:
            self._check_following(vals["status"])
        if vals.keys() & {*STAYING, *self._approval_content()}:
            self._check_not_decided()
        if "company_id" in vals:
            self._check_moving(self.company_id.browse(vals["company_id"] or ()))
        return super().write(vals)

    def _check_moving(self, company):
        """Check that these requests can go to a company; rules look at them before.

        :raises UserError: one was submitted: who decided and reports are of its company
        :raises AccessError: it is not one of the user's
        """
        for request in find_moved(self, company):
            if request.status != "draft":
                raise UserError(
                    self.env._(
                        "%s was submitted and stays with its company. Make a copy"
                        " instead.",
                        request.display_name,
                    )
                )

    def _check_following(self, status):
        """:raises UserError: one of them cannot get that status now"""
        labels = dict(self._fields["status"]._description_selection(self.env))
        for request in self:
            before = request.status
            if status != before and status not in FOLLOWING[before]:
                raise UserError(
                    self.env._(
                        "%(request)s is “%(before)s” and cannot become “%(after)s”.",
                        request=request.display_name,
                        before=labels[before],
                        after=labels.get(status, status),
                    )
                )

    def _check_not_decided(self):
        """:raises UserError: one was decided on: what was approved stays as it is"""
        for request in self:
            if request.status in DECIDED:
                raise UserError(
                    self.env._(
                        "%s is decided and cannot be changed. Make a copy instead.",
                        request.display_name,
                    )
                )

    def _say_status(self):
        """Tell which status this request has, to who wants to do something else."""
        labels = dict(self._fields["status"]._description_selection(self.env))
        return self.env._(
            "%(request)s is “%(status)s”.",
            request=self.display_name,
            status=labels[self.status],
        )

    def action_submit(self):
        """Submit these requests: the first level is asked, its clocks start."""
        self.check_access("write")
        if self._is_test_mode():
            # Set by the server alone, on what is not submitted yet.
            self.sudo().is_test = True
        self.action_ask_approval()

    def action_withdraw(self):
        """Take these requests back; their clocks stop."""
        held = self.filtered(lambda request: request.status == "on_hold")
        self.check_access("read")
        for request in held:
            request._check_is_initiator()
        held._resume(fields.Datetime.now())
        self.action_recall()

    def action_close(self):
        """Put away what was decided."""
        self.check_access("read")
        for request in self:
            request._check_is_initiator()
        # The right to was checked above; the status is set by methods only.
        self.sudo()._write_pending({"status": "closed"})

    def action_change_priority(self):
        """Have the other kind of hours count from now on; what has elapsed stays."""
        self.check_access("read")
        for request in self:
            request._check_is_initiator()
            other = {"standard": "express", "express": "standard"}[request.priority]
            # As above. Clocks belong to approvals.
            own = request.sudo()
            own._write_pending({"priority": other})
            with refuse_unknown_times():
                own.level_ids._filter_open()._change_rules(fields.Datetime.now())
            self.env["kpi.timer"]._notify()

    def _check_is_initiator(self):
        if self.initiator_id != self.env.user and not self.env.su:
            raise UserError(
                self.env._(
                    "Only %(person)s, who made %(request)s, can do that.",
                    person=self.initiator_id.name,
                    request=self.display_name,
                )
            )

    def _write_approval(self, vals):
        """Set the status with the state of the approval."""
        if "approval_state" in vals:
            status = BY_APPROVAL.get(vals["approval_state"], vals["approval_state"])
            ended = fields.Datetime.now() if status in ENDED else False
            vals = {**vals, "status": status, "decided_at": ended}
        return super()._write_approval(vals)
