from odoo import fields, models

from odoo.addons.kpi_base.fields import OptionalFloat


class KpiCommissionTier(models.Model):
    """A rate for what lies above an amount of a period, up to another."""

    _name = "kpi.commission.tier"
    _inherit = ["kpi.input.mixin", "kpi.commission.term.mixin"]
    _description = "Commission Plan Tier"
    _order = "plan_id, amount_from"

    amount_from = fields.Monetary("Above")
    amount_to = OptionalFloat("Up to", digits=(16, 2), help="Empty: no limit.")
    rate = fields.Float(digits=(5, 4), required=True)
