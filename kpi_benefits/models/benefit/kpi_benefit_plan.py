from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import date_utils

from odoo.addons.kpi_base.engine.money import exact

from ...engine.fault import BenefitError
from ...engine.ramp_up import list_levels, spread_total

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


class KpiBenefitRealization(models.Model):
    """Plan of a benefit: an amount, when it begins and ends, how it grows."""

    _inherit = "kpi.benefit.realization"

    amount = fields.Monetary(
        required=True,
        tracking=True,
        help="Per month at full size, or once. Below 0: a disbenefit.",
    )
    is_recurring = fields.Boolean("Every Month", default=True, tracking=True)
    date_from = fields.Date(
        "First Month",
        required=True,
        tracking=True,
        default=lambda self: self._get_this_month(),
    )
    date_to = fields.Date(
        "Last Month", tracking=True, help="A benefit of every month needs an end."
    )
    ramp_up = fields.Selection(
        [("linear", "Linear"), ("s_curve", "S-curve"), ("custom", "Own shares")],
        "Ramp-Up",
        required=True,
        default="linear",
        tracking=True,
    )
    ramp_months = fields.Integer(
        "Months of Ramp-Up", tracking=True, help="Until the full size; 0: at once."
    )
    custom_shares = fields.Char(
        "Shares (%)",
        help="Of the full size, month by month; the last one stays: 10 40 100",
    )
    period_ids = fields.One2many("kpi.benefit.period", "benefit_id", "Months")

    @api.constrains(*PLANNED_BY)
    def _check_plan(self):
        for benefit in self:
            try:
                benefit._prepare_plan()
            except BenefitError as error:
                raise ValidationError(
                    self.env._(
                        "%(benefit)s: %(reason)s", benefit=benefit.name, reason=error
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        benefits = super().create(vals_list)
        benefits.baseline_id.check_access("read")
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
        self._check_new_baseline(vals)
        self._remember_measure(vals)
        owners = {one: one.owner_id for one in self} if "owner_id" in vals else {}
        result = super().write(vals)
        self._hand_over_assumptions(owners)
        if vals.keys() & PLANNED_BY:
            before = {one: one.expected_value for one in self}
            self._plan_months()
            self.filtered(
                lambda one: one.expected_value != before[one]
            )._reopen_confirmed()
        self._drop_measured(vals)
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

        :param domain: which of them
        :param options: of the search
        """
        this_month = self._get_this_month()
        last = Domain("is_recurring", "=", True) & Domain("date_to", "<", this_month)
        only = Domain("is_recurring", "=", False) & Domain("date_from", "<", this_month)
        everything = self.with_context(active_test=False)
        return everything.search((last | only) & domain, **options)

    def _list_months(self):
        """First days of the months of the benefit.

        :raises BenefitError: no beginning or end, or one before the other
        """
        if not self.date_from:
            raise BenefitError(self.env._("A benefit needs a first month."))
        first = self.date_from.replace(day=1)
        if not self.is_recurring:
            return [first]
        if not self.date_to:
            raise BenefitError(self.env._("A benefit of every month needs an end."))
        last = self.date_to.replace(day=1)
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        if not 1 <= count <= LONGEST:
            raise BenefitError(
                self.env._("It has to last from one month to %s months.", LONGEST)
            )
        return [first + relativedelta(months=place) for place in range(count)]

    def _list_levels(self, count):
        self._check_ramp_up(count)
        if not self.is_recurring:
            return [1.0]
        return list_levels(self.ramp_up, self.ramp_months, count, self._read_shares())

    def _check_ramp_up(self, count):
        """:raises BenefitError: its ramp-up is longer than the benefit, or endless"""
        if not self.is_recurring or self.ramp_up == "custom":
            if self.ramp_months > MOST_RAMP:
                raise BenefitError(
                    self.env._("A ramp-up lasts %s months at most.", MOST_RAMP)
                )
        elif self.ramp_months > count:
            raise BenefitError(
                self.env._(
                    "The ramp-up lasts %(ramp)s months, the benefit only %(count)s. "
                    "Shorten the ramp-up.",
                    ramp=self.ramp_months,
                    count=count,
                )
            )

    def _read_shares(self):
        """Read the shares that people typed.

        :raises BenefitError: what is no number, or none of a share
        """
        texts = (self.custom_shares or "").replace(";", " ").split()
        if len(texts) > MOST_SHARES:
            raise BenefitError(self.env._("Enter at most %s shares.", MOST_SHARES))
        try:
            shares = [float(text.strip("%")) / 100 for text in texts]
        except ValueError:
            raise BenefitError(
                self.env._("Shares are numbers with spaces between them: 10 40 100")
            ) from None
        if not all(0 <= share <= LARGEST_SHARE for share in shares):
            raise BenefitError(self.env._("Shares lie between 0 and 1,000 %."))
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
        levels = self._list_levels(len(months))
        digits = self.currency_id.decimal_places
        total = exact(float(sum(levels)) * self.amount, digits)
        amounts = spread_total(total, levels, Decimal(1).scaleb(-digits))
        return dict(zip(months, map(float, amounts), strict=True))
