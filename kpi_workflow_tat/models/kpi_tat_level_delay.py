from odoo import models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.roles import OFFICER


class KpiTatLevel(models.Model):
    """Delay reasons of late decisions, where none was given with the decision."""

    _inherit = "kpi.tat.level"

    def _filter_unexplained(self):
        """Late decisions without a reason, to which the user may add one.

        That is the approver, or a KPI officer.
        """
        user = self.env.user
        may_all = user.has_group(OFFICER)
        seen = self._filtered_access("read")
        # Readers of a clock see how its approver decided.
        found = seen.sudo().filtered(
            lambda row: (
                row.tat_breached
                and row.decided_at
                and not (row.is_passed_on or row.is_left_to_others)
                and not row.step_id.delay_reason_id
                and (may_all or row.approver_id == user)
            )
        )
        return found.with_env(self.env)

    def action_add_delay_reason(self):
        """Open the dialog that asks for the delay reason of this decision."""
        self.ensure_one()
        self.check_access("read")
        dialogs = self.env["kpi.tat.delay"]
        return open_dialog(
            dialogs, self.env._("Add Delay Reason"), default_level_id=self.id
        )

    def _add_delay_reason(self):
        """Note the delay reason that the context names, once.

        :raises UserError: it has one, or is not the user's to explain
        """
        self.ensure_one()
        self.check_access("read")
        if not self._filter_unexplained():
            raise UserError(
                self.env._(
                    "Only the approver or a KPI officer can add a delay reason, and "
                    "only to a late decision without one."
                )
            )
        values = self.env["kpi.approval.delay.reason"]._read_delay()
        if not values["delay_reason_id"]:
            raise UserError(self.env._("Choose a delay reason."))
        # Steps are written by what is done with them: that was checked above.
        own = self.sudo()
        own.step_id.write(values)
        # In the language of the source, as others read the log.
        reason = own.step_id.delay_reason_id.with_context(lang=None).name
        note = values["delay_note"]
        own.request_id._log_approval(
            "explained",
            lambda _request: {
                "level": own.level_number,
                "in_place_of": (own.approver_id - self.env.user).id or None,
                "delay_reason": reason,
            },
            notes_of=lambda _request: {"delay_note": note} if note else {},
        )
