from odoo import fields, models

from odoo.addons.kpi_base.actions import CLOSE


class KpiReviewPublication(models.TransientModel):
    """What is still empty in a review, before it is published for good."""

    _name = "kpi.review.publication"
    _description = "Publish Review"

    review_id = fields.Many2one(
        "kpi.post.implementation.review", required=True, ondelete="cascade"
    )
    empty_parts = fields.Char(related="review_id.empty_parts")

    def action_publish(self):
        """Publish it; the review asks for the right."""
        self.ensure_one()
        self.review_id.action_publish()
        return CLOSE
