from odoo import api, fields, models
from odoo.tools import SQL

ADJUSTMENT_TYPES = [
    ("clawback", "Clawback"),
    ("bonus", "Bonus"),
    ("correction", "Correction"),
]
ORIGINS = [
    ("plan", "Computed by the plan"),
    ("hand", "Entered manually"),
    ("dispute", "Decided in a dispute"),
]


class KpiCommissionAdjustment(models.Model):
    """Amount added to a commission, or taken back, after it was settled."""

    _name = "kpi.commission.adjustment"
    _inherit = ["kpi.append.only.mixin", "kpi.audited.row.mixin"]
    _description = "Commission Adjustment"
    _table = "agent_commission_adjustments"
    _order = "recorded_at desc, id desc"
    _rec_name = "adjustment_type"
    _log_access = False
    _audited_model = "kpi.deal"
    _audited_event = "deal_commission_adjusted"
    _statement_field = "adjustment_id"  # of the line that states one
    _day_field = "recorded_at"

    commission_id = fields.Many2one(
        "kpi.commission", required=True, readonly=True, ondelete="restrict", index=True
    )
    adjustment_type = fields.Selection(
        ADJUSTMENT_TYPES, "Type", required=True, readonly=True
    )
    origin = fields.Selection(ORIGINS, required=True, readonly=True)
    amount = fields.Float(digits=(16, 2), required=True, readonly=True)
    currency_id = fields.Many2one(related="commission_id.currency_id")
    statement_line_ids = fields.One2many(
        "kpi.commission.statement.line", "adjustment_id", "On Statement"
    )
    currency = fields.Char("Currency Code", size=3, required=True, readonly=True)
    billing_id = fields.Many2one(
        "kpi.deal.billing", readonly=True, ondelete="restrict", index=True
    )
    note = fields.Text(compute="_compute_note", compute_sudo=True)
    recorded_by = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )
    recorded_at = fields.Datetime(required=True, readonly=True)
    audit_log_id = fields.Many2one(
        "kpi.audit.log",
        "Audit Entry",
        required=True,
        readonly=True,
        ondelete="restrict",
    )

    def _compute_note(self):
        """Notes are personal: stored where they can be erased."""
        texts = dict(
            self.env["kpi.audit.personal"]._read_group(
                [("log_id", "in", self.audit_log_id.ids), ("name", "=", "note")],
                ["log_id"],
                ["text:max"],
            )
        )
        for adjustment in self:
            adjustment.note = texts.get(adjustment.audit_log_id)

    @api.model
    def _book(self, rows, **logged):
        """Append adjustments and log each, whatever their number in two statements.

        :param rows: list of (commission, adjustment type, amount as Decimal, origin,
            billing or an empty one, note)
        :param logged: what else is logged of each
        """
        if not rows:
            return self.browse()
        entries = self.env["kpi.commission"]._log_adjustments(rows, **logged)
        found = self.env.execute_query(
            SQL(
                """
                INSERT INTO agent_commission_adjustments
                       (commission_id, adjustment_type, amount, origin, billing_id,
                        currency, audit_log_id, recorded_by, recorded_at)
                SELECT commission_id, adjustment_type, amount, origin, billing_id,
                       currency, entry_id, log.user_id, log.recorded_at
                  FROM unnest(%(commissions)s::int[], %(types)s::varchar[],
                              %(amounts)s::numeric[], %(origins)s::varchar[],
                              %(billings)s::int[], %(currencies)s::varchar[],
                              %(entries)s::int[])
                       WITH ORDINALITY
                       AS given (commission_id, adjustment_type, amount, origin,
                                 billing_id, currency, entry_id, place)
                  JOIN audit_logs AS log ON log.id = entry_id
              ORDER BY place
             RETURNING id
                """,
                commissions=[row[0].id for row in rows],
                types=[row[1] for row in rows],
                amounts=[row[2] for row in rows],
                origins=[row[3] for row in rows],
                billings=[row[4].id or None for row in rows],
                currencies=[row[0].currency_id.name for row in rows],
                entries=entries.ids,
            )
        )
        commissions = self.env["kpi.commission"].union(*(row[0] for row in rows))
        commissions.invalidate_recordset(
            ["adjustment_ids", "net_amount", "due_amount", "unpaid_amount"]
        )
        return self.browse(row_id for (row_id,) in found)

    @api.model
    def _audited_rows_sql(self, only):
        members = {
            "adjustment_type": SQL("adjustment.adjustment_type"),
            "amount": SQL("adjustment.amount::numeric(16, 2)::text"),
            "billing": SQL("adjustment.billing_id"),
            "commission": SQL("adjustment.commission_id"),
            "currency": SQL("adjustment.currency"),
            "origin": SQL("adjustment.origin"),
        }
        return SQL(
            """
            SELECT adjustment.id, adjustment.audit_log_id AS log_id,
                   commission.deal_id AS res_id, adjustment.recorded_by AS user_id,
                   adjustment.recorded_at,
                   %(stated)s AS stated
              FROM agent_commission_adjustments AS adjustment
              JOIN agent_commission_records AS commission
                ON commission.id = adjustment.commission_id
             WHERE %(only)s
            """,
            stated=self._canonical_array_sql(members),
            only=only(SQL("commission.deal_id")),
        )

    @api.model
    def _audited_match_sql(self):
        return SQL(
            """
            log.user_id = stated.user_id AND log.recorded_at = stated.recorded_at
            AND %s
            """,
            self._audited_contains_sql(),
        )
