from odoo import api, models
from odoo.exceptions import UserError


class KpiTarget(models.Model):
    """Assistants propose targets, and set none."""

    _inherit = "kpi.target"

    @api.model
    def _check_only_proposed(self, values):
        """:raises UserError: what they ask for would apply at once"""
        if self._filter_guarded("create", values) is None:
            raise UserError(
                self.env._(
                    "Assistants can only propose targets, but this KPI needs no "
                    "approval. Set the target in Odoo."
                )
            )
