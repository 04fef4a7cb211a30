from odoo import api, fields, models

from odoo.addons.kpi_base.repeat import repeat_late

REVIEW = "kpi_tracking.mail_activity_type_review"


class KpiDefinition(models.Model):
    """Badges are looked at every night: what SQL changed, and what is due."""

    _inherit = "kpi.definition"

    @api.model
    def _cron_check_certified(self):
        repeat_late(self.env, self._check_certified)
        repeat_late(self.env, self._forget_mended)

    @api.model
    def _check_certified(self):
        """Take away badges that do not fit, and ask for the reviews that are due."""
        certified = self.with_context(active_test=False).search(
            [("verified_hash", "!=", False)]
        )
        nobody = self.env["res.users"]
        parts = certified.browse()
        for definition in certified:
            parts |= definition._find_meaning()[0]
        parts._note_meaning(nobody)
        certified._drop_unfit()  # by rules of targets alone
        certified.filtered(lambda kpi: kpi.certification == "review")._ask_review()

    def _ask_review(self):
        """An activity for who is responsible, once."""
        for definition in self:
            person = definition.owner_id or definition.verified_by_id
            if not definition._find_reviews() and person.active:
                definition.activity_schedule(
                    REVIEW,
                    date_deadline=definition.review_by or fields.Date.today(),
                    user_id=person.id,
                )

    def _find_reviews(self):
        return self.activity_search([REVIEW])

    def _close_reviews(self):
        # They are of whoever is responsible, not of who certifies.
        self.sudo().activity_unlink([REVIEW])
