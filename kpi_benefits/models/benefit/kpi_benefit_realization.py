from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import date_utils

from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.money import exact
from odoo.addons.kpi_base.fields import RichText
from odoo.addons.kpi_base.formatting import format_small_percent
from odoo.addons.kpi_base.models.approval.people import check_works_here
from odoo.addons.kpi_base.rights import search_by

from ...engine.fault import BenefitError
from ...engine.history import count_months, list_levels, spread_total
from ...engine.standing import DIGITS, explain_shortfall
from ...fields import Colleague, Origins, Status

BENEFIT_TYPES = [
    ("cost_reduction", "Cost Reduction"),
    ("revenue_increase", "Revenue Increase"),
    ("efficiency_gain", "Efficiency Gain"),
    ("risk_reduction", "Risk Reduction"),
    ("quality_improvement", "Quality Improvement"),
    ("customer_satisfaction", "Customer Satisfaction"),
    ("compliance", "Compliance"),
    ("other", "Other"),
]
LONGEST = 600  # months
MOST_SHARES = 120
MOST_RAMP = 120  # months, where no end of the benefit limits it
LARGEST_SHARE = 10.0
PLANNED_BY = {
    "amount",
    "is_recurring",
    "date_from",
    "date_to",
    "ramp_up",
    "ramp_months",
    "custom_shares",
}
STATUSES = [
    ("planned", "Planned"),
    ("in_progress", "In Progress"),
    ("at_risk", "At risk"),
    ("realized", "Realized"),
    ("not_realized", "Not Realized"),
]
# Months from one value to the next, of benefits and of KPIs that measure them.
MONTHS_BETWEEN = {"quarter": 3, "half_year": 6, "year": 12}
CONFIRMED_AT_END = {"realized", "not_realized"}
SHORTFALLS = ("shortfall", "explained_shortfall", "unexplained_shortfall")
WATCHED = (
    "period_ids.planned",
    "period_ids.realized",
    "period_ids.period_start",
    "leakage_ids.lost_value",
    "leakage_ids.active",
    "leakage_ids.kind",
)


class KpiBenefitRealization(models.Model):
    """A benefit that an initiative is to bring, and what has come of it."""

    _name = "kpi.benefit.realization"
    _description = "Benefit"
    _table = "benefit_realizations"
    _inherit = [
        "kpi.access.mixin",
        "kpi.amount.mixin",
        "kpi.initiative.part.mixin",
        "kpi.readonly.mixin",
        "kpi.thread.mixin",
        "mail.activity.mixin",
    ]
    _order = "date_from, name, id"
    _kpi_measurable = True
    _mail_post_access = "read"
    _readable_by = (
        "owner_id",
        "initiative_id",
        "company_id",
        "baseline_id",
        "former_report_ids",
    )
    _editable_by = _readable_by

    active = fields.Boolean(default=True)
    name = fields.Char("Benefit", required=True, tracking=True)
    initiative_id = fields.Many2one(
        tracking=True, domain="[('is_editable_by_me', '=', True)]"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    owner_id = Colleague(
        compute="_compute_owner_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        tracking=True,
        check_company=True,
        help="Confirms the realized value.",
    )
    benefit_type = fields.Selection(
        BENEFIT_TYPES, "Type", required=True, default="cost_reduction", tracking=True
    )
    money_effect = fields.Selection(
        [
            ("cashable", "Cashable"),
            ("avoidance", "Cost Avoided"),
            ("non_financial", "Non-Financial"),
        ],
        required=True,
        default="cashable",
        tracking=True,
        help="Cashable: reduces a budget or adds revenue. Cost Avoided: prevents a "
        "cost. Non-Financial: affects no account.",
    )
    description = RichText()
    evidence = fields.Text(
        tracking=True,
    )
    amount = fields.Monetary(
        required=True,
        tracking=True,
        help="Amount per month at full size, or one-time. Negative means a disbenefit.",
    )
    is_recurring = fields.Boolean("Every Month", default=True, tracking=True)
    date_from = fields.Date(
        "First Month",
        required=True,
        tracking=True,
        default=lambda self: self._get_this_month(),
    )
    date_to = fields.Date(
        "Last Month", tracking=True, help="Monthly benefits need a last month."
    )
    reported_every = fields.Selection(
        [
            ("quarter", "Every Quarter"),
            ("half_year", "Every Half Year"),
            ("year", "Every Year"),
        ],
        "Reported",
        tracking=True,
        help="Leave empty to report monthly, or at the KPI's frequency if it is lower.",
    )
    ramp_up = fields.Selection(
        [("linear", "Linear"), ("s_curve", "S-Curve"), ("custom", "Custom Shares")],
        "Ramp-Up",
        required=True,
        default="linear",
        tracking=True,
    )
    ramp_months = fields.Integer(
        "Ramp-Up Months",
        tracking=True,
        help="Months until full size. 0 means immediately.",
    )
    custom_shares = fields.Char(
        "Shares (%)",
        help="Monthly shares of the full size, e.g. 10 40 100. The last one "
        "applies to later months.",
    )
    period_ids = fields.One2many("kpi.benefit.period", "benefit_id", "Months")
    expected_value = fields.Monetary(
        compute="_compute_expected_value",
        store=True,
        help="Planned value over the full life.",
    )
    realized_value = fields.Monetary(compute="_compute_expected_value", store=True)
    has_value = fields.Boolean(
        "Has Realized Values", compute="_compute_expected_value", store=True
    )
    status = Status(STATUSES, default="planned")
    suggested_status = fields.Selection(
        STATUSES, compute="_compute_suggested_status", exportable=False
    )
    suggestion_reason = fields.Char(
        compute="_compute_suggested_status", exportable=False
    )
    assumption_ids = fields.One2many(
        "kpi.benefit.assumption", "benefit_id", copy=True, string="Assumptions"
    )
    assumptions = fields.Text(
        "Assumptions as Text",
        compute="_compute_assumptions",
        inverse="_inverse_assumptions",
        exportable=False,
        help="One assumption per line.",
    )
    assumption_review_date = fields.Date(
        "Next Assumption Check",
        compute="_compute_assumption_review_date",
        inverse="_inverse_assumptions",
        exportable=False,
    )
    baseline_id = fields.Many2one(
        "kpi.baseline",
        "Measured by",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,  # nor tracked: messages are read when it measures no longer
        domain="[('initiative_id', '=', initiative_id)]",
        help="Calculates the monthly values. Leave empty to enter them manually.",
    )
    former_report_ids = Origins(
        "kpi.report",
        "kpi_benefit_former_report_rel",
        "benefit_id",
        "report_id",
        "Previously Measured By",
        help="Only people who can see these KPIs can see the benefit.",
    )
    is_measure_hidden = fields.Boolean(
        compute="_compute_is_measure_hidden",
        search=search_by("_get_hidden_domain"),
        exportable=False,
        help="Previously measured by a KPI you cannot access.",
    )
    leakage_ids = fields.One2many("kpi.value.leakage", "benefit_id", "Leakages")

    _benefit_type_choices = Choices("benefit_type")
    _status_choices = Choices("status")
    _baseline_uniq = models.UniqueIndex(
        "(baseline_id) WHERE active AND baseline_id IS NOT NULL",
        "Another benefit uses this KPI. Choose another KPI.",
    )

    @api.depends("initiative_id")
    def _compute_owner_id(self):
        for benefit in self:
            if not benefit.owner_id:
                benefit.owner_id = benefit.initiative_id.owner_id

    @api.constrains("owner_id", "initiative_id")
    def _check_owner(self):
        for benefit in self:
            check_works_here(benefit, "owner_id", benefit.company_id)

    def _get_screen_url(self):
        return f"{self.get_base_url()}/odoo/benefits/{self.id}"

    @api.constrains(*PLANNED_BY)
    def _check_plan(self):
        for benefit in self:
            try:
                benefit._prepare_plan()
            except BenefitError as error:
                raise ValidationError(
                    self.env._(
                        "%(benefit)s: %(reason)s",
                        benefit=benefit.name,
                        reason=error.translate_with(self.env._),
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        benefits = super().create(vals_list)
        benefits._plan_months()
        benefits._measure_months()
        return benefits

    def write(self, vals):
        if vals.get("initiative_id"):
            # Its owner may change a benefit, not put it into what others answer for.
            (
                self.initiative_id | self.initiative_id.browse(vals["initiative_id"])
            ).check_access("write")
            self._check_same_review(vals)
        if "baseline_id" in vals:
            self._check_new_baseline(vals["baseline_id"])
        owners = {one: one.owner_id for one in self} if "owner_id" in vals else {}
        result = super().write(vals)
        for benefit, owner in owners.items():
            # The right to the benefit was checked; it may be another's by now.
            given = benefit.sudo()
            rows = given.assumption_ids.filtered(
                lambda one, owner=owner: one.owner_id == owner
            )
            rows.owner_id = given.owner_id
        if vals.keys() & PLANNED_BY:
            before = {one: one.expected_value for one in self}
            self._plan_months()
            self.filtered(
                lambda one: one.expected_value != before[one]
            )._reopen_confirmed()
        if "baseline_id" in vals and not vals["baseline_id"]:
            # Months are entered from now on.
            self.env["kpi.baseline"]._empty_measured(self.ids)
        if vals.keys() & {"baseline_id", *PLANNED_BY}:
            self._measure_months()
        return result

    @api.model
    def _get_this_month(self):
        """First day of the month that runs."""
        return date_utils.start_of(fields.Date.context_today(self), "month")

    @api.model
    def _find_ended(self, domain=Domain.TRUE, **options):
        """Benefits of which all planned months are over, as far as the user sees them.

        Archived ones as well: otherwise what failed would be forgotten first.
        """
        this_month = self._get_this_month()
        last = Domain("is_recurring", "=", True) & Domain("date_to", "<", this_month)
        only = Domain("is_recurring", "=", False) & Domain("date_from", "<", this_month)
        everything = self.with_context(active_test=False)
        return everything.search((last | only) & domain, **options)

    def _list_months(self):
        """First days of the months of the benefit."""
        if not self.date_from:
            raise BenefitError(self.env._("Enter the first month."))
        first = self.date_from.replace(day=1)
        if not self.is_recurring:
            return [first]
        if not self.date_to:
            raise BenefitError(self.env._("Monthly benefits need a last month."))
        last = self.date_to.replace(day=1)
        count = count_months(first, last) + 1
        if not 1 <= count <= LONGEST:
            raise BenefitError(
                self.env._("The benefit must last 1 to %s months.", LONGEST)
            )
        return [first + relativedelta(months=place) for place in range(count)]

    def _check_ramp_up(self, count):
        """:raises BenefitError: its ramp-up is longer than the benefit, or endless"""
        is_limited = self.is_recurring and self.ramp_up != "custom"
        if not is_limited and self.ramp_months > MOST_RAMP:
            raise BenefitError(
                self.env._("Ramp-up cannot exceed %s months.", MOST_RAMP)
            )
        if is_limited and self.ramp_months > count:
            raise BenefitError(
                self.env._(
                    "The ramp-up (%(ramp)s months) exceeds the benefit (%(count)s "
                    "months). Shorten the ramp-up.",
                    ramp=self.ramp_months,
                    count=count,
                )
            )

    def _read_shares(self):
        """Read the shares that people typed."""
        texts = (self.custom_shares or "").replace(";", " ").split()
        if len(texts) > MOST_SHARES:
            raise BenefitError(self.env._("Enter at most %s shares.", MOST_SHARES))
        try:
            shares = [float(text.strip("%")) / 100 for text in texts]
        except ValueError:
            raise BenefitError(
                self.env._("Enter numbers separated by spaces, e.g. 10 40 100.")
            ) from None
        if not all(0 <= share <= LARGEST_SHARE for share in shares):
            raise BenefitError(self.env._("Shares must be between 0% and 1,000%."))
        return shares

    def _plan_months(self):
        """Make the months what the plan says; what was realised stays.

        A month that is no longer planned stays as well where it has a value. Three
        statements, however many months there are.
        """
        plans = [
            (benefit.id, day, amount)
            for benefit in self
            for day, amount in benefit._prepare_plan().items()
        ]
        self.env["kpi.benefit.period"]._write_plans(self.ids, plans)
        self.modified(["period_ids"])

    def _prepare_plan(self) -> dict[date, float]:
        """Amount of each month, rounded so that they add up to the whole.

        :raises BenefitError: there is no such plan, or it has no size in any month
        """
        months = self._list_months()
        self._check_ramp_up(len(months))
        levels = [1.0]
        if self.is_recurring:
            shares = self._read_shares()
            levels = list_levels(self.ramp_up, self.ramp_months, len(months), shares)
        digits = self.currency_id.decimal_places
        total = exact(float(sum(levels)) * self.amount, digits)
        amounts = spread_total(total, levels, Decimal(1).scaleb(-digits))
        return dict(zip(months, map(float, amounts), strict=True))

    @api.depends("period_ids.planned", "period_ids.realized")
    def _compute_expected_value(self):
        for benefit in self:
            periods = benefit.period_ids
            benefit.expected_value = sum(periods.mapped("planned"))
            benefit.realized_value = sum(one.realized or 0.0 for one in periods)
            benefit.has_value = any(one.realized is not False for one in periods)

    @api.depends("period_ids.planned", "period_ids.realized", "period_ids.period_start")
    def _compute_planned_to_date(self):
        for one in self:
            one.planned_to_date, one.realization_rate = (
                one.period_ids._measure_to_date()
            )

    def _get_months_between(self):
        """Return the months from one value to the next, as far as they are known."""
        # How often KPIs have a value is no secret; that they measure it is not told.
        baseline = self.sudo().baseline_id
        reports = baseline.report_id | baseline.control_id
        reports |= baseline.adoption_id | baseline.volume_id
        every = [self.reported_every, *reports.definition_id.mapped("frequency")]
        return max(MONTHS_BETWEEN.get(one, 1) for one in every)

    @api.depends(
        "period_ids.planned",
        "period_ids.realized",
        "period_ids.period_start",
        "reported_every",
        "baseline_id",
    )
    def _compute_suggested_status(self):
        for benefit in self:
            found = benefit.period_ids._judge()
            benefit.suggested_status = found.standing
            rate, count = (
                format_small_percent(self.env, found.rate or 0.0),
                found.silent,
            )
            benefit.suggestion_reason = {
                "not_begun": self.env._("First month not closed yet."),
                "as_planned": self.env._("%s of the plan realized to date.", rate),
                "behind": self.env._("Only %s of the plan realized to date.", rate),
                "above": self.env._(
                    "%s of the plan realized to date (less is better).", rate
                ),
                "unreported": self.env._(
                    "All months closed, %s without a value.", count
                ),
                "overrun": self.env._(
                    "All months closed: %s of the plan realized (less is better).",
                    rate,
                ),
                "silent": self.env._("No value for the last %s months.", count),
                "reached": self.env._(
                    "All months closed: %s of the plan realized.", rate
                ),
                "missed": self.env._(
                    "All months closed: only %s of the plan realized.", rate
                ),
            }[found.reason]

    @api.constrains("status", "evidence")
    def _check_realized_evidence(self):
        for benefit in self:
            if benefit.status == "realized" and not (benefit.evidence or "").strip():
                raise ValidationError(
                    self.env._(
                        "%s needs evidence while its status is “Realized”.",
                        benefit.name,
                    )
                )

    def action_confirm_status(self):
        """Give these benefits the status that the rules suggest."""
        for benefit in self:
            benefit._set_status(benefit.suggested_status)

    def _set_status(self, status):
        """Give the benefit a status; one that the rules do not suggest needs evidence.

        So does “realized”, as long as it is.

        :raises UserError: the evidence is missing
        """
        self.ensure_one()
        self.check_access("write")
        if status == self.status:
            return
        if not (self.evidence or "").strip():
            if status == "realized":
                raise UserError(
                    self.env._(
                        "%s: enter evidence of the realized value first.",
                        self.name,
                    )
                )
            if status != self.suggested_status:
                labels = dict(self._fields["status"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "%(benefit)s: suggested status is “%(suggested)s”. Enter "
                        "evidence for “%(status)s” first.",
                        benefit=self.name,
                        suggested=labels[self.suggested_status],
                        status=labels[status],
                    )
                )
        # The right to was checked above; only methods set the status.
        self.sudo().status = status

    def _reopen_confirmed(self):
        """Take back what was confirmed at the end, as its values are others now."""
        confirmed = self.filtered(lambda one: one.status in CONFIRMED_AT_END)
        # The right to the values was checked; only methods set the status.
        confirmed.sudo().status = "in_progress"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        for benefit in self:
            if reason := benefit._say_why_it_stays():
                raise UserError(reason)

    def _say_why_it_stays(self):
        """Say why this benefit cannot be deleted; empty: it can be."""
        name = self.display_name
        if self.has_value:
            return self.env._("%s has realized values. Archive it instead.", name)
        # Whoever owns the benefit need not see the initiative.
        if self.sudo().initiative_id.was_approved:
            return self.env._(
                "%s belongs to an approved initiative. Archive it instead.",
                name,
            )
        if self.status != "planned":
            return self.env._("%s has a confirmed status. Archive it instead.", name)
        if any(not score._is_open() for score in self.confidence_ids):
            return self.env._(
                "%s has confidence scores. Archive it instead.",
                name,
            )
        return ""

    @api.depends("assumption_ids.name")
    def _compute_assumptions(self):
        for benefit in self:
            lines = [one.name for one in benefit.assumption_ids if one.name]
            benefit.assumptions = "\n".join(lines) or False

    @api.depends("assumption_ids.review_date")
    def _compute_assumption_review_date(self):
        for benefit in self:
            benefit.assumption_review_date = benefit.assumption_ids._find_next_check()

    def _inverse_assumptions(self):
        """Make the rows what a text and a day say; lines that stay keep their checks.

        A new day is that of all rows; lines that are new have it, too.
        """
        for benefit in self:
            rows, day = benefit.assumption_ids, benefit.assumption_review_date
            lines = _split(benefit.assumptions)
            gone = rows.filtered(lambda one, lines=lines: one.name not in lines)
            stay = rows - gone
            known = set(stay.mapped("name"))
            values = [Command.delete(one.id) for one in gone]
            if day != rows._find_next_check():
                values += [Command.update(one.id, {"review_date": day}) for one in stay]
            values += [
                Command.create({"name": line, "review_date": day})
                for line in lines
                if line not in known
            ]
            benefit.assumption_ids = values

    @api.constrains("initiative_id")
    def _check_assumption_owners(self):
        self.assumption_ids._check_owner()

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("former_report_ids")
    def _compute_is_measure_hidden(self):
        for benefit in self:
            # Which KPIs they are is not told.
            former = benefit.sudo().former_report_ids
            benefit.is_measure_hidden = not all(former.mapped("is_readable_by_me"))

    @api.model
    def _get_hidden_domain(self):
        # Those that the user may not see are what is asked for.
        hidden = Domain("is_readable_by_me", "=", False)
        return Domain("former_report_ids", "any!", hidden)

    @api.constrains("baseline_id", "initiative_id")
    def _check_baseline(self):
        for benefit in self:
            baseline = benefit.baseline_id
            if baseline and baseline.initiative_id != benefit.initiative_id:
                raise ValidationError(
                    self.env._(
                        "%(benefit)s: %(kpi)s belongs to another initiative.",
                        benefit=benefit.name,
                        kpi=baseline.name,
                    )
                )

    def _check_new_baseline(self, baseline_id):
        """Refuse to lose what was entered.

        Which KPIs measured a benefit is noted where another one does now, or none.
        """
        new = self.baseline_id.browse(baseline_id or ())
        for benefit in self:
            if new and not benefit.baseline_id and benefit.has_value:
                raise UserError(
                    self.env._(
                        "%s has manually entered values. Clear them first.",
                        benefit.name,
                    )
                )
            if benefit.baseline_id != new:
                benefit._remember_reports(benefit.baseline_id._get_used_reports())

    def _remember_reports(self, reports):
        """Have only those see these benefits who may see what measured them."""
        # Who may see them is the same as before; nobody types this.
        for benefit in self.sudo():
            leakages = benefit.with_context(active_test=False).leakage_ids
            # Otherwise nothing was said that may tell what was measured.
            if benefit.has_value or leakages:
                benefit.former_report_ids += reports

    def _measure_months(self):
        """Work out the months of those that a KPI measures."""
        # What it is worked out from is read by the engine, as facts are.
        baselines = self.sudo().baseline_id
        baselines._rebuild_measured(baselines)

    @api.depends(*WATCHED)
    def _compute_shortfall(self):
        for benefit in self:
            found = explain_shortfall(
                {benefit.id: benefit._measure_gap()},
                {benefit.id: benefit.leakage_ids._add_up_losses()},
            )
            benefit.update(dict(zip(SHORTFALLS, found, strict=True)))

    def _measure_gap(self):
        """Planned less realised of the months that are over; below 0: ahead."""
        planned, realized = self.period_ids._add_up_to_date()
        return round(planned - realized, DIGITS)

    @api.ondelete(at_uninstall=False)
    def _unlink_leakages(self):
        """Delete its leakages: without it more people would read them."""
        # Whoever may delete the benefit deletes all that belongs to it.
        leakages = self.sudo().with_context(active_test=False).leakage_ids
        for benefit in leakages.filtered(lambda one: one._is_evidence()).benefit_id:
            raise UserError(
                self.env._(
                    "%s has leakages detected automatically or no longer "
                    "“Identified”. Archive it instead.",
                    benefit.with_env(self.env).display_name,
                )
            )
        leakages.unlink()


def _split(text):
    """Lines of a text, each once, as assumptions are stored."""
    lines = (" ".join(line.split()) for line in (text or "").splitlines())
    return list(dict.fromkeys(filter(None, lines)))
