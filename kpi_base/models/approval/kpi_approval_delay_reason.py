from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...engine.postgres import is_storable
from ...schemas.approval import MAX_NOTE

DELAY = "approval_delay"  # in the context of decisions


class KpiApprovalDelayReason(models.Model):
    """Why a decision came after its due time; approvers choose one."""

    _name = "kpi.approval.delay.reason"
    _description = "Delay Reason"
    _inherit = ["kpi.input.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        # Which reasons were given is no secret to who may delete them.
        steps = self.env["kpi.approval.step"].sudo()
        used = steps.search([("delay_reason_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "“%s” is in use. Archive it instead.", used.delay_reason_id.name
                )
            )

    def _say_missing(self, is_late):
        """Say that a late decision needs a reason; empty where this is one.

        Without any on the list there is nothing to choose.
        """
        if self or not is_late or not self.search_count([], limit=1):
            return ""
        return self.env._("The decision is overdue. Choose a delay reason.")

    def _explain_delay(self, records, note=""):
        """``records``, to be decided on with this reason where the decision is late."""
        return records.with_context(**{DELAY: {"reason_id": self.id, "note": note}})

    @api.model
    def _read_delay(self):
        """Read what the context says about late decisions: values of their steps.

        :raises ValidationError: a reason that is not on the list, or a text that is
            none or too long
        """
        given = self.env.context.get(DELAY) or {}
        known = isinstance(given, dict) and not given.keys() - {"reason_id", "note"}
        reason_id = known and given.get("reason_id")
        note = (known and given.get("note")) or ""
        reason = self.browse()
        if type(reason_id) is int and 0 < reason_id < 2**31:
            reason = self.search([("id", "=", reason_id)])
        if not known or (reason_id and not reason):
            raise ValidationError(
                self.env._(
                    "This delay reason does not exist. Choose one from the list."
                )
            )
        is_text = isinstance(note, str) and is_storable(note)
        if not is_text or len(note) > MAX_NOTE:
            raise ValidationError(
                self.env._("A delay note can have up to %s characters.", MAX_NOTE)
            )
        return {"delay_reason_id": reason.id, "delay_note": note.strip() or False}
