from odoo import api, fields, models
from odoo.tools import SQL


class KpiCommissionAccrual(models.Model):
    """An instalment of a commission: what of it has fallen due."""

    _name = "kpi.commission.accrual"
    _inherit = ["kpi.append.only.mixin"]
    _description = "Instalment of a Commission"
    _order = "accrued_on desc, id desc"
    _rec_name = "accrued_on"
    _log_access = False
    _statement_field = "accrual_id"  # of the line that states one

    commission_id = fields.Many2one(
        "kpi.commission", required=True, readonly=True, ondelete="restrict", index=True
    )
    billing_id = fields.Many2one(
        "kpi.deal.billing",
        "With",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: with the deal itself, or the rest of it.",
    )
    accrued_on = fields.Date("Due on", required=True, readonly=True)
    amount = fields.Float(
        digits=(16, 2),
        required=True,
        readonly=True,
        help="Below 0: taken back, as what was billed is withdrawn.",
    )
    repetition = fields.Integer(
        readonly=True, help="How often something was booked with this billing before."
    )
    currency_id = fields.Many2one(related="commission_id.currency_id")
    statement_line_ids = fields.One2many(
        "kpi.commission.statement.line", "accrual_id", "On Statement"
    )
    recorded_at = fields.Datetime(required=True, readonly=True)

    _billing_uniq = models.UniqueIndex(
        "(commission_id, billing_id, coalesce(repetition, 0))"
        " WHERE billing_id IS NOT NULL",
        "This instalment is booked already.",
    )
    _whole_uniq = models.UniqueIndex(
        "(commission_id) WHERE billing_id IS NULL",
        "This commission has fallen due already.",
    )

    @api.model
    def _book(self, rows):
        """Append instalments in one statement.

        :param rows: list of (commission, billing or an empty one, day, Decimal)
        """
        if not rows:
            return
        self.env.execute_query(
            SQL(
                """
                INSERT INTO kpi_commission_accrual
                       (commission_id, billing_id, accrued_on, amount, recorded_at,
                        repetition)
                SELECT given.*, %(now)s,
                       (SELECT count(*)
                          FROM kpi_commission_accrual AS earlier
                         WHERE earlier.commission_id = given.commission_id
                           AND earlier.billing_id = given.billing_id)
                  FROM unnest(%(commissions)s::int[], %(billings)s::int[],
                              %(days)s::date[], %(amounts)s::numeric[])
                       AS given (commission_id, billing_id, accrued_on, amount)
             RETURNING id
                """,
                commissions=[row[0].id for row in rows],
                billings=[row[1].id or None for row in rows],
                days=[row[2] for row in rows],
                amounts=[row[3] for row in rows],
                now=fields.Datetime.now(),
            )
        )
        commissions = self.env["kpi.commission"].union(*(row[0] for row in rows))
        commissions.invalidate_recordset(["accrual_ids", "due_amount"])
