from odoo import api, fields, models
from odoo.tools import date_utils

from ...engine.shortfall import DIGITS, explain_shortfall

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
        this_month = date_utils.start_of(fields.Date.context_today(self), "month")
        return round(
            sum(
                one.planned - (one.realized or 0.0)
                for one in self.period_ids
                if one.period_start < this_month
            ),
            DIGITS,
        )
