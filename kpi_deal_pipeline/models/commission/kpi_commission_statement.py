from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, date_utils, format_amount

from odoo.addons.kpi_base.audit import moment_text_sql
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.engine.money import exact, exact_sum
from odoo.addons.kpi_base.formatting import format_day, format_moment, format_period
from odoo.addons.kpi_base.table_files import MIME_TYPES, get_fonts

from ...engine import statement as statement_file
from ...engine.commission import draw
from .kpi_commission import CURRENCY

ZERO = Decimal(0)
PAYABLE = ("confirmed", "invoiced", "paid")
PERIODS = ("month", "quarter", "year")


class KpiCommissionStatement(models.Model):
    """Earnings of an agent in a period, and the payment for it.

    Holds each instalment and each adjustment that no earlier statement holds; what is
    disputed waits for the statement after the decision. Paid at once, or commission by
    commission: what was paid with one is not to be paid with its statement again.
    """

    _name = _audited_model = "kpi.commission.statement"
    _description = "Commission Statement"
    _inherit = [
        "kpi.last.day.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "kpi.readable.mixin",
        "kpi.audited.record.mixin",
    ]
    _order = "date_from desc, agent_id, id desc"
    _rec_names_search = ["agent_id"]
    _readable_by = ("agent_id", "company_id", "state")
    _mail_post_access = "read"
    _audited_events = "deal_commission_statement_"

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
        "Ends Before", required=True, help="First day after the period."
    )
    state = fields.Selection(
        [("draft", "Draft"), ("issued", "Issued"), ("acknowledged", "Acknowledged")],
        string="Status",
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
        help="Amount if issued today.",
    )
    earlier_text = fields.Char("Earlier Periods", compute="_compute_earlier_text")
    earlier_amount = fields.Monetary(
        "From Earlier Periods",
        compute="_compute_earlier_amount",
        help="Part of the earnings that became due before the period.",
    )
    earned_amount = fields.Monetary("Earned", readonly=True, copy=False)
    draw_amount = fields.Monetary("Guaranteed", readonly=True, copy=False)
    owed_before = fields.Monetary("Advance Brought Forward", readonly=True, copy=False)
    owed_after = fields.Monetary("Advance Carried Forward", readonly=True, copy=False)
    paid_amount = fields.Monetary(
        "Payout",
        readonly=True,
        copy=False,
        help="Earnings minus advances, but at least the guaranteed amount.",
    )
    former_id = fields.Many2one(
        "kpi.commission.statement",
        "Previous Statement",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Its advance is deducted here.",
    )
    issued_at = fields.Datetime(readonly=True, copy=False)
    issued_by = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    acknowledged_at = fields.Datetime(readonly=True, copy=False)
    is_mine = fields.Boolean(compute="_compute_is_mine")
    paid_at = fields.Datetime(readonly=True, copy=False, tracking=True)
    paid_by = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    settled_amount = fields.Monetary(
        "Paid", compute="_compute_payment", compute_sudo=True
    )
    unpaid_amount = fields.Monetary(
        "To Pay", compute="_compute_payment", compute_sudo=True
    )
    payment_state = fields.Selection(
        [
            ("open", "To Pay"),
            ("partial", "Partly Paid"),
            ("paid", "Paid"),
            ("none", "No Payment Due"),
        ],
        "Payment",
        compute="_compute_payment",
        compute_sudo=True,
    )
    paid_on = fields.Date(compute="_compute_payment", compute_sudo=True)

    _agent_period_uniq = models.UniqueIndex(
        "(agent_id, company_id, currency_id, date_from)",
        "A statement for this agent and period already exists.",
    )
    _former_uniq = models.UniqueIndex(
        "(former_id) WHERE former_id IS NOT NULL",
        "This statement's advance is already deducted on another one.",
    )
    # Ranges of one id, as equality in such a constraint needs an extension.
    _periods_excl = models.Constraint(
        """EXCLUDE USING gist (int4range(agent_id, agent_id, '[]') WITH &&,
                               int4range(company_id, company_id, '[]') WITH &&,
                               int4range(currency_id, currency_id, '[]') WITH &&,
                               daterange(date_from, date_to) WITH &&)""",
        "Another statement of this agent covers some of these days.",
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
        for period in PERIODS:
            if date_utils.start_of(first, period) == first:
                if date_utils.end_of(first, period) == last:
                    return format_period(self.env, first, period)
        return " – ".join(map(self._format_day, (first, last)))

    def _format_day(self, day):
        """A day as screens write it: “Jul 1, 2026”."""
        return format_day(self.env, day, with_year=True)

    @api.depends("state", "paid_at", "paid_amount", "line_ids.paid_at")
    def _compute_payment(self):
        for statement in self:
            payout = exact(statement.paid_amount)
            settled = min(statement._sum_paid(), payout)
            moments = [statement.paid_at, *statement.line_ids.mapped("paid_at")]
            if statement.state == "draft":
                state = False
            elif not payout:
                state = "none"
            elif settled == payout:
                state = "paid"
            else:
                state = "partial" if settled else "open"
            statement.settled_amount = float(settled)
            statement.unpaid_amount = float(payout - settled)
            statement.payment_state = state
            paid_at = state == "paid" and max(filter(None, moments), default=False)
            statement.paid_on = (
                paid_at and fields.Datetime.context_timestamp(statement, paid_at).date()
            )

    @api.depends_context("uid")
    @api.depends("agent_id")
    def _compute_is_mine(self):
        for statement in self:
            statement.is_mine = statement.agent_id == self.env.user

    @api.depends("state", "agent_id", "date_to", "currency_id")
    def _compute_open_amount(self):
        for statement in self:
            is_open = statement.state == "draft" and statement.date_to
            entries = statement._open_entries() if is_open else ()
            amount = exact_sum(entry.amount for entry in entries)
            statement.open_amount = float(amount)

    @api.depends("state", "agent_id", "date_from", "date_to", "currency_id", "line_ids")
    def _compute_earlier_text(self):
        for statement in self:
            amounts = statement._find_earlier_amounts()
            total = float(exact_sum(amounts))
            text = self.env._(
                "From earlier periods: %(lines)s, %(amount)s in total.",
                lines=say_count(
                    len(amounts), self.env._("1 line"), self.env._("%s lines")
                ),
                amount=format_amount(self.env, total, statement.currency_id),
            )
            statement.earlier_text = text if amounts else ""

    @api.depends("state", "line_ids.amount", "line_ids.is_earlier")
    def _compute_earlier_amount(self):
        for statement in self:
            is_issued = statement.state != "draft"
            amounts = statement._find_earlier_amounts() if is_issued else ()
            statement.earlier_amount = float(exact_sum(amounts))

    def _find_earlier_amounts(self):
        """Amounts that fell due before the period: stated, or to be stated."""
        if not self.date_from or not self.date_to:
            return []
        if self.state != "draft":
            return self.line_ids.filtered("is_earlier").mapped("amount")
        return [
            entry.amount
            for entry in self._open_entries()
            if fields.Date.to_date(entry[entry._day_field]) < self.date_from
        ]

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
                    self.env._("%s has already been issued.", statement.display_name)
                )
            if statement.date_to > today:
                raise UserError(
                    self.env._(
                        "%s cannot be issued before its period ends.",
                        statement.display_name,
                    )
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
                    self.env._("Only the agent can acknowledge a statement.")
                )
            if statement.state != "issued":
                raise UserError(
                    self.env._(
                        "%s has not been issued or was already acknowledged.",
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

    def _sum_paid(self):
        """Amount that was paid with the statement, or with its commissions."""
        if self.paid_at:
            return exact(self.paid_amount)
        paid = self.line_ids.filtered("paid_at")
        return exact_sum(paid.mapped("amount"))

    def action_pay(self):
        """Note that the agent has been paid what is still to be paid.

        Commissions of which nothing is left to be paid are paid with it.

        :raises AccessError: the user's own
        :raises UserError: nothing is to be paid, or a commission of it is disputed
        """
        self.check_access("write")
        if not self.env.su and self.env.user in self.agent_id:
            raise AccessError(self.env._("You cannot mark your own statement as paid."))
        # Written by this method; who may pay was checked.
        for statement in self.sudo():
            statement.lock_for_update()
            commissions = statement.line_ids.commission_id
            commissions.lock_for_update()
            if statement.payment_state not in ("open", "partial"):
                raise UserError(
                    self.env._("%s: no amount to pay.", statement.display_name)
                )
            unpaid = statement.line_ids.filtered(lambda line: not line.paid_at)
            for commission in unpaid.commission_id:
                if commission.status == "disputed":
                    raise UserError(
                        self.env._(
                            "%(commission)s is disputed. Decide the dispute first.",
                            commission=commission.display_name,
                        )
                    )
            statement.write({"paid_at": fields.Datetime.now(), "paid_by": self.env.uid})
            statement._log_record("deal_commission_statement_paid")
            paid = commissions.filtered(lambda each: each._is_paid_in_full())
            paid._move("paid", {}, {}, statement=statement.id)

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
        earned = exact_sum(self.line_ids.mapped("amount"))
        plans = self.env["kpi.commission.plan"].search(
            [
                ("state", "!=", "draft"),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
                ("draw_amount", ">", 0),
            ]
        )
        plan = plans.filtered(lambda plan: plan._is_for(self.agent_id, self.date_from))
        plan = plan[:1]
        former = self._statement_before()
        before = exact(former.owed_after)
        # Without a guarantee, what was taken back beyond the earnings is withheld too.
        payout = draw(
            earned,
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

    @api.model
    def _get_audited_members(self):
        return {
            "acknowledged_at": moment_text_sql(SQL("held.acknowledged_at")),
            "agent": SQL("held.agent_id"),
            "company": SQL("held.company_id"),
            "currency": CURRENCY,
            "date_from": SQL("held.date_from::text"),
            "date_to": SQL("held.date_to::text"),
            "draw": SQL("coalesce(held.draw_amount, 0)::numeric(16, 2)::text"),
            "earned": SQL("coalesce(held.earned_amount, 0)::numeric(16, 2)::text"),
            "former": SQL("held.former_id"),
            "issued_at": moment_text_sql(SQL("held.issued_at")),
            "issued_by": SQL("held.issued_by"),
            "line_hash": _lines_sql(
                SQL(
                    """
                    encode(sha256(convert_to(string_agg(concat_ws(' ', 'accrual',
                        accrual_id, 'adjustment', adjustment_id,
                        amount::numeric(16, 2)), ', ' ORDER BY id), 'UTF8')), 'hex')
                    """
                )
            ),
            "lines": _lines_sql(SQL("count(*)")),
            "owed": SQL("coalesce(held.owed_after, 0)::numeric(16, 2)::text"),
            "owed_before": SQL("coalesce(held.owed_before, 0)::numeric(16, 2)::text"),
            "paid": SQL("coalesce(held.paid_amount, 0)::numeric(16, 2)::text"),
            "paid_at": moment_text_sql(SQL("held.paid_at")),
            "paid_by": SQL("held.paid_by"),
            "state": SQL("held.state"),
        }

    @api.model
    def _audited_scope_sql(self):
        """Drafts are not logged, and have no lines."""
        return SQL("(held.state <> 'draft' OR %s > 0)", _lines_sql(SQL("count(*)")))

    def action_download_pdf(self):
        return self._download("pdf")

    def action_download_xlsx(self):
        return self._download("xlsx")

    def _download(self, file_format):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/kpi_deal_pipeline/statement/{self.id}/{file_format}",
            "target": "download",
        }

    def _file(self, file_format):
        """Name, type and content of the statement as ``pdf`` or ``xlsx``."""
        self.check_access("read")
        said = self._prepare_statement()
        if file_format == "pdf":
            content = statement_file.pdf(said, get_fonts())
        else:
            digits = min(self.currency_id.decimal_places, 2)
            content = statement_file.xlsx(said, digits)
        name = f"{self.display_name}.{file_format}".replace("/", "-")
        return name, MIME_TYPES[file_format], content

    def _prepare_statement(self):
        """The statement in the reader's words."""
        notes = (
            self.company_id.name,
            self.display_name,
            self.env._("Draft, not issued yet")
            if self.state == "draft"
            else self.env._("Issued on %s", self._format_day(self.issued_at)),
            self.paid_on and self.env._("Paid on %s", self._format_day(self.paid_on)),
            self.earlier_text,
        )
        return statement_file.Statement(
            title=self.env._("Commission statement"),
            notes=tuple(filter(None, notes)),
            heads=(
                self.env._("Date"),
                self.env._("Deal"),
                self.env._("Description"),
                self.env._("Amount"),
            ),
            # The agent reads titles of the own deals, also of those handed on since.
            entries=tuple(
                (
                    self._format_day(line.day),
                    line.deal_id.title or "",
                    self._describe(line),
                    exact(line.amount),
                )
                for line in self.sudo().line_ids
            ),
            totals=tuple((label, exact(amount)) for label, amount in self._totals()),
            footer=self._footer(),
            write=lambda amount: format_amount(
                self.env, float(amount), self.currency_id
            ),
        )

    def _describe(self, line):
        if line.is_earlier:
            return self.env._("%s (from an earlier period)", line.description)
        return line.description

    def _totals(self):
        totals = [(self.env._("Earned"), self.earned_amount)]
        if self.draw_amount or self.owed_before:
            totals += [
                (self.env._("Guaranteed"), self.draw_amount),
                (self.env._("Advance brought forward"), self.owed_before),
                (self.env._("Advance carried forward"), self.owed_after),
            ]
        if self.settled_amount:
            totals += [
                (self.env._("Payout"), self.paid_amount),
                (self.env._("Paid"), self.settled_amount),
            ]
        return [*totals, (self.env._("To pay"), self.unpaid_amount)]

    def _footer(self):
        if self.acknowledged_at:
            return self.env._(
                "Acknowledged by %(agent)s on %(moment)s.",
                agent=self.agent_id.name,
                moment=format_moment(self.env, self.acknowledged_at, with_year=True),
            )
        return self.env._("Not acknowledged yet.")


def _lines_sql(aggregate):
    """SQL of an aggregate over the lines of the statement ``held``."""
    return SQL(
        "(SELECT %s FROM kpi_commission_statement_line WHERE statement_id = held.id)",
        aggregate,
    )


class KpiCommissionStatementLine(models.Model):
    """An instalment or an adjustment on the one statement that holds it."""

    _name = "kpi.commission.statement.line"
    _description = "Commission Statement Line"
    _order = "statement_id, day, id"
    _rec_name = "statement_id"

    statement_id = fields.Many2one(
        "kpi.commission.statement",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    accrual_id = fields.Many2one(
        "kpi.commission.accrual", "Installment", readonly=True, ondelete="restrict"
    )
    adjustment_id = fields.Many2one(
        "kpi.commission.adjustment", readonly=True, ondelete="restrict"
    )
    amount = fields.Float(digits=(16, 2), required=True, readonly=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    day = fields.Date(compute="_compute_source", store=True)
    is_earlier = fields.Boolean(
        "From Earlier Period",
        compute="_compute_is_earlier",
        help="Due earlier but not on an earlier statement.",
    )
    deal_id = fields.Many2one("kpi.deal", compute="_compute_source", store=True)
    description = fields.Char(compute="_compute_description", compute_sudo=True)
    commission_id = fields.Many2one(
        "kpi.commission", compute="_compute_commission_id", compute_sudo=True
    )
    paid_at = fields.Datetime(compute="_compute_commission_id", compute_sudo=True)

    _accrual_uniq = models.UniqueIndex(
        "(accrual_id) WHERE accrual_id IS NOT NULL",
        "This installment is already on a statement.",
    )
    _adjustment_uniq = models.UniqueIndex(
        "(adjustment_id) WHERE adjustment_id IS NOT NULL",
        "This adjustment is already on a statement.",
    )
    _source_check = models.Constraint(
        "CHECK (num_nonnulls(accrual_id, adjustment_id) = 1)",
        "A statement line needs an installment or an adjustment.",
    )

    @api.depends("accrual_id", "adjustment_id")
    def _compute_source(self):
        for line in self:
            # Stated for the agent, who sees the own commissions.
            source = line.sudo().accrual_id or line.sudo().adjustment_id
            line.deal_id = source.commission_id.deal_id
            line.day = line.accrual_id.accrued_on or line.adjustment_id.recorded_at

    @api.depends("day", "statement_id.date_from")
    def _compute_is_earlier(self):
        for line in self:
            line.is_earlier = line.day and line.day < line.statement_id.date_from

    @api.depends("accrual_id", "adjustment_id")
    def _compute_description(self):
        types = self.env["kpi.commission.adjustment"]._fields["adjustment_type"]
        labels = dict(types._description_selection(self.env))
        for line in self:
            adjustment = line.adjustment_id
            if adjustment:
                label = labels[adjustment.adjustment_type]
                note = adjustment.note
                line.description = f"{label}: {note}" if note else label
            elif line.accrual_id.billing_id:
                line.description = self.env._(
                    "Commission for %s", line.accrual_id.billing_id.display_name
                )
            else:
                line.description = self.env._("Commission")

    @api.depends(
        "statement_id.paid_at",
        "accrual_id.commission_id.paid_at",
        "adjustment_id.commission_id.paid_at",
    )
    def _compute_commission_id(self):
        for line in self:
            source = line.accrual_id or line.adjustment_id
            line.commission_id = source.commission_id
            line.paid_at = source.commission_id._get_paid_at(source)

    # Refuses whoever asks: there is nothing to hand on to.
    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("An issued statement cannot be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An issued statement cannot be changed."))
