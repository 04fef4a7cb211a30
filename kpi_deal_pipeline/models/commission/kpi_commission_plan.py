from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, date_utils

from odoo.addons.kpi_base.actions import open_dialog
from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.fields import OptionalFloat

from ...engine.commission import Accelerator, Band, CommissionError, Plan
from .kpi_commission import COMMISSION_TYPES, CURRENCY
from .kpi_commission_term import SAVING

COMPUTATIONS = [
    ("flat", "Flat Amount per Deal"),
    ("percentage", "Percentage"),
    ("product", "Percentage by Product or Asset Type"),
    ("marginal", "Marginal Tiers (Rate per Tier)"),
    ("retroactive", "Retroactive Tiers (Reached Rate for Whole Period)"),
]
# What a plan pays; settled once somebody was paid by it.
TERMS = {
    "commission_type",
    "currency_id",
    "computation",
    "base",
    "flat_amount",
    "rate",
    "tier_ids",
    "rate_ids",
    "quota",
    "accelerator_ids",
    "line_floor",
    "line_cap",
    "period_cap",
    "override_ids",
    "period",
    "accrual",
    "clawback",
    "clawback_months",
    "clawback_is_linear",
}
FOUR = SQL("::numeric(7, 4)::text")
AMOUNT = SQL("::numeric(16, 2)::text")


class KpiCommissionPlan(models.Model):
    """Terms by which the commissions of some agents are computed, and fall due.

    They are in the plan's audit chain with each change.
    """

    _name = "kpi.commission.plan"
    _description = "Commission Plan"
    _inherit = [
        "kpi.last.day.mixin",
        "kpi.input.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "kpi.access.mixin",
        "kpi.audited.record.mixin",
    ]
    _order = "name, date_from desc, id"
    _readable_by = ("agent_ids", "company_id")
    _check_company_auto = True
    _audited_model = "kpi.commission.plan"
    _audited_events = "commission_plan_"

    name = fields.Char(required=True, tracking=True, translate=True)
    active = fields.Boolean(
        default=True,
        tracking=True,
        help="Archived plans pay no commissions.",
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("ended", "Ended")],
        string="Status",
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="restrict",
    )
    agent_ids = fields.Many2many(
        "res.users",
        string="Agents",
        tracking=True,
        help="Leave empty for all agents of the company.",
        # Who has left is paid for what was won before.
        context={"active_test": False},
    )
    date_from = fields.Date(
        "From", required=True, default=fields.Date.context_today, tracking=True
    )
    date_to = fields.Date(
        "Ends Before",
        help="First day the plan no longer applies.",
        copy=False,
        tracking=True,
    )
    replaced_id = fields.Many2one(
        "kpi.commission.plan",
        "Replaces",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        help="Plan that ends when this one starts.",
    )
    period = fields.Selection(
        [("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        "Settlement Period",
        required=True,
        tracking=True,
        default="quarter",
        help="Applies to tiers, quotas and the maximum per period.",
    )
    commission_type = fields.Selection(
        COMMISSION_TYPES, required=True, default="exclusive", tracking=True
    )
    base = fields.Selection(
        [
            ("value", "Deal Value"),
            ("invoiced", "Invoices"),
            ("margin", "Margin"),
        ],
        "Based On",
        required=True,
        tracking=True,
        default="value",
    )
    computation = fields.Selection(
        COMPUTATIONS, required=True, default="percentage", tracking=True
    )
    flat_amount = fields.Monetary("Amount per Deal", tracking=True)
    rate = fields.Float(
        digits=(5, 4),
        help="Default rate for products not listed.",
        tracking=True,
    )
    tier_ids = fields.One2many(
        "kpi.commission.tier", "plan_id", "Tiers", copy=True, readonly=False
    )
    rate_ids = fields.One2many(
        "kpi.commission.rate", "plan_id", "Rates", copy=True, readonly=False
    )
    quota = OptionalFloat(
        digits=(16, 2),
        help="Expected amount per agent and period.",
        tracking=True,
    )
    accelerator_ids = fields.One2many(
        "kpi.commission.accelerator", "plan_id", "Accelerators", copy=True
    )
    line_floor = OptionalFloat("Minimum per Deal", digits=(16, 2), tracking=True)
    line_cap = OptionalFloat("Maximum per Deal", digits=(16, 2), tracking=True)
    period_cap = OptionalFloat("Maximum per Period", digits=(16, 2), tracking=True)
    override_ids = fields.One2many(
        "kpi.commission.override", "plan_id", "Managers' Shares", copy=True
    )
    draw_amount = fields.Monetary(
        "Guaranteed per Period",
        help="If less is earned, the difference is paid. 0 means no guarantee.",
        tracking=True,
    )
    draw_is_recoverable = fields.Boolean(
        "Recoverable",
        default=True,
        help="Pays the difference as an advance, deducted from later earnings.",
        tracking=True,
    )
    accrual = fields.Selection(
        [
            ("won", "Deal Is Won"),
            ("invoiced", "Customer Is Invoiced"),
            ("paid", "Customer Pays"),
        ],
        "Due When",
        required=True,
        tracking=True,
        default="won",
    )
    clawback = fields.Selection(
        [
            ("none", "None"),
            ("share", "Refunded Share of Commission"),
            ("rate", "Refund × Original Rate"),
            ("true_up", "Difference after Recalculation"),
        ],
        "Clawback on Refunds",
        required=True,
        tracking=True,
        default="share",
    )
    clawback_months = fields.Integer(
        "Within (Months)", help="0 means no limit.", tracking=True
    )
    clawback_is_linear = fields.Boolean(
        "Decreases Monthly",
        help=("The clawback decreases to 0 over the months in “Within (Months)”."),
        tracking=True,
    )
    commission_ids = fields.One2many("kpi.commission", "plan_id", "Commissions")
    settled_at = fields.Datetime("Last Computed", readonly=True, copy=False)

    _dates_check = models.Constraint(
        "CHECK (date_to > date_from)", "The plan must end after it begins."
    )
    _amounts_check = models.Constraint(
        """CHECK (least(flat_amount, quota, line_floor, line_cap, period_cap,
                        draw_amount) >= 0
                  AND greatest(flat_amount, quota, line_floor, line_cap, period_cap,
                               draw_amount) < 1e12)""",
        "Plan amounts must be 0 or more and below 1,000,000,000,000.",
    )
    _clawback_months_check = models.Constraint(
        "CHECK (clawback_months >= 0 AND (clawback_months > 0 OR clawback_is_linear IS"
        " NOT TRUE))",
        "Enter the months over which the clawback decreases.",
    )

    @api.constrains(
        "computation",
        "rate",
        "flat_amount",
        "quota",
        "line_floor",
        "line_cap",
        "tier_ids",
        "rate_ids",
        "accelerator_ids",
    )
    def _check_terms(self):
        for plan in self:
            try:
                plan._terms()
            except CommissionError as error:
                raise ValidationError(
                    self.env._(
                        "%(plan)s: %(reason)s", plan=plan.name, reason=str(error)
                    )
                ) from error

    @api.constrains(
        "state", "active", "agent_ids", "date_from", "date_to", "company_id"
    )
    def _check_one_plan(self):
        """An agent follows one plan at a time."""
        checked = self.filtered(lambda plan: plan.active and plan.state != "draft")
        companies = checked.company_id
        self.env["kpi.claim"]._claim(
            *(f"commission plans of company {company.id}" for company in companies)
        )
        used = self.search(
            [("state", "!=", "draft"), ("company_id", "in", self.company_id.ids)]
        )
        for plan in checked:
            for other in used - plan:
                if (
                    plan.company_id == other.company_id
                    and (not plan.date_to or other.date_from < plan.date_to)
                    and (not other.date_to or plan.date_from < other.date_to)
                    and (
                        not plan.agent_ids
                        or not other.agent_ids
                        or bool(plan.agent_ids & other.agent_ids)
                    )
                ):
                    raise ValidationError(
                        self.env._(
                            "%(plan)s and %(other)s cover the same agents at the "
                            "same time. End one first.",
                            plan=plan.name,
                            other=other.name,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        # Terms of a plan that is saved are checked together, see ``_check_terms``.
        saving = self.with_context(kpi_commission_plan_saving=SAVING)
        plans = super(KpiCommissionPlan, saving).create(vals_list).with_env(self.env)
        plans._log_record("commission_plan_added")
        return plans

    def write(self, vals):
        before = self._prepare_record_values()
        if TERMS & set(vals):
            self._check_unsettled()
        # As in ``create``.
        saving = self.with_context(kpi_commission_plan_saving=SAVING)
        result = super(KpiCommissionPlan, saving).write(vals)
        after = self._prepare_record_values()
        for plan in self:
            if after[plan.id] != before[plan.id]:
                plan._note_change(before[plan.id], after[plan.id])
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.commission_ids:
            raise UserError(
                self.env._("A plan with commissions cannot be deleted. End it instead.")
            )

    def action_activate(self):
        """Use the plan from now on; deals won since it began are computed.

        Commissions that a former plan has computed are shown first.
        """
        self.check_access("write")
        for plan in self:
            replaced, start = plan.replaced_id, plan.date_from
            if (
                # The draft may have been given to another company since, and who
                # activates it may not see the former one.
                replaced.sudo().company_id == plan.company_id
                and (not replaced.date_to or replaced.date_to > start)
            ):
                replaced.date_to = start
        # The state is written by these methods.
        self.sudo().state = "active"
        self._settle_since()
        return self._review_waiting()

    def action_end(self):
        """The plan pays for no deal won from today on."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        # As above.
        for plan in self.sudo():
            end = plan.date_to
            if not end or end > today:
                end = max(today, plan.date_from + timedelta(days=1))
            plan.write({"date_to": end, "state": "ended"})
        return self._review_waiting()

    def action_simulate(self):
        """Open the dialog that computes the plan over past deals."""
        self.ensure_one()
        self.check_access("write")
        name, dialog = self.env._("Simulation"), self.env["kpi.commission.simulation"]
        return open_dialog(dialog, name, default_plan_id=self.id)

    def action_new_terms(self):
        """Open the dialog that continues the plan with other terms from a day on."""
        self.ensure_one()
        self.check_access("write")
        name, dialog = self.env._("New Terms"), self.env["kpi.commission.new.terms"]
        return open_dialog(dialog, name, default_plan_id=self.id)

    def _check_unsettled(self):
        # Whoever changes a plan changes it for commissions they may not see.
        commissions = self.sudo().env["kpi.commission"]
        by_them = Domain("plan_id", "in", self.ids) | Domain("terms_id", "in", self.ids)
        is_settled = Domain("status", "!=", "pending") | Domain(
            "confirmed_at", "!=", False
        )
        settled = commissions.search(by_them & is_settled)
        if settled:
            plans = self & (settled.plan_id | settled.terms_id)
            raise UserError(
                self.env._(
                    "Commissions of %s are settled. Duplicate the plan with the "
                    "new terms, then end or archive this one.",
                    ", ".join(plans.mapped("name")),
                )
            )

    def _terms(self):
        """The plan as the engine takes it.

        :raises CommissionError: what it pays is not clear
        """
        self.ensure_one()
        return Plan(
            unit=self.currency_id._commission_unit(),
            computation=self.computation,
            flat=exact(self.flat_amount),
            rate=exact(self.rate, 4),
            rates={each.product: exact(each.rate, 4) for each in self.rate_ids},
            bands=tuple(
                Band(
                    exact(tier.amount_from),
                    exact(tier.amount_to) if tier.amount_to else None,
                    exact(tier.rate, 4),
                )
                for tier in self.tier_ids
            ),
            accelerators=tuple(
                Accelerator(exact(each.above_ratio, 4), exact(each.factor, 4))
                for each in self.accelerator_ids
            ),
            **{
                name: exact(self[name]) if self[name] else None
                for name in ("quota", "line_floor", "line_cap", "period_cap")
            },
        )

    def _period_of(self, day):
        """First day of the period that holds ``day``, and the day after its last."""
        start = date_utils.start_of(day, self.period)
        return start, date_utils.end_of(day, self.period) + timedelta(days=1)

    def _type_of(self, rule):
        """Type of the plan's commissions; what is beside the own deals is a bonus."""
        return self.commission_type if rule == "plan" else "bonus"

    def _is_for(self, agent, day):
        """Check whether the plan pays this agent for deals won on that day."""
        return (
            self.active
            and (not self.agent_ids or agent in self.agent_ids)
            and self.date_from <= day
            and (not self.date_to or day < self.date_to)
        )

    def unlink(self):
        self._log_record("commission_plan_removed")
        return super().unlink()

    @api.model
    def _get_audited_members(self):
        agents = self._fields["agent_ids"]
        return {
            **{
                name: SQL("held.%s", SQL.identifier(name))
                for name in (
                    "accrual",
                    "base",
                    "clawback",
                    "commission_type",
                    "computation",
                    "period",
                )
            },
            "state": SQL("CASE WHEN held.active THEN held.state ELSE 'archived' END"),
            **{
                name: SQL("held.%s%s", SQL.identifier(name), AMOUNT)
                for name in (
                    "draw_amount",
                    "flat_amount",
                    "line_cap",
                    "line_floor",
                    "period_cap",
                    "quota",
                )
            },
            "accelerators": _parts_sql("accelerator", "above_ratio", "factor"),
            "agents": SQL(
                "(SELECT string_agg(%(agent)s::text, ' ' ORDER BY %(agent)s)"
                " FROM %(relation)s WHERE %(plan)s = held.id)",
                agent=SQL.identifier(agents.column2),
                plan=SQL.identifier(agents.column1),
                relation=SQL.identifier(agents.relation),
            ),
            "clawback_is_linear": SQL("coalesce(held.clawback_is_linear, FALSE)"),
            "clawback_months": SQL("coalesce(held.clawback_months, 0)"),
            "company": SQL("held.company_id"),
            "currency": CURRENCY,
            "date_from": SQL("held.date_from::text"),
            "date_to": SQL("held.date_to::text"),
            "draw_is_recoverable": SQL("coalesce(held.draw_is_recoverable, FALSE)"),
            "overrides": _parts_sql("override", "user_id", "rate"),
            "rate": SQL("held.rate%s", FOUR),
            "rates": _parts_sql("rate", "product", "rate"),
            "tiers": _parts_sql("tier", "amount_from", "amount_to", "rate"),
        }


def _parts_sql(kind, *names):
    """SQL of the terms of a kind of the plan ``held``, as one text."""
    return SQL(
        """
        (SELECT string_agg(concat_ws(' ', %(columns)s), ', '
                           ORDER BY concat_ws(' ', %(columns)s) COLLATE "C")
           FROM %(table)s WHERE plan_id = held.id)
        """,
        columns=SQL(", ").join(
            SQL("coalesce(%s::text, '-')", SQL.identifier(name)) for name in names
        ),
        table=SQL.identifier(f"kpi_commission_{kind}"),
    )
