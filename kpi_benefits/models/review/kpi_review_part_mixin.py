from odoo import api, fields, models
from odoo.exceptions import UserError


class KpiReviewPartMixin(models.AbstractModel):
    """Row of a review, changed with its texts: as long as it is a draft."""

    _name = "kpi.review.part.mixin"
    _description = "Part of a Review"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]

    # fields that go on changing: nobody approves them
    _progressing: tuple[str, ...] = ()

    review_id = fields.Many2one(
        "kpi.post.implementation.review", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="review_id.company_id", store=True, precompute=True, index=True
    )

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.review_id._check_is_draft()
        return parts

    def write(self, vals):
        if not vals.keys() <= set(self._progressing):
            self.review_id._check_is_draft()
        moved = vals.get("review_id")
        if moved and any(one.review_id.id != moved for one in self):
            raise UserError(self.env._("Add it to the other review instead."))
        return super().write(vals)

    def unlink(self):
        self.review_id._check_is_draft()
        return super().unlink()
