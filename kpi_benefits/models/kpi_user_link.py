from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, Connection, UserLink

from .review.kpi_review_feedback_link import OPEN


class KpiUserLink(models.AbstractModel):
    """Initiatives of somebody who leaves need another owner: benefits come later."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        is_open = ("status", "!=", "closed")
        ended = ("realized", "not_realized")
        is_expected = ("status", "not in", ended)
        is_needed = ("benefit_id.status", "not in", ended)
        is_draft = ("status", "=", "draft")
        assumption, review = "kpi.benefit.assumption", "kpi.post.implementation.review"
        return [
            *super()._get_links(),
            UserLink("kpi.initiative", "owner_id", HAND_OVER, (is_open,)),
            UserLink("kpi.initiative", "sponsor_id", HAND_OVER, (is_open,)),
            UserLink("kpi.initiative", "approved_by", STAY),
            UserLink("kpi.initiative", "former_owner_ids", STAY),
            UserLink("kpi.benefit.realization", "owner_id", HAND_OVER, (is_expected,)),
            UserLink(assumption, "owner_id", HAND_OVER, (is_needed,)),
            UserLink(assumption, "checked_by", STAY),
            UserLink("kpi.benefit.confidence", "user_id", STAY),
            UserLink(review, "reviewer_id", HAND_OVER, (is_draft,)),
            UserLink("kpi.review.recommendation", "responsible_id", STAY),
            UserLink("kpi.review.feedback", "user_id", STAY),
            UserLink(
                "kpi.review.feedback.link",
                "user_id",
                STAY,
                ending="action_revoke",
                connection=Connection(
                    self.env._("Feedback Link"),
                    shown_as="review_id.display_name",
                    last_used="last_used_at",
                    domain=(
                        ("revoked_at", "=", False),
                        ("expires_on", ">=", "today"),
                        ("review_id.status", "in", OPEN),
                    ),
                ),
            ),
        ]
