from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.kpi_base.roles import MANAGER, OFFICER


class KpiSubmission(models.Model):
    """Right to approve an entry: anybody allowed but the person who entered it."""

    _inherit = "kpi.submission"

    @api.model
    def _get_decidable_domain(self):
        """Return the domain of what the user may decide on, as ``_approvers``.

        Entries of others by who the user is; only whether an officer may decide on an
        own one depends on who else there is.
        """
        user = self.env.user
        waiting = Domain("state", "=", "submitted") & Domain("is_current", "=", True)
        waiting &= Domain("company_id", "in", self.env.companies.ids)
        by_user = Domain("entered_by_id", "=", user.id)
        if user.has_group(OFFICER):
            # Rules are evaluated as superuser; this asks what the user may do.
            own = self.sudo(False).search(waiting & by_user).filtered("can_decide")
            return waiting & (~by_user | Domain("id", "in", own.ids))
        if user.has_group(MANAGER):
            return waiting & ~by_user & Domain("report_id.is_managed_by_me", "=", True)
        return Domain.FALSE

    def _approvers(self):
        """Find who may decide on these entries.

        Managers of the department tree, leaders of the team and KPI officers, never who
        entered the value; unless there is nobody else, then an officer may.

        :return: dict entry → users
        """
        # Who manages whom is no secret; the answer is only who may decide.
        entries = self.sudo()
        officers = entries.env.ref(OFFICER).all_user_ids.filtered("active")
        managers = entries.report_id._managing_users()
        approvers = {}
        for entry, own in zip(entries, self, strict=True):
            company_officers = officers.filtered(
                lambda user, entry=entry: entry.company_id in user.company_ids
            )
            everybody = managers[entry.report_id] | company_officers
            others = everybody - entry.entered_by_id
            approvers[own] = others or everybody & company_officers
        return approvers

    def _check_can_decide(self):
        """:raises AccessError: naming the entry, and who may decide on it"""
        self.check_access("read")
        for entry, approvers in self._approvers().items():
            if self.env.user not in approvers and not self.env.su:
                raise AccessError(entry._decision_refusal(approvers))

    def _check_can_withdraw(self):
        """Check that an approver withdraws an approved entry: four eyes as well.

        :raises AccessError: naming the entry, and who may withdraw it
        """
        decided = self.filtered(
            lambda entry: entry.state == "approved" and entry.decided_by_id
        )
        for entry, approvers in decided._approvers().items():
            if self.env.user not in approvers and not self.env.su:
                raise AccessError(
                    self.env._(
                        "%(entry)s was approved. Correct it, or ask %(people)s to"
                        " withdraw it.",
                        entry=entry.display_name,
                        people=", ".join(approvers[:3].mapped("name")),
                    )
                )

    def _decision_refusal(self, approvers):
        names = ", ".join(approvers[:3].mapped("name"))
        if self.env.user == self.entered_by_id:
            return self.env._(
                "%(entry)s: you cannot approve your own entry. Ask %(people)s.",
                entry=self.display_name,
                people=names,
            )
        return self.env._(
            "%(entry)s can only be approved by managers of the department and "
            "KPI officers, such as %(people)s.",
            entry=self.display_name,
            people=names,
        )
