from odoo import fields, models


class KpiReviewFeedback(models.Model):
    """What a stakeholder says of an initiative, sent from the page of a link."""

    _name = "kpi.review.feedback"
    _description = "Stakeholder Feedback"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id desc"

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
    link_id = fields.Many2one(
        "kpi.review.feedback.link",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        groups=fields.NO_ACCESS,  # it names the address that it was mailed to
    )
    key = fields.Char(required=True, readonly=True, copy=False, groups=fields.NO_ACCESS)
    name = fields.Char(required=True, readonly=True)
    role = fields.Char(readonly=True)
    rating = fields.Integer(required=True, readonly=True, aggregator="avg")
    comment = fields.Text(readonly=True)
    submitted_at = fields.Datetime(required=True, readonly=True)

    _link_key_uniq = models.UniqueIndex("(link_id, key)")
    _rating_in_range = models.Constraint(
        "CHECK (rating BETWEEN 1 AND 5)", "A rating is a number from 1 to 5."
    )
