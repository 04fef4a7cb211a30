from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.columns import Choices, add_generated_columns
from odoo.addons.kpi_base.engine.money import exact

from ..deal.kpi_deal_stage_event import FIXED

ADJUSTMENT_TYPES = [
    ("clawback", "Clawback"),
    ("bonus", "Bonus"),
    ("correction", "Correction"),
]
ORIGINS = [
    ("plan", "Computed by Plan"),
    ("hand", "Entered Manually"),
    ("dispute", "Dispute Decision"),
]


class KpiCommissionAdjustment(models.Model):
    """Amount added to a commission, or taken back, after it was settled."""

    _name = "kpi.commission.adjustment"
    _inherit = ["kpi.append.only.mixin", "kpi.commission.entry.mixin"]
    _description = "Commission Adjustment"
    _table = "agent_commission_adjustments"
    _order = "recorded_at desc, id desc"
    _rec_name = "adjustment_type"
    _log_access = False
    _audited_event = "deal_commission_adjusted"
    _audited_about = ""
    _statement_field = "adjustment_id"  # of the line that states one
    _day_field = "recorded_at"

    commission_id = fields.Many2one("kpi.commission", **FIXED, index=True)
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
    title = fields.Char("Step", compute="_compute_title", exportable=False)
    total = fields.Float(
        "Running Total", digits=(16, 2), compute="_compute_total", exportable=False
    )
    recorded_by = fields.Many2one("res.users", **FIXED)
    recorded_at = fields.Datetime(required=True, readonly=True)
    audit_log_id = fields.Many2one("kpi.audit.log", "Audit Entry", **FIXED)

    _adjustment_type_choices = Choices("adjustment_type")

    # pylint: disable-next=missing-return  # Odoo's returns nothing
    def init(self):
        super().init()
        add_generated_columns(
            self.env, self._table, created_at="recorded_at", updated_at="recorded_at"
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

    @api.depends("adjustment_type", "origin")
    def _compute_title(self):
        labels = dict(self._fields["adjustment_type"]._description_selection(self.env))
        for adjustment in self:
            is_decided = adjustment.origin == "dispute"
            upheld = self.env._("Dispute Upheld")
            label = labels.get(adjustment.adjustment_type)
            adjustment.title = upheld if is_decided else label

    @api.depends("commission_id.commission_amount", "commission_id.adjustment_ids")
    def _compute_total(self):
        """Compute the commission after each adjustment, in the order of booking."""
        totals = {}
        for commission in self.commission_id:
            total = exact(commission.commission_amount)
            booked = commission.adjustment_ids.sorted(
                lambda one: (one.recorded_at, one.id)
            )
            for adjustment in booked:
                total += exact(adjustment.amount)
                totals[adjustment] = float(total)
        for adjustment in self:
            adjustment.total = totals.get(adjustment, 0)

    @api.model
    def _book(self, rows, **logged):
        """Append adjustments and what they are worth, and log each.

        :param rows: (commission, type, Decimal, origin, billing or an empty one, note)
        """
        events = self.env["kpi.commission.event"]
        worths = events._prepare_adjustments([(row[0], row[2]) for row in rows])
        adjustments = [
            {
                "commission_id": commission.id,
                "adjustment_type": adjustment_type,
                "amount": amount,
                "origin": origin,
                "billing_id": billing.id or None,
                "currency": commission.currency_id.name,
                "recorded_by": self.env.uid,
            }
            for commission, adjustment_type, amount, origin, billing, _note in rows
        ]
        said = [{**each, **logged} for each in events._prepare_given_values(worths)]
        texts = [{"note": row[-1]} if row[-1] else {} for row in rows]
        entries = self._append_logged(adjustments, said, texts)
        events._insert_logged(worths, entries)
        return self.search([("audit_log_id", "in", entries.ids)])

    @api.model
    def _get_audited_members(self):
        return {
            "adjustment_type": SQL("held.adjustment_type"),
            "amount": SQL("held.amount::numeric(16, 2)::text"),
            "billing": SQL("held.billing_id"),
            "commission": SQL("held.commission_id"),
            "currency": SQL("held.currency"),
            "origin": SQL("held.origin"),
        }

    @api.model
    def _audited_match_sql(self):
        return SQL(
            "log.user_id = stated.recorded_by AND %s", super()._audited_match_sql()
        )
