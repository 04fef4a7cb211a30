from odoo import api, fields, models
from odoo.exceptions import UserError

from ..clock.kpi_tat_level_clock import OPEN


class KpiTatRequest(models.Model):
    """Claiming what a group is asked about, and handing it back."""

    _inherit = "kpi.tat.request"

    can_claim = fields.Boolean(compute="_compute_can_claim", exportable=False)
    can_hand_back = fields.Boolean(compute="_compute_can_claim", exportable=False)

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
        now = fields.Datetime.now()
        for request, row in self._hold_own_group_rows():
            if row.claimed_at:
                raise UserError(
                    self.env._("You have claimed %s already.", request.display_name)
                )
            row._claim_time(now)
            others = request._find_group_steps("asked")
            level = {"level": row.level_number}
            request._log_approval("claimed", lambda _one, level=level: level)
            others._close()
        self.invalidate_recordset(["can_claim", "can_hand_back"])

    def action_hand_back(self):
        """Give these requests back: the group is asked again.

        :raises UserError: the user has not claimed one of them
        """
        now = fields.Datetime.now()
        for request, row in self._hold_own_group_rows():
            if not row.claimed_at:
                raise UserError(
                    self.env._("You have not claimed %s.", request.display_name)
                )
            others = request._find_group_steps("closed")
            if not others:
                raise UserError(
                    self.env._(
                        "Nobody else is asked about %s. Reassign it instead.",
                        request.display_name,
                    )
                )
            level = {"level": row.level_number}
            request._log_approval("handed_back", lambda _one, level=level: level)
            # They have been told, with links that decide again from now on.
            others._begin()
            row._hand_time_back(now)
            request._tell_handed_back(others.user_id)
        self.invalidate_recordset(["can_claim", "can_hand_back"])

    def _tell_handed_back(self, people):
        """Tell the others of the group that they are asked again."""
        body = self.env._(
            "%(person)s handed %(request)s back. Your group is asked again.",
            person=self.env.user.name,
            request=self.display_name,
        )
        self.message_notify(
            # Whom to tell follows from who is asked.
            partner_ids=people.sudo().partner_id.ids,
            body=body,
            subject=self.display_name,
        )

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
                        "%s does not wait for a group. Only what a group is asked about"
                        " can be claimed.",
                        request.display_name,
                    )
                )
            yield request, row

    def _find_group_steps(self, state):
        """Steps of the others of the group on the present level, one for each person.

        :param state: of the steps that are meant
        """
        steps = self._find_steps(state).filtered(
            lambda step: (
                step.level == self.approval_level
                and step.round == self.approval_round
                and step.user_id != self.env.user
            )
        )
        # Whose clocks there are is no secret to who sees the request.
        group = self.sudo().level_ids.filtered(
            lambda row: (
                row.is_of_group
                and row.attempt == self.approval_round
                and row.level_number == self.approval_level
            )
        )
        last = {step.user_id: step for step in steps.sorted("id")}
        found = [step.id for user, step in last.items() if user in group.approver_id]
        return steps.browse(found)
