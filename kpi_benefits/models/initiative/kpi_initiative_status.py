from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from odoo.addons.kpi_base import roles

STATUSES = [
    ("proposed", "Proposed"),
    ("approved", "Approved"),
    ("in_delivery", "In delivery"),
    ("live", "Live"),
    ("reviewed", "Reviewed"),
    ("closed", "Closed"),
]
# What may follow on what.
FOLLOWING = {
    "proposed": {"approved", "closed"},
    "approved": {"in_delivery", "proposed", "closed"},
    "in_delivery": {"live", "closed"},
    "live": {"reviewed", "in_delivery"},
    "reviewed": {"closed", "live"},
    "closed": {"proposed"},
}


class KpiInitiative(models.Model):
    """Status of an initiative: which one follows on which, and who says so."""

    _inherit = "kpi.initiative"

    status = fields.Selection(
        STATUSES,
        required=True,
        readonly=True,
        default="proposed",
        copy=False,
        index=True,
        tracking=True,
    )
    approved_on = fields.Date(readonly=True, copy=False)
    approved_by = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    was_approved = fields.Boolean(
        readonly=True,
        copy=False,
        exportable=False,
        help="Approved once, also if that was withdrawn later.",
    )
    planned_go_live_date = fields.Date("Planned Go-Live", tracking=True)
    go_live_date = fields.Date(
        "Go-Live", copy=False, tracking=True, help="The day it went live."
    )
    can_approve = fields.Boolean(compute="_compute_can_approve", exportable=False)

    @api.constrains("go_live_date")
    def _check_go_live_date(self):
        today = fields.Date.context_today(self)
        for initiative in self:
            if initiative.go_live_date and initiative.go_live_date > today:
                raise ValidationError(
                    self.env._(
                        "%(initiative)s cannot have gone live on %(day)s, a day to "
                        "come. Enter that day as its planned go-live.",
                        initiative=initiative.display_name,
                        day=format_date(self.env, initiative.go_live_date),
                    )
                )

    @api.depends_context("uid")
    @api.depends("owner_id", "former_owner_ids", "sponsor_id", "department_id")
    def _compute_can_approve(self):
        is_officer = self.env.user.has_group(roles.OFFICER)
        for initiative in self:
            is_asked = (
                is_officer
                or initiative.sponsor_id == self.env.user
                or initiative.department_id.is_managed_by_me
            )
            is_own = initiative._is_owned_before(self.env.user)
            initiative.can_approve = is_asked and not is_own

    def action_approve(self):
        """Approve these initiatives: its sponsor, its managers or an officer does."""
        self.check_access("read")
        for initiative in self:
            initiative._check_approver()
        today = fields.Date.context_today(self)
        self._move(
            "approved",
            approved_on=today,
            approved_by=self.env.uid,
            was_approved=True,
        )

    def action_withdraw_approval(self):
        """Make these proposals again; who may approve may take that back."""
        self.check_access("read")
        for initiative in self:
            initiative._check_approver()
        self._move("proposed", approved_on=False, approved_by=False)

    def action_start(self):
        """Begin to deliver these initiatives, or go on with it: none is live then."""
        self.check_access("write")
        live = self.filtered(lambda one: one.status == "live")
        self._move("in_delivery")
        live.go_live_date = False

    def action_go_live(self):
        """Say that these initiatives are in use; from today, if no day was entered."""
        self.check_access("write")
        undated = self.filtered(lambda one: not one.go_live_date)
        undated.go_live_date = fields.Date.context_today(self)
        self._move("live")

    def action_review(self):
        """Say that the benefits of these initiatives were reviewed."""
        self.check_access("write")
        self._move("reviewed")

    def action_close(self):
        """Close these initiatives."""
        self.check_access("write")
        self._move("closed")

    def action_reopen(self):
        """Make closed ones proposals again."""
        self.check_access("write")
        self._move("proposed", approved_on=False, approved_by=False)

    def _check_approver(self):
        if not (self.can_approve or self.env.su):
            raise AccessError(
                self.env._(
                    "%s is approved by its sponsor, a manager of its department or a "
                    "KPI officer, not by its owner or who owned it before.",
                    self.display_name,
                )
            )

    def _move(self, status, **values):
        """Set the status, where it may follow.

        :raises UserError: one of them cannot get that status now
        """
        labels = dict(self._fields["status"]._description_selection(self.env))
        for initiative in self:
            if status not in FOLLOWING[initiative.status]:
                raise UserError(
                    self.env._(
                        "%(initiative)s is “%(before)s” and cannot become “%(after)s”.",
                        initiative=initiative.display_name,
                        before=labels[initiative.status],
                        after=labels[status],
                    )
                )
        # The right to was checked by the caller; only methods set the status.
        self.sudo().write({**values, "status": status})
