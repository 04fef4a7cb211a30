from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.kpi_tracking.models.audit.kpi_audit_log import _moment

from .kpi_deal import DEAL_STATUSES


class KpiDealValueEvent(models.Model):
    """What a deal was worth from a moment on, at the rate of that moment.

    Amounts in the company's currency are as they come out, not rounded: sums are
    rounded once. They are empty where the currency had no rate.
    """

    _name = "kpi.deal.value.event"
    _description = "Value of a Deal"
    _table = "agent_deal_value_events"
    _inherit = ["kpi.deal.event.mixin"]
    _rec_name = "status"

    cause = fields.Selection(
        [("opened", "Opened"), ("changed", "Changed"), ("late_rate", "Late rate")],
        required=True,
        readonly=True,
    )
    estimated_value_amount = fields.Monetary(
        "Estimated Value", currency_field="currency_id", readonly=True
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="restrict"
    )
    confidence = fields.Float(digits=(4, 2), readonly=True)
    agent_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    expected_close_date = fields.Date("Expected Close", readonly=True)
    status = fields.Selection(DEAL_STATUSES, required=True, readonly=True)
    rate = fields.Float(
        digits=(32, 15), readonly=True, help="The company's currency for one unit."
    )
    company_amount = fields.Float(digits=(32, 8), readonly=True)
    weighted_amount = fields.Float(digits=(32, 8), readonly=True)

    _deal_id_recorded_at_idx = models.Index("(deal_id, recorded_at)")

    def _told(self):
        """Id of the audit entry → whose change, and the values that the entry has.

        Read as texts: Odoo's floats would not be what was written.
        """
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT event.audit_log_id, event.changed_by, event.cause,
                       event.effective_at, event.estimated_value_amount::text,
                       currency.name AS currency_id, event.confidence::text,
                       event.agent_id, event.expected_close_date::text, event.status,
                       event.rate::text, event.company_amount::text,
                       event.weighted_amount::text
                  FROM agent_deal_value_events AS event
                  JOIN res_currency AS currency ON currency.id = event.currency_id
                 WHERE event.id = ANY(%s)
                """,
                self.ids,
            )
        )
        return {
            row.pop("audit_log_id"): (
                row.pop("changed_by"),
                {**row, "effective_at": _moment(row["effective_at"])},
            )
            for row in rows
        }
