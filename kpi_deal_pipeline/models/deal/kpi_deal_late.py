from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class KpiDeal(models.Model):
    """Open deals past their expected close, or too long in their stage."""

    _inherit = "kpi.deal"

    is_late = fields.Boolean(
        "Late",
        compute="_compute_late",
        search="_search_is_late",
        help="Open, and past the expected close or longer in the stage than usual.",
    )
    late_count = fields.Integer(
        "Late Deals", compute="_compute_late", aggregator="sum", exportable=False
    )

    @api.depends("expected_close_date", "is_rotting", "status")
    def _compute_late(self):
        today = fields.Date.context_today(self)
        for deal in self:
            is_overdue = deal.expected_close_date and deal.expected_close_date < today
            is_late = deal.status == "open" and bool(is_overdue or deal.is_rotting)
            deal.is_late = is_late
            deal.late_count = int(is_late)

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("status", "=", "open") & Domain(
            "expected_close_date", "<", fields.Date.context_today(self)
        )
        domain = overdue | Domain("is_rotting", "=", True)
        return domain if True in value else ~domain

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Count late deals in the statement that sums up the columns of the board."""
        if aggregate_spec != "late_count:sum":
            return super()._read_group_select(aggregate_spec, query)
        late = Domain("is_late", "=", True).optimize_full(self)
        return SQL("COUNT(*) FILTER (WHERE %s)", late._to_sql(self, self._table, query))
