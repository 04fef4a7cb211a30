from odoo import api, fields, models
from odoo.tools import SQL

from ..deal.kpi_deal_stage_event import FIXED


class KpiCommissionAccrual(models.Model):
    """An instalment of a commission: what of it has fallen due."""

    _name = "kpi.commission.accrual"
    _inherit = ["kpi.append.only.mixin", "kpi.commission.entry.mixin"]
    _description = "Commission Installment"
    _order = "accrued_on desc, id desc"
    _rec_name = "accrued_on"
    _log_access = False
    _audited_event = "deal_instalment_booked"
    _statement_field = "accrual_id"  # of the line that states one
    _day_field = "accrued_on"

    commission_id = fields.Many2one("kpi.commission", **FIXED, index=True)
    billing_id = fields.Many2one(
        "kpi.deal.billing",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Blank if the installment is due with the deal.",
    )
    accrued_on = fields.Date("Due On", required=True, readonly=True)
    amount = fields.Float(
        digits=(16, 2),
        required=True,
        readonly=True,
        help="Negative if the billing was canceled.",
    )
    repetition = fields.Integer(
        readonly=True,
        help="Number of earlier bookings of this billing.",
        exportable=False,
    )
    currency_id = fields.Many2one(related="commission_id.currency_id")
    statement_line_ids = fields.One2many(
        "kpi.commission.statement.line", "accrual_id", "On Statement"
    )
    recorded_at = fields.Datetime(required=True, readonly=True)
    audit_log_id = fields.Many2one(
        "kpi.audit.log",
        "Audit Entry",
        readonly=True,
        ondelete="restrict",
        groups="base.group_system",
        exportable=False,
    )

    _billing_uniq = models.UniqueIndex(
        "(commission_id, billing_id, coalesce(repetition, 0))"
        " WHERE billing_id IS NOT NULL",
        "This installment is already booked.",
    )
    _whole_uniq = models.UniqueIndex(
        "(commission_id) WHERE billing_id IS NULL", "This commission is already due."
    )

    @api.model
    def _book(self, rows):
        """Append and log (commission, billing or none, day, Decimal) each."""
        instalments = [
            {
                "commission_id": commission.id,
                "billing_id": billing.id or None,
                "accrued_on": day,
                "amount": amount,
                "repetition": sum(
                    bool(billing) and each.billing_id == billing
                    for each in commission.accrual_ids
                ),
            }
            for commission, billing, day, amount in rows
        ]
        self._append_logged(instalments)

    @api.model
    def _get_audited_members(self):
        return {
            "amount": SQL("held.amount::numeric(16, 2)::text"),
            "billing": SQL("held.billing_id"),
            "commission": SQL("held.commission_id"),
            "day": SQL("held.accrued_on::text"),
        }
