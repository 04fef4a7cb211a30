from odoo import api, fields, models


class KpiInitiativePartMixin(models.AbstractModel):
    """Parts of an initiative, of its company: none is added while that changes.

    Where both happen at once neither would see the other, and the part would stay in
    the company that the initiative left.
    """

    _name = "kpi.initiative.part.mixin"
    _description = "Part of an Initiative"

    initiative_id = fields.Many2one(
        "kpi.initiative", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="initiative_id.company_id", store=True, precompute=True, index=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.initiative_id._claim_company()
        return parts

    def write(self, vals):
        new = self.initiative_id.browse(vals.get("initiative_id") or ())
        if new and any(one.initiative_id != new for one in self):
            # Rules look at the initiative that it leaves only.
            new.check_access("write")
        result = super().write(vals)
        if "initiative_id" in vals:
            self.initiative_id._claim_company()
        return result


class KpiBenefitPartMixin(models.AbstractModel):
    """Parts of a benefit, of its initiative and company."""

    _name = "kpi.benefit.part.mixin"
    _description = "Part of a Benefit"

    benefit_id = fields.Many2one(
        "kpi.benefit.realization", required=True, index=True, ondelete="cascade"
    )
    initiative_id = fields.Many2one(
        related="benefit_id.initiative_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="benefit_id.company_id", store=True, precompute=True, index=True
    )

    def write(self, vals):
        if vals.get("benefit_id"):
            # Rules look at the benefit that it leaves only.
            self.benefit_id.browse(vals["benefit_id"]).check_access("write")
        return super().write(vals)
