from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat

from ... import roles

EARNINGS = roles.AGENT


class KpiAgentPerformance(models.Model):
    """Performance of an agent at the end of a day of the company, made from the events.

    What is counted took effect before ``day_end_at`` and was known before ``known_at``:
    from those two any row can be made again at any time, whatever came later.

    Amounts are in the company's currency at the rates of the events, rounded once.
    """

    _name = "kpi.agent.performance"
    _description = "Agent Performance"
    _table = "agent_performance_snapshots"
    _inherit = ["kpi.readonly.mixin"]
    _order = "as_of_date desc, agent_id"
    _rec_name = "agent_id"

    agent_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    as_of_date = fields.Date("Day", required=True, readonly=True)
    day_end_at = fields.Datetime(
        "End of Day",
        required=True,
        readonly=True,
        help="End of the day in the company's time zone.",
    )
    known_at = fields.Datetime(
        "Recorded Until",
        required=True,
        readonly=True,
        help="Anything recorded later is not included.",
    )
    is_final = fields.Boolean(
        "Final",
        compute="_compute_is_final",
        search="_search_is_final",
        help="Covers the full day, as known when it ended.",
    )
    deals_open = fields.Integer("Open Deals", readonly=True)
    deals_closed_won = fields.Integer(
        "Won Deals",
        readonly=True,
        help="All deals won so far, without reopened ones.",
    )
    gross_pipeline_value = fields.Monetary(
        "Pipeline", readonly=True, help="Value of the open deals."
    )
    weighted_pipeline_value = fields.Monetary(
        "Weighted Pipeline",
        readonly=True,
        help="Value × confidence of the open deals.",
    )
    avg_cycle_days = OptionalFloat(
        "Sales Cycle (Days)",
        digits=(16, 2),
        readonly=True,
        aggregator=None,
        help="Average days from opening to winning a deal.",
    )
    conversion_rate = OptionalFloat(
        "Win Rate",
        digits=(5, 4),
        readonly=True,
        aggregator=None,
        help="Won deals ÷ won and lost deals, by closing date.",
    )
    roi_metrics = fields.Json("Returns", readonly=True, groups=EARNINGS)
    confirmed_commission_amount = fields.Monetary(
        "Confirmed Commissions",
        readonly=True,
        groups=EARNINGS,
        help="Confirmed, invoiced or paid, after adjustments.",
    )
    disputed_commission_amount = fields.Monetary(
        "Disputed Commissions", readonly=True, groups=EARNINGS
    )
    snapshot_context = fields.Json("Context", readonly=True, groups=EARNINGS)

    # The agent first: asked for are the days of one agent, or the latest of each.
    _agent_id_as_of_date_company_id_uniq = models.UniqueIndex(
        "(agent_id, as_of_date DESC, company_id)",
        "This agent already has a row for this day.",
    )
    _company_id_as_of_date_idx = models.Index("(company_id, as_of_date DESC)")

    @api.depends("known_at", "day_end_at")
    def _compute_is_final(self):
        for row in self:
            row.is_final = row.known_at == row.day_end_at

    def _search_is_final(self, operator, value):
        if operator != "in":
            return NotImplemented
        comparison = SQL("=") if True in value else SQL("<>")
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s %s %s",
                model._field_to_sql(alias, "known_at", query),
                comparison,
                model._field_to_sql(alias, "day_end_at", query),
            )
        )

    @api.depends("agent_id", "as_of_date")
    def _compute_display_name(self):
        for row in self:
            # Whose performance it is, is known to who sees the row.
            row.display_name = f"{row.sudo().agent_id.name}, {row.as_of_date}"
