from odoo import fields, models


class KpiCommissionAccelerator(models.Model):
    """What is earned above a share of the quota counts more."""

    _name = "kpi.commission.accelerator"
    _inherit = ["kpi.input.mixin", "kpi.commission.term.mixin"]
    _description = "Accelerator of a Commission Plan"
    _order = "plan_id, above_ratio"

    above_ratio = fields.Float(
        "Above of Quota", digits=(7, 4), required=True, default=1
    )
    factor = fields.Float("Counts Times", digits=(7, 4), required=True, default=1.5)
