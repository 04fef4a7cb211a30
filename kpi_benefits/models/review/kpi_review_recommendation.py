from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...fields import Colleague


class KpiReviewRowMixin(models.AbstractModel):
    """Row of a review, of its company."""

    _name = "kpi.review.row.mixin"
    _description = "Review Row"

    review_id = fields.Many2one(
        "kpi.post.implementation.review",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="review_id.company_id", store=True, precompute=True, index=True
    )


class KpiReviewPartMixin(models.AbstractModel):
    """Row of a review, changed with its texts: as long as it is a draft."""

    _name = "kpi.review.part.mixin"
    _description = "Review Part"
    _inherit = ["kpi.review.row.mixin", "kpi.input.mixin", "kpi.readonly.mixin"]

    # fields that go on changing: nobody approves them
    _progressing: tuple[str, ...] = ()

    review_id = fields.Many2one(readonly=False)

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts.review_id._check_status("draft")
        return parts

    def write(self, vals):
        if not vals.keys() <= set(self._progressing):
            self.review_id._check_status("draft")
        moved = vals.get("review_id")
        if moved and any(one.review_id.id != moved for one in self):
            raise UserError(
                self.env._("This entry cannot be moved. Add it to the other review.")
            )
        return super().write(vals)

    def unlink(self):
        self.review_id._check_status("draft")
        return super().unlink()


class KpiReviewRecommendation(models.Model):
    """What a review recommends; it may become an action about a KPI."""

    _name = "kpi.review.recommendation"
    _description = "Recommendation"
    _inherit = ["kpi.review.part.mixin"]
    _order = "review_id, sequence, id"
    _rec_name = "review_id"
    _progressing = ("action_id", "report_id")

    sequence = fields.Integer(default=10)
    description = fields.Text("Recommendation", required=True)
    responsible_id = Colleague(index="btree_not_null")
    due_date = fields.Date()
    report_id = fields.Many2one(
        "kpi.report",
        "KPI",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="KPI for the action.",
    )
    action_id = fields.Many2one(
        "kpi.action.item",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )

    @api.depends("review_id.display_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Name the review; what it recommends is for whoever opens it."""
        for one in self:
            review = one.review_id.display_name
            one.display_name = review and self.env._("Recommendation of %s", review)

    @api.constrains("description")
    def _check_description(self):
        if not all(one.description.strip() for one in self):
            raise ValidationError(self.env._("Enter the recommendation."))

    def action_create_action(self):
        """Make this an action about its KPI."""
        self.ensure_one()
        self.check_access("write")
        if self.review_id.status == "in_review":
            self.review_id._check_status("draft")
        if self.action_id:
            raise UserError(self.env._("An action already exists."))
        if not self.report_id:
            raise UserError(self.env._("Choose the KPI of the action."))
        made = self.env["kpi.action.item"].create(
            {
                "description": self.description,
                "report_id": self.report_id.id,
                "due_date": self.due_date,
                "assigned_to": (self.responsible_id or self.env.user).id,
            }
        )
        # Which action came of it nobody types; the right to write was checked above.
        self.sudo().action_id = made
        return {**made.get_formview_action(), "context": {}}
