from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.audit import AuditEvent


class KpiCommissionAccrual(models.Model):
    """An instalment of a commission: what of it has fallen due."""

    _name = "kpi.commission.accrual"
    _inherit = ["kpi.append.only.mixin", "kpi.audited.row.mixin"]
    _description = "Commission Instalment"
    _order = "accrued_on desc, id desc"
    _rec_name = "accrued_on"
    _log_access = False
    _audited_model = "kpi.deal"
    _audited_event = "deal_instalment_booked"
    _audited_about = "kpi.commission"
    _statement_field = "accrual_id"  # of the line that states one
    _day_field = "accrued_on"

    commission_id = fields.Many2one(
        "kpi.commission", required=True, readonly=True, ondelete="restrict", index=True
    )
    billing_id = fields.Many2one(
        "kpi.deal.billing",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Empty: due with the deal itself.",
    )
    accrued_on = fields.Date("Due On", required=True, readonly=True)
    amount = fields.Float(
        digits=(16, 2),
        required=True,
        readonly=True,
        help="Negative if taken back because the billing was cancelled.",
    )
    repetition = fields.Integer(
        readonly=True,
        help="How many times this billing was booked before.",
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
        "This instalment is booked already.",
    )
    _whole_uniq = models.UniqueIndex(
        "(commission_id) WHERE billing_id IS NULL",
        "This commission is already due.",
    )

    @api.model
    def _book(self, rows):
        """Append instalments and log each, whatever their number in two statements.

        :param rows: list of (commission, billing or an empty one, day, Decimal)
        """
        if not rows:
            return
        entries = self._log_instalments(rows)
        self.env.execute_query(
            SQL(
                """
                INSERT INTO kpi_commission_accrual
                       (commission_id, billing_id, accrued_on, amount, audit_log_id,
                        recorded_at, repetition)
                SELECT given.*, log.recorded_at,
                       (SELECT count(*)
                          FROM kpi_commission_accrual AS earlier
                         WHERE earlier.commission_id = given.commission_id
                           AND earlier.billing_id = given.billing_id)
                  FROM unnest(%(commissions)s::int[], %(billings)s::int[],
                              %(days)s::date[], %(amounts)s::numeric[],
                              %(entries)s::int[])
                       AS given (commission_id, billing_id, accrued_on, amount,
                                 entry_id)
                  JOIN audit_logs AS log ON log.id = entry_id
             RETURNING id
                """,
                commissions=[row[0].id for row in rows],
                billings=[row[1].id or None for row in rows],
                days=[row[2] for row in rows],
                amounts=[row[3] for row in rows],
                entries=entries.ids,
            )
        )
        commissions = self.env["kpi.commission"].union(*(row[0] for row in rows))
        commissions.invalidate_recordset(["accrual_ids", "due_amount", "unpaid_amount"])

    @api.model
    def _log_instalments(self, rows):
        return self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    commission.deal_id,
                    self._audited_event,
                    {
                        "amount": f"{amount:.2f}",
                        "billing": billing.id or None,
                        "commission": commission.id,
                        "day": fields.Date.to_string(day),
                    },
                )
                for commission, billing, day, amount in rows
            ]
        )

    @api.model
    def _audited_rows_sql(self, only):
        members = {
            "amount": SQL("accrual.amount::numeric(16, 2)::text"),
            "billing": SQL("accrual.billing_id"),
            "commission": SQL("accrual.commission_id"),
            "day": SQL("accrual.accrued_on::text"),
        }
        return SQL(
            """
            SELECT accrual.*, accrual.audit_log_id AS log_id,
                   commission.deal_id AS res_id, %(stated)s AS stated
              FROM kpi_commission_accrual AS accrual
              JOIN agent_commission_records AS commission
                ON commission.id = accrual.commission_id
             WHERE %(only)s
            """,
            stated=self._canonical_array_sql(members),
            only=only(SQL("commission.deal_id")),
        )

    @api.model
    def _audited_match_sql(self):
        return SQL(
            "log.recorded_at = stated.recorded_at AND %s", self._audited_contains_sql()
        )

    @api.model
    def _audited_about_id_sql(self):
        return SQL(
            """
            coalesce(stated.commission_id, substring(
                log.text FROM '"commission":([0-9]{1,9})')::integer)
            """
        )
