from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalFloat


class KpiPostImplementationReview(models.Model):
    """What stakeholders say, asked for by links."""

    _inherit = "kpi.post.implementation.review"

    feedback_ids = fields.One2many(
        "kpi.review.feedback", "review_id", "Stakeholder Feedback", readonly=True
    )
    link_ids = fields.One2many("kpi.review.feedback.link", "review_id", readonly=True)
    feedback_count = fields.Integer(
        "Answers", compute="_compute_feedback_count", exportable=False
    )
    feedback_rating = OptionalFloat(
        "Average Rating",
        compute="_compute_feedback_count",
        exportable=False,
        digits=(3, 1),
        aggregator=None,
    )

    @api.depends("feedback_ids.rating")
    def _compute_feedback_count(self):
        for review in self:
            ratings = review.feedback_ids.mapped("rating")
            review.feedback_count = len(ratings)
            review.feedback_rating = (
                round(sum(ratings) / len(ratings), 1) if ratings else False
            )
