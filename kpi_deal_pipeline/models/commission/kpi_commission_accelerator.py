from odoo import fields, models


class KpiCommissionAccelerator(models.Model):
    """Share of the quota above which earnings count more."""

    _name = "kpi.commission.accelerator"
    _inherit = ["kpi.input.mixin", "kpi.commission.term.mixin"]
    _description = "Commission Plan Accelerator"
    _order = "plan_id, above_ratio"

    above_ratio = fields.Float(
        "Above (% of Quota)", digits=(7, 4), required=True, default=1
    )
    factor = fields.Float("Multiplier", digits=(7, 4), required=True, default=1.5)
