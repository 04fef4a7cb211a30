from odoo import api, models
from odoo.exceptions import UserError


class KpiBenefitRealization(models.Model):
    """Benefits with a history stay: what failed would be deleted first."""

    _inherit = "kpi.benefit.realization"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for benefit in self:
            reason = benefit._say_why_it_stays()
            if reason:
                raise UserError(reason)

    def _say_why_it_stays(self):
        """Say why this benefit cannot be deleted; empty: it can be."""
        name = self.display_name
        if self.has_value:
            return self.env._(
                "%s has realised values, which would be lost. Archive it instead.", name
            )
        # Whoever owns the benefit need not see the initiative.
        if self.sudo().initiative_id.was_approved:
            return self.env._(
                "%s belongs to an initiative that was approved. Archive it instead.",
                name,
            )
        if self.status != "planned":
            return self.env._("%s has a confirmed status. Archive it instead.", name)
        if any(not score._is_open() for score in self.confidence_ids):
            return self.env._(
                "%s has confidence scores, which would be lost. Archive it instead.",
                name,
            )
        return ""
