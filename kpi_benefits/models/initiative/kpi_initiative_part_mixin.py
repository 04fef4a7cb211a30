from odoo import api, fields, models
from odoo.exceptions import UserError


class KpiInitiativePartMixin(models.AbstractModel):
    """Parts of an initiative, of its company: none is added while that changes.

    Where both happen at once neither would see the other, and the part would stay in
    the company that the initiative left.
    """

    _name = "kpi.initiative.part.mixin"
    _description = "Initiative Part"

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
    _description = "Benefit Part"

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


class KpiReviewedMixin(models.AbstractModel):
    """What a review has figures of stays: it is archived, not deleted."""

    _name = "kpi.reviewed.mixin"
    _description = "Reviewed Record"

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
