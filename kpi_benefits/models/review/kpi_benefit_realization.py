from odoo import api, models
from odoo.exceptions import UserError


class KpiBenefitRealization(models.Model):
    """Benefits that reviews have figures of stay, where they are."""

    _inherit = "kpi.benefit.realization"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        for benefit in self._find_reviewed():
            raise UserError(
                self.env._(
                    "%s is part of a review. Archive it instead.",
                    benefit.display_name,
                )
            )

    def _check_same_review(self, vals):
        """Refuse to take what a review has figures of to another initiative."""
        moved = self.filtered(lambda one: one.initiative_id.id != vals["initiative_id"])
        for benefit in moved._find_reviewed():
            raise UserError(
                self.env._(
                    "%s is part of a review and stays with its initiative. Archive it "
                    "and add it to the other one.",
                    benefit.display_name,
                )
            )

    def _find_reviewed(self):
        """Those of these that a review has figures of."""
        # That there is a review stops everybody, whoever may see it.
        figures = self.env["kpi.review.figure"].sudo()
        found = figures.search([("benefit_ids", "in", self.ids)]).benefit_ids
        return self.filtered(lambda one: one.id in found.ids)
