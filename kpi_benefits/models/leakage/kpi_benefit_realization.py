from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.realisation import DIGITS
from ...engine.shortfall import explain_shortfall

WATCHED = (
    "period_ids.planned",
    "period_ids.realized",
    "period_ids.period_start",
    "leakage_ids.lost_value",
    "leakage_ids.active",
    "leakage_ids.kind",
)


class KpiBenefitRealization(models.Model):
    """What is missing of a benefit to date, and which leakages explain it."""

    _inherit = "kpi.benefit.realization"

    leakage_ids = fields.One2many("kpi.value.leakage", "benefit_id", "Leakages")
    shortfall = fields.Monetary(
        compute="_compute_shortfall",
        exportable=False,
        help="Planned less realized, of the months that are over.",
    )
    explained_shortfall = fields.Monetary(
        "Explained by Leakages", compute="_compute_shortfall", exportable=False
    )
    unexplained_shortfall = fields.Monetary(
        "Not Explained", compute="_compute_shortfall", exportable=False
    )

    @api.depends(*WATCHED)
    def _compute_shortfall(self):
        for benefit in self:
            found = explain_shortfall(
                {benefit.id: benefit._measure_gap()},
                {benefit.id: benefit.leakage_ids._add_up_losses()},
            )
            benefit.shortfall = found.gap
            benefit.explained_shortfall = found.explained
            benefit.unexplained_shortfall = found.unexplained

    def _measure_gap(self):
        """Planned less realised of the months that are over; below 0: ahead."""
        planned, realized = self.period_ids._add_up_to_date()
        return round(planned - realized, DIGITS)

    @api.ondelete(at_uninstall=False)
    def _unlink_leakages(self):
        """Delete its leakages: without it more people would read them.

        :raises UserError: some are evidence
        """
        # Whoever may delete the benefit deletes all that belongs to it.
        leakages = self.sudo().with_context(active_test=False).leakage_ids
        for benefit in leakages.filtered(lambda one: one._is_evidence()).benefit_id:
            raise UserError(
                self.env._(
                    "%s has leakages that were detected or looked at. Archive it "
                    "instead.",
                    benefit.with_env(self.env).display_name,
                )
            )
        leakages.unlink()
