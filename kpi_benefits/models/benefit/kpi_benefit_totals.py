from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalFloat


class KpiBenefitRealization(models.Model):
    """Planned and realised value of a benefit, to date and of its life."""

    _inherit = "kpi.benefit.realization"

    expected_value = fields.Monetary(
        compute="_compute_expected_value", store=True, help="Planned, of the full life."
    )
    realized_value = fields.Monetary(compute="_compute_expected_value", store=True)
    has_value = fields.Boolean(
        "Has Realized Values", compute="_compute_expected_value", store=True
    )
    planned_to_date = fields.Monetary(
        "Planned to Date",
        compute="_compute_planned_to_date",
        exportable=False,
        help="Of the months that are over.",
    )
    realization_rate = OptionalFloat(
        compute="_compute_planned_to_date",
        exportable=False,
        aggregator=False,
        help="Realised as a share of what was planned for the months that are over.",
    )

    @api.depends("period_ids.planned", "period_ids.realized")
    def _compute_expected_value(self):
        for benefit in self:
            periods = benefit.period_ids
            benefit.expected_value = sum(periods.mapped("planned"))
            benefit.realized_value = sum(one.realized or 0.0 for one in periods)
            benefit.has_value = any(one.realized is not False for one in periods)

    @api.depends("period_ids.planned", "period_ids.realized", "period_ids.period_start")
    def _compute_planned_to_date(self):
        for benefit in self:
            planned, rate = benefit.period_ids._measure_to_date()
            benefit.planned_to_date = planned
            benefit.realization_rate = rate
