from odoo import api, fields, models
from odoo.exceptions import UserError


class KpiInitiative(models.Model):
    """Reviews of an initiative."""

    _inherit = "kpi.initiative"

    review_ids = fields.One2many("kpi.post.implementation.review", "initiative_id")
    review_count = fields.Integer(
        "Reviews", compute="_compute_review_count", exportable=False
    )

    has_published_review = fields.Boolean(
        compute="_compute_has_published_review", exportable=False
    )

    @api.depends("review_ids")
    def _compute_review_count(self):
        counts = dict(
            self.env["kpi.post.implementation.review"]._read_group(
                [("initiative_id", "in", self.ids)], ["initiative_id"], ["__count"]
            )
        )
        for initiative in self:
            initiative.review_count = counts.get(initiative._origin, 0)

    @api.depends("review_ids.status")
    def _compute_has_published_review(self):
        reviews = self.env["kpi.post.implementation.review"].search(
            [("initiative_id", "in", self.ids), ("status", "=", "published")]
        )
        reviewed = reviews.initiative_id
        for initiative in self:
            initiative.has_published_review = initiative._origin in reviewed

    def unlink(self):
        """Delete drafts of reviews as well, with their messages."""
        # Before the refusals, which name what they refuse to delete.
        self.check_access("unlink")
        everything = self.with_context(active_test=False).search(
            [("id", "child_of", self.ids)]
        )
        (self | everything)._unlink_except_reviewed()
        (self | everything).review_ids.unlink()
        return super().unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_reviewed(self):
        # That there is a review stops everybody, whoever may see it.
        reviews = self.sudo().review_ids.filtered("approval_round")
        for initiative in reviews.initiative_id:
            raise UserError(
                self.env._(
                    "%s has a review that was submitted. Archive it instead.",
                    initiative.with_env(self.env).display_name,
                )
            )
        # As above: of a programme that it is part of.
        figures = self.env["kpi.review.figure"].sudo()
        found = figures.search([("initiative_ids", "in", self.ids)])
        for initiative in found.initiative_ids & self:
            raise UserError(
                self.env._(
                    "%s is part of a review. Archive it instead.",
                    initiative.with_env(self.env).display_name,
                )
            )

    def action_open_reviews(self):
        """Show the reviews of this initiative."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_benefits.kpi_post_implementation_review_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": [("initiative_id", "=", self.id)],
            "context": {"default_initiative_id": self.id},
        }

    def action_write_review(self):
        """Open the review that is being written, else a new one."""
        self.ensure_one()
        reviews = self.env["kpi.post.implementation.review"]
        begun = reviews.search(
            [("initiative_id", "=", self.id), ("status", "!=", "published")], limit=1
        )
        return {
            **begun._open_form(),
            "context": {"default_initiative_id": self.id},
        }
