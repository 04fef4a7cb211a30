from odoo import models
from odoo.exceptions import UserError


class KpiPostImplementationReview(models.Model):
    """What a published review says of its initiative: that it was reviewed."""

    _inherit = "kpi.post.implementation.review"

    def action_review_initiative(self):
        """Mark the initiatives of these published reviews as reviewed."""
        self.check_access("write")
        for review in self:
            if review.status != "published":
                raise UserError(review._say_status())
        return self.initiative_id.action_review()
