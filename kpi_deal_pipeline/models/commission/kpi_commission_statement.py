from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import date_utils, format_amount, format_date

from odoo.addons.kpi_base.engine.money import exact

from ...engine.commission import draw

ZERO = Decimal(0)
PAYABLE = ("confirmed", "invoiced", "paid")
PATTERNS = {"month": "LLLL y", "quarter": "QQQ y", "year": "y"}


class KpiCommissionStatement(models.Model):
    """Earnings of an agent in a period, and the payment for it.

    Holds each instalment and each adjustment that no earlier statement holds; what is
    disputed waits for the statement after the decision.
    """

    _name = "kpi.commission.statement"
    _description = "Commission Statement"
    _inherit = [
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "kpi.readable.mixin",
    ]
    _order = "date_from desc, agent_id, id desc"
    _readable_by = ("agent_id", "company_id", "state")
    _mail_post_access = "read"

    agent_id = fields.Many2one(
        "res.users", required=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date(
        "Ends Before", required=True, help="The first day after the period."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("issued", "Issued"), ("acknowledged", "Acknowledged")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    line_ids = fields.One2many(
        "kpi.commission.statement.line", "statement_id", "Lines", readonly=True
    )
    open_amount = fields.Monetary(
        "Not on a Statement Yet",
        compute="_compute_open_amount",
        help="Amount the statement would have if issued today.",
    )
    earlier_text = fields.Char("Earlier Periods", compute="_compute_earlier_text")
    earned_amount = fields.Monetary("Earned", readonly=True, copy=False)
    draw_amount = fields.Monetary("Guaranteed", readonly=True, copy=False)
    owed_before = fields.Monetary("Advance Brought Forward", readonly=True, copy=False)
    owed_after = fields.Monetary("Advance Carried Forward", readonly=True, copy=False)
    paid_amount = fields.Monetary(
        "Payout",
        readonly=True,
        copy=False,
        help="Earned, with what is guaranteed, advanced and withheld.",
    )
    former_id = fields.Many2one(
        "kpi.commission.statement",
        "Previous Statement",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The agent's previous statement, whose advance is deducted here.",
    )
    issued_at = fields.Datetime(readonly=True, copy=False)
    issued_by = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    acknowledged_at = fields.Datetime(readonly=True, copy=False)
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _agent_period_uniq = models.UniqueIndex(
        "(agent_id, company_id, currency_id, date_from)",
        "A statement for this agent and period already exists.",
    )
    _former_uniq = models.UniqueIndex(
        "(former_id) WHERE former_id IS NOT NULL",
        "The advance of this statement is already deducted on another one.",
    )
    # Ranges of one id, as equality in such a constraint needs an extension.
    _periods_excl = models.Constraint(
        """EXCLUDE USING gist (int4range(agent_id, agent_id, '[]') WITH &&,
                               int4range(company_id, company_id, '[]') WITH &&,
                               int4range(currency_id, currency_id, '[]') WITH &&,
                               daterange(date_from, date_to) WITH &&)""",
        "A statement for this agent already covers some of these days.",
    )
    _dates_check = models.Constraint(
        "CHECK (date_to > date_from)", "The period must end after it begins."
    )

    @api.depends("agent_id", "date_from", "date_to")
    def _compute_display_name(self):
        for statement in self:
            parts = (statement.agent_id.name, statement._name_period())
            statement.display_name = ", ".join(filter(None, parts))

    def _name_period(self):
        """Name of a month, quarter or year, as “Q3 2026”; else first and last day."""
        first, last = self.date_from, self.last_day
        if not first or not last:
            return ""
        for period, pattern in PATTERNS.items():
            if date_utils.start_of(first, period) == first:
                if date_utils.end_of(first, period) == last:
                    return format_date(self.env, first, date_format=pattern)
        return " – ".join(map(self._format_day, (first, last)))

    def _format_day(self, day):
        """A day as screens write it: “Jul 1, 2026”."""
        return format_date(self.env, day, date_format="medium")

    @api.depends_context("uid")
    @api.depends("agent_id")
    def _compute_is_mine(self):
        for statement in self:
            statement.is_mine = statement.agent_id == self.env.user

    @api.depends("state", "agent_id", "date_to", "currency_id")
    def _compute_open_amount(self):
        for statement in self:
            amount = ZERO
            if statement.state == "draft" and statement.date_to:
                amount = sum(
                    (exact(entry.amount) for entry in statement._open_entries()), ZERO
                )
            statement.open_amount = float(amount)

    @api.depends("state", "agent_id", "date_from", "date_to", "currency_id", "line_ids")
    def _compute_earlier_text(self):
        for statement in self:
            amounts = statement._find_earlier_amounts()
            text = ""
            if amounts:
                text = self.env._(
                    "From earlier periods, not on an earlier statement: "
                    "%(count)s lines, %(amount)s in total.",
                    count=len(amounts),
                    amount=format_amount(
                        self.env, float(sum(amounts, ZERO)), statement.currency_id
                    ),
                )
            statement.earlier_text = text

    def _find_earlier_amounts(self):
        """Amounts that fell due before the period: stated, or to be stated."""
        if not self.date_from or not self.date_to:
            return []
        if self.state == "draft":
            return [
                exact(entry.amount)
                for entry in self._open_entries()
                if fields.Date.to_date(entry[entry._day_field]) < self.date_from
            ]
        return [exact(line.amount) for line in self.line_ids if line.is_earlier]

    def write(self, vals):
        if not self.env.su and any(each.state != "draft" for each in self):
            raise UserError(self.env._("An issued statement cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        if any(statement.state != "draft" for statement in self):
            raise UserError(self.env._("An issued statement cannot be deleted."))

    def action_issue(self):
        """State what has fallen due up to the end of the period, for good.

        :raises UserError: it was issued already, or its period has not ended
        """
        self.check_access("write")
        today = fields.Date.context_today(self)
        # Written by this method; who may issue was checked.
        for statement in self.sudo().sorted("date_from"):
            statement.lock_for_update()
            if statement.state != "draft":
                raise UserError(
                    self.env._("%s was issued already.", statement.display_name)
                )
            if statement.date_to > today:
                raise UserError(
                    self.env._("%s: the period has not ended.", statement.display_name)
                )
            statement._issue()

    def action_acknowledge(self):
        """The agent has read the statement and agrees with it.

        :raises AccessError: somebody else's
        """
        self.check_access("read")
        for statement in self:
            if statement.agent_id != self.env.user:
                raise AccessError(
                    self.env._("Only the agent acknowledges a statement.")
                )
            if statement.state != "issued":
                raise UserError(
                    self.env._(
                        "%s has not been issued, or is already acknowledged.",
                        statement.display_name,
                    )
                )
        # Written for the agent, who was checked.
        kept = self.sudo()
        kept.write({"state": "acknowledged", "acknowledged_at": fields.Datetime.now()})
        kept._log_record("deal_commission_statement_acknowledged")

    def _issue(self):
        # Each is issued on what the one before has left of the advances.
        company, currency = self.company_id, self.currency_id
        self.env["kpi.claim"]._claim(
            f"statements of agent {self.agent_id.id}, company {company.id},"
            f" currency {currency.id}"
        )
        entries = self._open_entries()
        self.env["kpi.commission.statement.line"].create(
            [
                {
                    "statement_id": self.id,
                    entry._statement_field: entry.id,
                    "amount": entry.amount,
                }
                for entry in entries
            ]
        )
        self.write(
            {
                **self._payout(),
                "state": "issued",
                "issued_at": fields.Datetime.now(),
                "issued_by": self.env.uid,
            }
        )
        self._log_record("deal_commission_statement_issued")

    def _open_entries(self):
        """Instalments and adjustments up to the end that no statement holds."""
        # Who sees the statement sees what it will hold.
        everything = self.sudo().env
        common = [
            ("commission_id.agent_id", "=", self.agent_id.id),
            ("commission_id.company_id", "=", self.company_id.id),
            ("commission_id.currency_id", "=", self.currency_id.id),
            ("commission_id.status", "in", PAYABLE),
            ("statement_line_ids", "=", False),
        ]
        accruals = everything["kpi.commission.accrual"].search(
            [*common, ("accrued_on", "<", self.date_to)]
        )
        adjustments = everything["kpi.commission.adjustment"].search(
            [*common, ("recorded_at", "<", self.date_to)]
        )
        return [*accruals, *adjustments]

    def _payout(self):
        """Compute the payment for the lines, with the guarantee and advances."""
        earned = sum((exact(line.amount) for line in self.line_ids), ZERO)
        plan = self._plan_with_draw()
        former = self._statement_before()
        before = exact(former.owed_after)
        # Without a guarantee, what was taken back beyond the earnings is withheld too.
        (payout,) = draw(
            [earned],
            exact(plan.draw_amount),
            is_recoverable=not plan or plan.draw_is_recoverable,
            owed=before,
        )
        # What was paid with its commission beyond the payout is withheld later.
        advanced = max(self._sum_paid() - payout.paid, ZERO)
        return {
            "earned_amount": float(earned),
            "draw_amount": plan.draw_amount,
            "former_id": former.id,
            "owed_before": float(before),
            "owed_after": float(payout.owed + advanced),
            "paid_amount": float(payout.paid),
        }

    def _plan_with_draw(self):
        plans = self.env["kpi.commission.plan"].search(
            [
                ("state", "!=", "draft"),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("draw_amount", ">", 0),
            ]
        )
        return plans.filtered(lambda plan: plan._is_for(self.agent_id, self.date_from))[
            :1
        ]

    def _statement_before(self):
        """The agent's statement issued last, of whatever period; empty if none was."""
        issued = self.search(
            [
                ("agent_id", "=", self.agent_id.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("state", "!=", "draft"),
            ],
            order="date_from desc",
        )
        return (issued - issued.former_id)[:1]
