from odoo import api, fields, models
from odoo.exceptions import UserError


class KpiInitiative(models.Model):
    """Reviews of an initiative."""

    _inherit = "kpi.initiative"

    review_ids = fields.One2many("kpi.post.implementation.review", "initiative_id")
    review_count = fields.Integer(
        "Reviews", compute="_compute_review_count", exportable=False
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

    def unlink(self):
        """Delete drafts of reviews as well, with their messages."""
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
