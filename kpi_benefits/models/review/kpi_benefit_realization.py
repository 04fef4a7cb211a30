from odoo import api, models
from odoo.exceptions import UserError


class KpiBenefitRealization(models.Model):
    """Benefits that reviews have figures of stay."""

    _inherit = "kpi.benefit.realization"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        # That there is a review stops everybody, whoever may see it.
        figures = self.env["kpi.review.figure"].sudo()
        found = figures.search([("benefit_ids", "in", self.ids)], limit=1)
        if found:
            benefit = self.filtered(lambda one: one.id in found.benefit_ids.ids)[:1]
            raise UserError(
                self.env._(
                    "%s is part of a review. Archive it instead.",
                    benefit.display_name,
                )
            )
