from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.actions import CLOSE, show_notification

from ..models.review.kpi_review_feedback_link import read_addresses

USUAL_DAYS = 30
MOST_ADDRESSES = 100


class KpiReviewFeedbackWizard(models.TransientModel):
    """Ask stakeholders for feedback: by mail, or by a link to copy."""

    _name = "kpi.review.feedback.wizard"
    _description = "Ask for Feedback"

    review_id = fields.Many2one(
        "kpi.post.implementation.review", required=True, readonly=True
    )
    addresses = fields.Text(
        "Recipients",
    )
    expires_on = fields.Date(
        "Valid Until",
        required=True,
        default=lambda self: fields.Date.add(
            fields.Date.context_today(self), days=USUAL_DAYS
        ),
    )
    link_ids = fields.Many2many(
        "kpi.review.feedback.link", string="Links", compute="_compute_link_ids"
    )

    @api.depends("review_id")
    def _compute_link_ids(self):
        for wizard in self:
            wizard.link_ids = self.env["kpi.review.feedback.link"].search(
                [("review_id", "=", wizard.review_id.id)]
            )

    def action_mail_links(self):
        """Send each address a link of its own."""
        self.ensure_one()
        addresses, wrong = read_addresses(self.addresses)
        if wrong:
            raise ValidationError(
                self.env._("“%s” is not an email address.", wrong[0][:100])
            )
        if not addresses:
            raise ValidationError(self.env._("Enter at least one address."))
        if len(addresses) > MOST_ADDRESSES:
            raise ValidationError(
                self.env._("Enter at most %s addresses.", MOST_ADDRESSES)
            )
        links = self.env["kpi.review.feedback.link"]
        made = links._generate(
            self.review_id, expires_on=self.expires_on, names=addresses
        )
        made._mail()
        text = self.env._("Emails queued: %s", len(made))
        return show_notification(text, next=CLOSE)

    def action_make_link(self):
        """Make a link for several people, and show it."""
        self.ensure_one()
        made = self.env["kpi.review.feedback.link"]._generate(
            self.review_id, expires_on=self.expires_on
        )
        return made.action_show()
