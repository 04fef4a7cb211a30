from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount

from odoo.addons.kpi_base.actions import open_dialog, open_form
from odoo.addons.kpi_base.audit import AuditEvent, moment_text_sql
from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.money import exact, exact_sum
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import (
    format_amount_briefly,
    format_day,
    format_percent,
)

from ... import roles
from ...engine.commission import round_amount
from ...engine.kinds import COMMISSION_STATUSES, COMMISSION_TYPES

COMMISSION_RULES = [
    ("plan", "Own Deals"),
    ("overlay", "Overlay Shares"),
    ("override", "Team Deals"),
]
# What a commission is; changed only while it is pending, by the ORM and by SQL.
FROZEN = (
    "deal_id",
    "agent_id",
    "commission_type",
    "rule",
    "plan_id",
    "basis_amount",
    "currency_id",
    "commission_rate",
    "commission_amount",
    "earned_on",
    "note",
)
# When and by whom it came to what it is.
MOMENTS = (
    "confirmed_at",
    "disputed_at",
    "introduced_at",
    "invoiced_at",
    "paid_at",
    "resolved_at",
)
# Entries with which an amount is settled, or becomes another one.
PRICING = (
    "deal_commission_introduced",
    "deal_commission_computed",
    "deal_commission_changed",
    "deal_commission_confirmed",
)
# Steps of an amount that is its basis times a rate times shares.
PRODUCT_STEPS = {"base", "rate", "rounding", "split", "overlay"}
# Status → those that may follow, disputes apart.
FOLLOWING = {
    "pending": ("confirmed", "written_off"),
    "confirmed": ("invoiced", "paid", "written_off"),
    "invoiced": ("paid", "written_off"),
    "paid": (),
    "disputed": (),
    "written_off": (),
}
MOVED_AT = {"confirmed": "confirmed_at", "invoiced": "invoiced_at", "paid": "paid_at"}
CURRENCY = SQL("(SELECT name FROM res_currency WHERE id = held.currency_id)")


class KpiCommission(models.Model):
    """Commission of an agent for a deal.

    pending → confirmed (approved) → invoiced → paid; disputes freeze it. Its amount is
    settled once it is approved; later changes are booked as adjustments.
    """

    _name = "kpi.commission"
    _description = "Commission"
    _table = "agent_commission_records"
    _inherit = [
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.readable.mixin",
        "kpi.audited.state.mixin",
        "kpi.commission.decided.mixin",
        "kpi.dated.mixin",
    ]
    _order = "introduced_at desc, id desc"
    _rec_names_search = ["deal_id", "agent_id", "commission_type"]
    _readable_by = ("agent_id", "company_id", "deal_id.is_led_by_me")
    _audited_model = "kpi.deal"
    _audited_name = "commission"
    _audited_events = "deal_commission_"
    _audited_beside = ("deal_commission_adjusted", "deal_commission_priced")
    _audited_link = "deal_id"

    deal_id = fields.Many2one("kpi.deal", required=True, ondelete="restrict")
    company_id = fields.Many2one(
        related="deal_id.company_id", store=True, precompute=True, index=True
    )
    agent_id = fields.Many2one(
        "res.users",
        required=True,
        domain=roles.get_agents_domain,
        default=lambda self: self.env.user,
        ondelete="restrict",
    )
    commission_type = fields.Selection(
        COMMISSION_TYPES, "Type", required=True, default="exclusive"
    )
    rule = fields.Selection(
        COMMISSION_RULES, "Earned From", required=True, default="plan", readonly=True
    )
    plan_id = fields.Many2one(
        "kpi.commission.plan",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Blank if agreed manually.",
    )
    terms_id = fields.Many2one(
        "kpi.commission.plan",
        "Terms From",
        compute="_compute_terms_id",
        store=True,
        precompute=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Differs from the plan if a settled commission was corrected.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_currency_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    basis_amount = fields.Monetary("Basis")
    basis_currency = fields.Char(
        "Basis Currency Code",
        related="currency_id.name",
        store=True,
        precompute=True,
        size=3,
        exportable=False,
    )
    commission_rate = fields.Float(
        "Rate", digits=(5, 4), help="Share of the basis. With tiers, the average rate."
    )
    rate_source = fields.Char(
        "Rate From",
        compute="_compute_rate_source",
        help="Share of the deal × rate of the plan, the plan and its tiers.",
        exportable=False,
    )
    commission_amount = OptionalFloat(
        "Commission",
        digits=(16, 2),
        compute="_compute_commission_amount",
        store=True,
        readonly=False,
        help="Blank until computed.",
    )
    note = fields.Text("Reason", copy=False, help="Why it is paid without a plan.")
    entered = fields.Char(compute="_compute_entered", compute_sudo=True)
    status = fields.Selection(
        COMMISSION_STATUSES, required=True, default="pending", readonly=True, copy=False
    )
    earned_on = fields.Date(
        readonly=True, help="Determines the period of the commission."
    )
    introduced_at = fields.Datetime(
        "Added At",
        required=True,
        readonly=True,
        default=fields.Datetime.now,
        copy=False,
    )
    confirmed_at = fields.Datetime("Approved At", readonly=True, copy=False)
    confirmed_by = fields.Many2one(
        "res.users", "Approved By", readonly=True, copy=False, ondelete="restrict"
    )
    invoiced_at = fields.Datetime(readonly=True, copy=False)
    paid_at = fields.Datetime(readonly=True, copy=False)
    disputed_at = fields.Datetime(readonly=True, copy=False)
    resolved_at = fields.Datetime(readonly=True, copy=False)
    computation_error = fields.Char(readonly=True, copy=False)
    step_ids = fields.One2many("kpi.commission.step", "commission_id", "Calculation")
    adjustment_ids = fields.One2many(
        "kpi.commission.adjustment", "commission_id", "Adjustments"
    )
    # As above, at the end of the calculation: oldest first, with their totals.
    booked_ids = fields.One2many(
        "kpi.commission.adjustment",
        "commission_id",
        "Adjustments After the Calculation",
        exportable=False,
    )
    accrual_ids = fields.One2many(
        "kpi.commission.accrual", "commission_id", "Installments"
    )
    dispute_ids = fields.One2many("kpi.commission.dispute", "commission_id", "Disputes")
    net_amount = fields.Monetary(
        "Net Commission", compute="_compute_net_amount", compute_sudo=True
    )
    due_amount = fields.Monetary(
        "Due to Date",
        compute="_compute_net_amount",
        compute_sudo=True,
        help="Installments and adjustments to date; 0 until approval.",
    )
    unpaid_amount = fields.Monetary(
        "To Pay",
        compute="_compute_unpaid_amount",
        compute_sudo=True,
        help="Amount due so far but unpaid; 0 during a dispute.",
    )
    held_amount = fields.Monetary(
        "On Hold",
        compute="_compute_unpaid_amount",
        compute_sudo=True,
        help="Amount due so far but unpaid, until the dispute is decided.",
    )
    # Written by SQL with each entry of the ledger, see ``_store_worths``.
    company_net_amount = OptionalFloat(
        "Net Commission in Company Currency",
        digits=(32, 8),
        readonly=True,
        copy=False,
        exportable=False,
        help="Net amount from the ledger at the booked exchange rates, unrounded.",
    )
    unpriced_count = fields.Integer(
        "Entries Without Exchange Rate", readonly=True, copy=False, exportable=False
    )
    deal_uuid = fields.Char("Deal UUID", related="deal_id.uuid")
    may_decide = fields.Boolean(
        string="Can Decide", compute="_compute_may_decide", exportable=False
    )

    _commission_type_choices = Choices("commission_type")
    _status_choices = Choices("status")
    _rule_uniq = models.UniqueIndex(
        "(deal_id, agent_id, commission_type, rule) WHERE status <> 'written_off'",
        "The agent already has this type of commission on this deal.",
    )
    _agent_id_status_idx = models.Index("(agent_id, status)")
    _deal_id_idx = models.Index("(deal_id)")
    _plan_period_idx = models.Index("(plan_id, agent_id, earned_on)")
    # As for the deals' amounts.
    _basis_amount_check = models.Constraint(
        "CHECK (basis_amount >= 0 AND basis_amount < 1e12)",
        "The basis must be 0 or more and below 1,000,000,000,000.",
    )
    _commission_amount_check = models.Constraint(
        "CHECK (commission_amount >= 0 AND commission_amount < 1e12)",
        "A commission must be 0 or more and below 1,000,000,000,000.",
    )
    _commission_rate_check = models.Constraint(
        "CHECK (commission_rate >= 0 AND commission_rate <= 1)",
        "The rate must be between 0% and 100%.",
    )
    _type_check = models.Constraint(
        "CHECK (rule = 'plan' OR commission_type = 'bonus')",
        "Use the type “Bonus” for commissions on other agents' deals.",
    )

    def init(self):
        new, old = (
            SQL(", ").join(SQL.identifier(row, name) for name in FROZEN)
            for row in ("new", "old")
        )
        statement = """
            CREATE OR REPLACE FUNCTION kpi_commission_freeze() RETURNS trigger AS $$
            BEGIN
                IF OLD.status = 'pending' AND OLD.confirmed_at IS NULL THEN
                    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
                END IF;
                IF TG_OP = 'DELETE'
                   OR (%(new)s) IS DISTINCT FROM (%(old)s)
                   OR OLD.status = 'written_off' AND NEW.status <> OLD.status
                   OR OLD.confirmed_at IS DISTINCT FROM NEW.confirmed_at
                      AND OLD.confirmed_at IS NOT NULL
                THEN
                    RAISE EXCEPTION 'commission %% is not pending: %% refused',
                          OLD.id, TG_OP
                          USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END
            $$ LANGUAGE plpgsql;
            CREATE OR REPLACE TRIGGER kpi_commission_freeze
            BEFORE UPDATE OR DELETE ON %(table)s
            FOR EACH ROW EXECUTE FUNCTION kpi_commission_freeze();
            ALTER TABLE %(table)s ENABLE ALWAYS TRIGGER kpi_commission_freeze;
        """
        self.env.cr.execute(
            SQL(statement, table=SQL.identifier(self._table), new=new, old=old)
        )
        return super().init()

    @api.depends("plan_id")
    def _compute_terms_id(self):
        """Compute by its plan, until a settled one is corrected by another's terms."""
        for commission in self:
            commission.terms_id = commission.plan_id

    @api.depends("deal_id")
    def _compute_currency_id(self):
        for commission in self:
            of_deal = commission.deal_id.currency_id
            commission.currency_id = of_deal or self.env.company.currency_id

    @api.depends_context("lang")
    @api.depends("step_ids.factor", "step_ids.kind", "terms_id.name")
    def _compute_rate_source(self):
        """Explain a rate that is of tiers of a plan, or of a plan for a share."""
        for commission in self:
            parts = []
            steps = commission.step_ids
            rates = steps.filtered(lambda step: step.kind == "rate")
            shares = steps.filtered(lambda step: step.kind in ("split", "overlay"))
            is_product = len(rates) == 1 and PRODUCT_STEPS.issuperset(
                steps.mapped("kind")
            )
            if is_product and shares:
                factors = (*shares.mapped("factor"), rates.factor)
                parts.append(
                    " × ".join(
                        format_percent(self.env, factor, 4) for factor in factors
                    )
                )
            tiers = [(step, tier) for step in rates if (tier := step._find_tier())]
            if parts or tiers:
                # Who sees a commission sees by which plan it is computed.
                parts.append(commission.sudo().terms_id.name)
            for step, tier in tiers:
                percent = format_percent(self.env, step.factor, 4)
                parts.append(f"{percent} {tier._describe_limits()}")
            commission.rate_source = ", ".join(parts)

    @api.depends("basis_amount", "commission_rate", "currency_id")
    def _compute_commission_amount(self):
        """Compute amounts of commissions agreed by hand; a plan computes its own."""
        for commission in self:
            if commission.plan_id or commission.status != "pending":
                continue
            if commission.basis_amount and commission.commission_rate:
                rate = exact(commission.commission_rate, 4)
                unit = commission.currency_id._commission_unit()
                amount = round_amount(exact(commission.basis_amount) * rate, unit)
                commission.commission_amount = float(amount)
            elif not commission.commission_amount:
                commission.commission_amount = False

    @api.depends(
        "accrual_ids.amount", "adjustment_ids.amount", "commission_amount", "status"
    )
    def _compute_net_amount(self):
        for commission in self:
            adjusted = exact_sum(commission.adjustment_ids.mapped("amount"))
            accrued = exact_sum(commission.accrual_ids.mapped("amount"))
            is_lost = commission.status == "written_off"
            net = 0 if is_lost else exact(commission.commission_amount) + adjusted
            commission.net_amount = float(net)
            is_settled = commission.confirmed_at and not is_lost
            commission.due_amount = float(accrued + adjusted) if is_settled else 0

    @api.depends(
        "due_amount",
        "paid_at",
        "status",
        "accrual_ids.statement_line_ids.statement_id.paid_at",
        "adjustment_ids.statement_line_ids.statement_id.paid_at",
    )
    def _compute_unpaid_amount(self):
        for commission in self:
            is_settled = commission.confirmed_at and commission.status != "written_off"
            entries = commission._find_unpaid() if is_settled else ()
            unpaid = float(exact_sum(entry.amount for entry in entries))
            is_held = commission.status == "disputed"
            commission.unpaid_amount = 0 if is_held else unpaid
            commission.held_amount = unpaid if is_held else 0

    @api.depends("agent_id", "create_uid", "plan_id")
    def _compute_entered(self):
        """Name the person who entered what no plan has computed."""
        for commission in self:
            person, text = commission.create_uid, ""
            is_entered = person and not commission.plan_id
            if is_entered and person == commission.agent_id:
                text = self.env._("Manually by %s, who earns it", person.name)
            elif is_entered:
                text = self.env._("Manually by %s", person.name)
            commission.entered = text

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("agent_id", "create_uid", "plan_id", "status")
    def _compute_may_decide(self):
        decidable = self._find_own_decisions()
        for commission in self:
            commission.may_decide = commission in decidable

    @api.depends_context("lang")
    @api.depends("deal_id", "agent_id", "commission_type")
    def _compute_display_name(self):
        labels = dict(self._fields["commission_type"]._description_selection(self.env))
        for commission in self:
            name = commission.deal_id.title and (
                f"{commission.deal_id.title}, {commission.agent_id.name}"
            )
            # An agent has one of each type on a deal; the usual one needs no name.
            if name and commission.commission_type not in (False, "exclusive"):
                name += f" ({labels[commission.commission_type]})"
            commission.display_name = name

    @api.constrains("deal_id", "currency_id", "plan_id")
    def _check_currency(self):
        for commission in self:
            paid_in = commission.plan_id.currency_id
            if paid_in and paid_in != commission.currency_id:
                raise ValidationError(
                    self.env._(
                        "%(commission)s: choose the plan's currency, %(currency)s.",
                        commission=commission.display_name,
                        currency=paid_in.name,
                    )
                )

    def _check_note(self):
        """Refuse what people enter without a reason: no plan explains the amount.

        No constraint: Odoo runs those as superuser, who needs no reason.
        """
        unfounded = self.filtered(lambda one: not one.plan_id and not one._said_note())
        if unfounded and not self.env.su:
            raise ValidationError(
                self.env._(
                    "%s: enter the reason for a commission without a plan.",
                    unfounded[0].display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        commissions = super().create(vals_list)
        commissions._check_note()
        # Each is logged with its introduction, whoever introduces it.
        kept = commissions.sudo()
        kept.flush_recordset()
        for note, introduced in kept.grouped("note").items():
            introduced._log("deal_commission_introduced", note and {"note": note})
        return commissions

    def write(self, vals):
        changed = [name for name in FROZEN if name in vals]
        if changed:
            self._check_changeable(changed)
        result = super().write(vals)
        if "note" in vals:
            self._check_note()
        # What is settled is logged by who settles; a caller's context is ignored.
        is_settling = self.env.su and self.env.context.get("kpi_commission_settling")
        if changed and not is_settling:
            # As in ``create``.
            note = vals.get("note")
            self.sudo()._log("deal_commission_changed", note and {"note": note})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A commission cannot be deleted. Write it off instead.")
        )

    def action_confirm(self):
        """Settle the amount."""
        self._settle("confirmed")

    def action_invoice(self):
        self._settle("invoiced")

    def action_pay(self):
        """Note that the agent has been paid; refused while there is a dispute."""
        self._settle("paid")

    def action_write_off(self):
        """Give a commission up for good; what was paid stays paid."""
        self._settle("written_off")

    def action_dispute(self):
        """Open the dialog in which a dispute begins."""
        self.ensure_one()
        view = self.env.ref("kpi_deal_pipeline.kpi_commission_dispute_view_form_new")
        return open_form(
            self.env["kpi.commission.dispute"],
            name=self.env._("Dispute"),
            views=[(view.id, "form")],
            target="new",
            context={"default_commission_id": self.id},
        )

    def action_adjust(self):
        """Open the dialog in which an amount is booked beside the settled one."""
        self._check_may_decide()
        self.ensure_one()
        name, dialog = self.env._("Adjust"), self.env["kpi.commission.adjust"]
        return open_dialog(dialog, name, default_commission_id=self.id)

    def _get_undecided_domain(self):
        """Pending commissions with an amount: ready for approval."""
        is_priced = Domain("commission_amount", "!=", False)
        return is_priced & Domain("status", "=", "pending")

    def _get_waiting_since(self):
        return {commission: commission.introduced_at for commission in self}

    def _get_approval_amounts(self):
        return {commission: commission.commission_amount for commission in self}

    def _get_subject(self):
        # On what deal; the people are those of ``_get_approval_submitters``.
        return self.env._("Commission: %s", self.deal_id.title or self.display_name)

    def _get_amount_text(self):
        return format_amount_briefly(self.env, self.commission_amount, self.currency_id)

    def _get_approval_facts(self):
        """The amount, and what it is computed from, or the reason of its entry."""
        self.ensure_one()
        basis, rate, day = self.basis_amount, self.commission_rate, self.earned_on
        types = dict(self._fields["commission_type"]._description_selection(self.env))
        return self._label_facts(
            {
                "commission_amount": self._get_amount_text(),
                "commission_type": not self.plan_id and types[self.commission_type],
                "basis_amount": basis and self._say_money(basis),
                "commission_rate": rate and self._say_rate(),
                "plan_id": self.plan_id.display_name,
                "earned_on": day and format_day(self.env, day),
                "entered": self.entered,
                "note": self._said_note(),
            }
        )

    def _say_rate(self):
        """The rate with all its digits, and what it comes from."""
        text = format_percent(self.env, self.commission_rate, 4)
        return f"{text} ({self.rate_source})" if self.rate_source else text

    def _said_note(self):
        return (self.note or "").strip()

    def _say_effect(self):
        return self.env._(
            "Approval settles the amount; later changes become adjustments."
        )

    def _say_rejection(self):
        return self.env._("Rejected commissions are written off permanently.")

    def _say_money(self, amount):
        return format_amount(self.env, amount, self.currency_id)

    def _decide_listed(self, decision, comment=""):
        """Approve these, or write them off; nobody gets them back to change them."""
        for commission in self.filtered(lambda one: one.status != "pending"):
            raise commission._cannot_become("confirmed")
        if decision == "return":
            return super()._decide_listed(decision, comment)
        status = "confirmed" if decision == "approve" else "written_off"
        return self._settle(status, comment)

    def _get_approval_parties(self):
        """Four eyes: who earns it, and who entered what no plan computes.

        Administrators of deals may approve what they entered for others.
        """
        parties = super()._get_approval_parties()
        entered = self.filtered(lambda one: not one.plan_id and one.status == "pending")
        for commission in entered:
            # Who entered a commission is no secret to those who see it.
            person = commission.sudo().create_uid
            if not person.has_group(roles.ADMIN):
                parties[commission] |= person
        return parties

    def _check_may_decide(self):
        """Refuse who may not settle these commissions: never the own ones.

        :return: dict commission → the person in whose place the user settles it
        """
        if self.env.su:
            return dict.fromkeys(self, self.env["res.users"])
        decidable = self._find_own_decisions()
        if self - self.browse().union(*decidable):
            raise AccessError(
                self.env._(
                    "Only approvers in the approval workflow can decide on "
                    "commissions, but not on their own or on pending ones that they "
                    "entered."
                )
            )
        return decidable

    def _settle(self, status, note="", document=None):
        """Move commissions on; ``note`` and ``document`` are logged with it.

        :raises AccessError: a commission is the user's own, or of somebody else's deal
        :raises LockError: a commission is past it already, or in dispute
        """
        instead = self._check_may_decide()
        values = {}
        if status == "confirmed":
            values["confirmed_by"] = self.env.uid
        if status == "confirmed":
            self._check_reviewed()
        for commission in self if status == "confirmed" else ():
            # One that is past it is refused for that.
            if commission.status == "pending" and commission.commission_amount is False:
                raise UserError(
                    self.env._(
                        "%(commission)s has no amount yet: %(reason)s",
                        commission=commission.display_name,
                        reason=commission.computation_error
                        or self.env._("enter an amount, or basis and rate."),
                    )
                )
        logged = {"document": document.id} if document else {}
        # All of them or none, as of those that one of them is refused for.
        for absent, commissions in self.grouped(instead.get).items():
            commissions._move(
                status,
                values,
                {"note": note} if note else {},
                **logged,
                **self._prepare_instead_values(absent),
            )

    def _move(self, status, values, personal, **logged):
        """Move commissions on; rows are locked: one of two wins, or LockError."""
        # Statuses are written by their methods; who may was checked before.
        moved = self.sudo()
        moved.lock_for_update()
        for commission in moved:
            if status not in FOLLOWING[commission.status]:
                raise commission._cannot_become(status)
        former = {commission: commission.status for commission in moved}
        if status in MOVED_AT:
            values = {**values, MOVED_AT[status]: fields.Datetime.now()}
        moved.write({**values, "status": status})
        event = "deal_commission_status_change"
        if status == "confirmed":
            event = "deal_commission_confirmed"
        for before, commissions in moved.grouped(former.get).items():
            commissions._log(event, personal, **logged, **{"from": before})
        moved._accrue()

    def _cannot_become(self, status):
        """The error that this commission cannot get ``status``."""
        labels = dict(self._fields["status"]._description_selection(self.env))
        return LockError(
            self.env._(
                "%(commission)s is “%(present)s” and cannot be changed to "
                "“%(wanted)s”.",
                commission=self.display_name,
                present=labels[self.status],
                wanted=labels[status],
            )
        )

    def _begin_dispute(self):
        """Hold commissions where they are; the status that each had."""
        # Who contests does not settle; that they may contest was checked.
        disputed = self.sudo()
        disputed.lock_for_update()
        former = disputed.mapped("status")
        for commission in disputed:
            if commission.status in ("disputed", "written_off"):
                raise commission._cannot_become("disputed")
        disputed.write({"status": "disputed", "disputed_at": fields.Datetime.now()})
        return former

    def _end_dispute(self, dispute, **logged):
        """Restore the commission's status, with what the decision changes."""
        is_lost = dispute.state == "written_off"
        status = "written_off" if is_lost else dispute.former_status
        self.write({"status": status, "resolved_at": fields.Datetime.now()})
        self._log(
            "deal_commission_dispute_resolved",
            {"decision": dispute.decision},
            **dispute._prepare_record_values()[dispute.id],
            **logged,
            **{"from": "disputed"},
        )
        if exact(dispute.effect_amount):
            amount = exact(dispute.effect_amount)
            self._book("correction", amount, "dispute", dispute.decision, **logged)
        # What happened to the deal meanwhile.
        self.deal_id._settle_commissions()

    @api.model
    def _create_by_program(self, deal, given):
        """A commission of ``given``: fields by name, amounts as texts."""
        values = {"deal_id": deal.id, **given}
        if "agent_id" in values:
            deal._check_seen("agent_id", "res.users", values["agent_id"])
        amounts = {"basis_amount", "commission_amount", "commission_rate"}
        values |= {name: float(given[name]) for name in amounts & given.keys()}
        code = values.pop("basis_currency", None)
        if code:
            values["currency_id"] = deal._currency_of("basis_currency", code).id
        return self.create(values)

    def _move_by_program(
        self, status, reason, document_id, document_uri, deadline, amount
    ):
        """Bring the commission to ``status``, as its buttons and dialogs do.

        Out of a dispute it goes by deciding it: upheld where an ``amount`` is given;
        else rejected, or written off.

        :raises LockError: it cannot get there from where it is
        """
        self.ensure_one()
        is_disputed = self.status == "disputed" and status != "disputed"
        refusals = {
            self.env._("amount: only allowed when deciding a dispute."): (
                amount is not None and not is_disputed
            ),
            self.env._("deadline: only allowed when opening a dispute."): (
                deadline and status != "disputed"
            ),
            self.env._("document: only allowed when opening a dispute."): (
                is_disputed and (document_id or document_uri)
            ),
        }
        for refusal, holds in refusals.items():
            if holds:
                raise ValidationError(refusal)
        if is_disputed:
            self._decide_by_program(status, reason, amount)
            return
        document = self._document_of_program(document_id, document_uri)
        if status == "disputed":
            self.env["kpi.commission.dispute"].create(
                {
                    "commission_id": self.id,
                    "reason": reason,
                    "document_id": document.id,
                    "deadline": deadline,
                }
            )
        else:
            self._settle(status, reason, document)

    def _decide_by_program(self, status, reason, amount):
        dispute = self.dispute_ids.filtered(lambda each: each.state == "open")
        if status not in ("written_off", dispute.former_status):
            raise self._cannot_become(status)
        outcome = "rejected" if amount is None else "upheld"
        if status == "written_off":
            outcome = status
        dispute._decide(outcome, reason, float(amount or 0))

    def _document_of_program(self, document_id, uri):
        """The document that a program names, or that is added with its address."""
        documents, deal = self.env["kpi.deal.document"], self.deal_id
        if document_id and uri:
            raise UserError(
                self.env._("document: enter its ID or its address, not both.")
            )
        if uri:
            values = {"deal_id": deal.id, "title": self.display_name, "uri": uri}
            return documents.create(values)
        domain = [("id", "=", document_id), ("deal_id", "=", deal.id)]
        document = documents.search(domain) if document_id else documents
        if document_id and not document:
            raise UserError(
                self.env._("document_id: the deal has no document %s.", document_id)
            )
        return document

    def _check_changeable(self, names):
        """Refuse to change what is settled or what a plan has computed by itself."""
        labels = ", ".join(
            self._fields[name]._description_string(self.env) for name in names
        )
        for commission in self:
            if commission._is_settled():
                raise LockError(
                    self.env._(
                        "%(commission)s is no longer pending: %(fields)s cannot be "
                        "changed. Book an adjustment.",
                        commission=commission.display_name,
                        fields=labels,
                    )
                )
        computed = self.filtered("plan_id")
        if computed and not self.env.su:
            raise UserError(
                self.env._(
                    "The plan computes %(commission)s: %(fields)s cannot be "
                    "changed. Book an adjustment after approval.",
                    commission=computed[0].display_name,
                    fields=labels,
                )
            )

    def _is_settled(self):
        """Check whether its amount stands: what follows is booked beside it."""
        return self.status != "pending" or bool(self.confirmed_at)

    def _log(self, event_type, personal=None, **values):
        """Log each as it is now, with other ``values`` and ``personal`` texts."""
        events = self.env["kpi.commission.event"]
        stated = self._prepare_record_values()
        states = events._prepare_states(self, event_type in PRICING)
        worths = events._prepare_given_values(states)
        entries = self.env["kpi.audit.log"]._append(
            [
                AuditEvent(
                    commission.deal_id,
                    event_type,
                    {**stated[commission.id], **worth, **values},
                    dict(personal or {}),
                )
                for commission, worth in zip(self, worths, strict=True)
            ]
        )
        self._link_entries(entries)
        events._insert_logged(states, entries)
        self._announce_undecided()
        return entries

    @api.model
    def _get_audited_members(self):
        return {
            **{name: moment_text_sql(SQL.identifier("held", name)) for name in MOMENTS},
            "agent": SQL("held.agent_id"),
            "amount": SQL("held.commission_amount::numeric(16, 2)::text"),
            "basis": SQL("coalesce(held.basis_amount, 0)::numeric(16, 2)::text"),
            "commission": SQL("held.id"),
            "confirmed_by": SQL("held.confirmed_by"),
            "currency": CURRENCY,
            "derivation": SQL("derivation.hash"),
            "earned_on": SQL("held.earned_on::text"),
            # With the one whose terms apply, where that is another.
            "plan": SQL(
                """
                CASE WHEN held.terms_id IS NOT DISTINCT FROM held.plan_id
                     THEN to_json(held.plan_id)
                     ELSE to_json(concat_ws(' ', held.plan_id,
                                            coalesce(held.terms_id::text, '-'))) END
                """
            ),
            "rate": SQL("coalesce(held.commission_rate, 0)::numeric(5, 4)::text"),
            "rule": SQL("held.rule"),
            "status": SQL("held.status"),
            "type": SQL("held.commission_type"),
        }

    def _audited_joins_sql(self):
        """SQL of a hash over the steps of each derivation, or of those of ``self``."""
        return SQL(
            """
            LEFT JOIN (
                SELECT commission_id,
                       encode(sha256(convert_to(string_agg(concat_ws(' ', sequence,
                           kind, basis::numeric(16, 4), factor::numeric(16, 8),
                           amount::numeric(16, 4), total::numeric(16, 4)),
                           ', ' ORDER BY sequence, id), 'UTF8')), 'hex') AS hash
                  FROM kpi_commission_step
                 WHERE %s
              GROUP BY commission_id
              ) AS derivation ON derivation.commission_id = held.id
            """,
            SQL("commission_id = ANY(%s)", self.ids) if self else SQL("TRUE"),
        )

    def _adjust(self, adjustment_type, amount, note):
        """Book a signed amount, a number or a text, beside the settled one.

        :raises AccessError: the user may not settle this commission
        :raises ValidationError: nothing to book, a wrong sign, or more than is left
        """
        self.ensure_one()
        absent = self._check_may_decide()[self]
        if self.status in ("disputed", "written_off"):
            raise UserError(
                self.env._(
                    "%s is disputed or written off and cannot be adjusted.",
                    self.display_name,
                )
            )
        amount = float(amount)
        self._check_adjustment(adjustment_type, amount, note)
        # Adjustments are written by the ledger only; who may was checked above.
        commission = self.sudo()
        instead = self._prepare_instead_values(absent)
        return commission._book(adjustment_type, exact(amount), "hand", note, **instead)

    def _book(self, adjustment_type, amount, origin, note, **logged):
        """Book an adjustment that no billing is the reason of."""
        nothing = self.env["kpi.deal.billing"]
        row = (self, adjustment_type, amount, origin, nothing, note)
        return self.env["kpi.commission.adjustment"]._book([row], **logged)

    def _check_adjustment(self, adjustment_type, amount, note):
        reason = ""
        if not abs(amount) < 1e12:
            reason = self.env._("the amount is too large.")
        elif not exact(amount):
            reason = self.env._("the amount is 0.")
        elif adjustment_type == "clawback" and amount > 0:
            reason = self.env._("a clawback must be below 0.")
        elif adjustment_type == "clawback" and -exact(amount) > exact(self.net_amount):
            reason = self.env._(
                "a clawback cannot exceed the remaining commission, %s.",
                format_amount(self.env, self.net_amount, self.currency_id),
            )
        elif adjustment_type == "bonus" and amount < 0:
            reason = self.env._("a bonus must be above 0.")
        elif not (note or "").strip():
            reason = self.env._("enter a reason.")
        if reason:
            raise ValidationError(self.env._("Adjustment not booked: %s", reason))
