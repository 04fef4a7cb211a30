from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import moment_text_sql
from odoo.addons.kpi_base.fields import OptionalFloat

from .kpi_deal import DEAL_STATUSES
from .kpi_deal_stage_event import FIXED


class KpiDealValueEvent(models.Model):
    """Value of a deal from a moment on, at the rate of that moment.

    Amounts in the company's currency are as they come out, not rounded: sums are
    rounded once. They are empty where the currency had no rate.
    """

    _name = "kpi.deal.value.event"
    _description = "Deal Value Change"
    _table = "agent_deal_value_events"
    _inherit = ["kpi.audited.event.mixin"]
    _audited_model, _audited_link = "kpi.deal", "deal_id"
    _audited_event = "deal_value_change"
    _rec_name = "status"
    _kpi_measurable = True

    deal_id = fields.Many2one("kpi.deal", **FIXED)
    cause = fields.Selection(
        [
            ("opened", "Opened"),
            ("changed", "Changed"),
            ("late_rate", "Late Exchange Rate"),
            ("corrected", "Closing Date Corrected"),
        ],
        required=True,
        readonly=True,
    )
    estimated_value_amount = fields.Monetary(
        "Estimated Value", currency_field="currency_id", readonly=True
    )
    currency_id = fields.Many2one("res.currency", **FIXED)
    confidence = fields.Float(digits=(4, 2), readonly=True)
    agent_id = fields.Many2one("res.users", **FIXED)
    asset_type = fields.Char(readonly=True)
    expected_close_date = fields.Date("Expected Close", readonly=True)
    status = fields.Selection(DEAL_STATUSES, required=True, readonly=True)
    rate = OptionalFloat(
        digits=(32, 15), readonly=True, help="Company currency per unit."
    )
    company_amount = OptionalFloat(digits=(32, 8), readonly=True)
    weighted_amount = OptionalFloat(digits=(32, 8), readonly=True)

    _deal_id_recorded_at_idx = models.Index("(deal_id, recorded_at)")

    @api.model
    def _get_audited_members(self):
        """Amounts as texts, as PostgreSQL writes them."""
        return {
            "agent_id": SQL("event.agent_id"),
            "asset_type": SQL("event.asset_type"),
            "cause": SQL("event.cause"),
            "company_amount": SQL("event.company_amount::text"),
            "confidence": SQL("event.confidence::text"),
            "currency_id": SQL("currency.name"),
            "effective_at": moment_text_sql(SQL("event.effective_at")),
            "estimated_value_amount": SQL("event.estimated_value_amount::text"),
            "expected_close_date": SQL("event.expected_close_date::text"),
            "rate": SQL("event.rate::text"),
            "status": SQL("event.status"),
            "weighted_amount": SQL("event.weighted_amount::text"),
        }

    @api.model
    def _audited_joins_sql(self):
        return SQL(
            "LEFT JOIN res_currency AS currency ON currency.id = event.currency_id"
        )

    @api.model
    def _canonical_members_sql(self, members):
        """Entries name the class of assets where the deal has one."""
        members_sql = super()._canonical_members_sql(members)
        return SQL("replace(%s, '\"asset_type\":null,', '')", members_sql)
