from odoo import fields, models

from odoo.addons.kpi_base.fields import OptionalMonetary


class KpiBenefitPeriod(models.Model):
    """A month of a benefit: as planned, and as realised once somebody has said so."""

    _name = "kpi.benefit.period"
    _description = "Month of a Benefit"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]
    _order = "benefit_id, period_start"
    _rec_name = "benefit_id"
    _kpi_measurable = True

    benefit_id = fields.Many2one(
        "kpi.benefit.realization",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    initiative_id = fields.Many2one(
        related="benefit_id.initiative_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="benefit_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="benefit_id.currency_id")
    period_start = fields.Date("Month", required=True, readonly=True)
    planned = fields.Monetary(readonly=True)
    realized = OptionalMonetary(help="Empty: not known yet.")
    note = fields.Char()

    _benefit_period_uniq = models.UniqueIndex("(benefit_id, period_start)")
