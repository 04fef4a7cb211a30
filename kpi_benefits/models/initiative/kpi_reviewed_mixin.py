from odoo import api, models
from odoo.exceptions import UserError


class KpiReviewedMixin(models.AbstractModel):
    """What a review has figures of stays: it is archived, not deleted."""

    _name = "kpi.reviewed.mixin"
    _description = "Part of a Review's Figures"

    _reviewed_as: str  # the field of figures that names it

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        for record in self._find_reviewed():
            raise UserError(
                self.env._(
                    "%s is part of a review. Archive it instead.", record.display_name
                )
            )

    def _find_reviewed(self):
        """Those of these that a review has figures of."""
        # That there is a review stops everybody, whoever may see it.
        figures = self.env["kpi.review.figure"].sudo()
        found = figures.search([(self._reviewed_as, "in", self.ids)])
        return self & found[self._reviewed_as].with_env(self.env)
