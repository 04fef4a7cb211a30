from odoo import api, models
from odoo.exceptions import UserError


class KpiBaseline(models.Model):
    """KPIs of initiatives that reviews have figures of stay."""

    _inherit = "kpi.baseline"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        # That there is a review stops everybody, whoever may see it.
        figures = self.env["kpi.review.figure"].sudo()
        found = figures.search([("baseline_id", "in", self.ids)], limit=1)
        if found:
            raise UserError(
                self.env._(
                    "%s is part of a review. Archive it instead.",
                    found.baseline_id.with_env(self.env).display_name,
                )
            )
