from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """Reviews that are not approved yet need another reviewer."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        review = "kpi.post.implementation.review"
        advice = "kpi.review.recommendation"
        is_draft = ("status", "=", "draft")
        return [
            *super()._get_links(),
            UserLink(review, "reviewer_id", HAND_OVER, (is_draft,)),
            UserLink(advice, "responsible_id", STAY),
            UserLink("kpi.review.feedback.link", "user_id", STAY),
        ]
