from odoo import fields, models, tools

from ...analytics.win_probability import PRIOR_DEALS


class KpiDealStage(models.Model):
    """Usual win rate of deals of a stage."""

    _inherit = "kpi.deal.stage"

    win_rate = fields.Float(
        "Usual Win Rate",
        digits=(4, 3),
        default=0.5,
        help="Expected share of the deals in this stage that are won. It counts as much"
        f" as {PRIOR_DEALS} deals of your own history.",
    )

    _win_rate_check = models.Constraint(
        "CHECK (win_rate >= 0 AND win_rate <= 1)",
        "The usual win rate must be between 0 % and 100 %.",
    )

    @tools.ormcache()
    def _win_rates(self):
        """Stage → usual win rate."""
        # Whoever sees a deal sees how likely it is won, whatever else they may read.
        return {each.stage: each.win_rate for each in self.sudo().search([])}
