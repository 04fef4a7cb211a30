from odoo import api, fields, models


class KpiCommissionTermMixin(models.AbstractModel):
    """A part of what a plan pays, settled with the plan."""

    _name = "kpi.commission.term.mixin"
    _description = "Commission Plan Term"

    plan_id = fields.Many2one(
        "kpi.commission.plan", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="plan_id.currency_id")

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(vals_list)
        terms._check_plan()
        return terms

    def write(self, vals):
        self.plan_id._check_unsettled()
        result = super().write(vals)
        self._check_plan()
        return result

    def unlink(self):
        plans = self.plan_id
        plans._check_unsettled()
        result = super().unlink()
        if not self.env.context.get("kpi_commission_plan_saving"):
            plans._check_terms()
            plans._log_changed()
        return result

    def _check_plan(self):
        """Check and log a term that is changed by itself like the plan with it."""
        self.plan_id._check_unsettled()
        if not self.env.context.get("kpi_commission_plan_saving"):
            self.plan_id._check_terms()
            self.plan_id._log_changed()
