from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import float_round
from odoo.tools.misc import formatLang

from odoo.addons.kpi_base.fields import OptionalFloat, OptionalMonetary
from odoo.addons.kpi_base.percent import say_percent

from ...engine.appraisal import appraise
from ...engine.fault import BenefitError
from ...engine.yearly import add_up_years, find_years


class KpiInitiative(models.Model):
    """Benefits of an initiative and of what is below it, and whether it is worth it."""

    _inherit = "kpi.initiative"

    benefit_ids = fields.One2many("kpi.benefit.realization", "initiative_id")
    benefit_count = fields.Integer(
        "Benefits", compute="_compute_benefit_count", exportable=False
    )
    is_benefit_partial = fields.Boolean(
        compute="_compute_benefit_count",
        exportable=False,
        help="It has benefits that you may not see.",
    )
    # Not stored: each reader gets the sum of what they may read.
    expected_value = fields.Monetary(
        "Planned Benefits", compute="_compute_expected_value"
    )
    realized_value = fields.Monetary(
        "Realized Benefits", compute="_compute_expected_value"
    )
    planned_to_date = fields.Monetary(
        "Planned to Date",
        compute="_compute_realization_rate",
        exportable=False,
        help="Benefits of the months that are over.",
    )
    realization_rate = OptionalFloat(
        compute="_compute_realization_rate",
        exportable=False,
        aggregator=False,
        help="Realised as a share of what was planned for the months that are over.",
    )
    npv = OptionalMonetary(
        "Net Present Value", compute="_compute_npv", exportable=False
    )
    bcr = OptionalFloat(
        "Benefit-Cost Ratio", compute="_compute_npv", exportable=False, digits=(16, 2)
    )
    irr = fields.Char(
        "Internal Rate of Return", compute="_compute_npv", exportable=False
    )
    payback_years = OptionalFloat(
        "Payback (Years)", compute="_compute_npv", exportable=False, digits=(16, 1)
    )
    payback = fields.Char(
        compute="_compute_npv",
        exportable=False,
        help="Years after the first calendar year until the planned benefits have "
        "earned what is spent.",
    )
    npv_note = fields.Char(compute="_compute_npv", exportable=False)

    @api.constrains("company_id")
    def _check_owners_of_benefits(self):
        """Benefits move with their initiative: their owners have to work there."""
        self.with_context(active_test=False).benefit_ids._check_owner()

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("child_ids", "benefit_ids.active", "benefit_ids.baseline_id")
    def _compute_benefit_count(self):
        benefits = self._group_benefits()
        # Only that there are others is said, nothing of them.
        everything = self.sudo()._group_benefits()
        for initiative in self:
            count = len(benefits[initiative])
            initiative.benefit_count = count
            initiative.is_benefit_partial = len(everything[initiative]) > count

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "child_ids",
        "benefit_ids.active",
        "benefit_ids.expected_value",
        "benefit_ids.realized_value",
    )
    def _compute_expected_value(self):
        for initiative, benefits in self._group_benefits().items():
            initiative.expected_value = sum(benefits.mapped("expected_value"))
            initiative.realized_value = sum(benefits.mapped("realized_value"))

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "child_ids",
        "benefit_ids.active",
        "benefit_ids.period_ids.planned",
        "benefit_ids.period_ids.realized",
        "benefit_ids.period_ids.period_start",
    )
    def _compute_realization_rate(self):
        for initiative, benefits in self._group_benefits().items():
            planned, rate = benefits.period_ids._measure_to_date()
            initiative.planned_to_date = planned
            initiative.realization_rate = rate

    @api.depends_context("uid", "allowed_company_ids", "lang")
    @api.depends(
        "approved_on",
        "child_ids",
        "company_id",
        "cost_ids.period_start",
        "cost_ids.planned",
        "cost_ids.forecast",
        "benefit_ids.active",
        "benefit_ids.period_ids.planned",
        "benefit_ids.period_ids.period_start",
    )
    def _compute_npv(self):
        benefits, tree = self._group_benefits(), self._group_tree()
        for initiative, steps in self._find_rate_steps().items():
            own = benefits[initiative]
            initiative._set_npv(steps, own, tree[initiative] - initiative._origin)

    def _group_benefits(self):
        """Initiative → benefits, of it and of those below it, that the user may read.

        Archived ones do not count, also where they are looked at.
        """
        benefits = self.env["kpi.benefit.realization"].with_context(active_test=True)
        return self._group_by_program(benefits.search(self._get_part_domain()))

    def _get_part_domain(self):
        """Return the domain of what belongs to these and to what is below."""
        # Owners of benefits need not see the initiative.
        return Domain("initiative_id", "any!", self._get_tree_domain())

    def _get_list_domain(self, with_parts):
        """Return the domain of what belongs to this one, or also to what is below."""
        if with_parts:
            return self._get_part_domain()
        return Domain("initiative_id", "=", self.id)

    def _set_npv(self, steps, benefits, below):
        """Appraise planned benefits against the cost expected now, else planned."""
        self.npv = self.bcr = self.payback_years = self.payback = self.irr = False
        self.npv_note = ""
        try:
            found = self._appraise(steps, benefits, below)
        except BenefitError as error:
            self.npv_note = str(error)
            return
        if not found:
            return
        self.npv = found.npv
        self.bcr = False if found.bcr is None else found.bcr
        years = found.payback_years
        self.payback_years = False if years is None else years
        self.payback = False if years is None else self._say_payback(years)
        self.irr = self._describe_returns(found)

    def _appraise(self, steps, benefits, below):
        """Appraise benefits; None where there are no costs or benefits.

        :param below: initiatives whose costs count beside those of this one, of which
            the form may have others than are stored
        :raises BenefitError: why it cannot be
        """
        costs = [cost for one in (self, *below) for cost in one._list_dated_costs()]
        amounts = [(one.period_start, one.planned) for one in benefits.period_ids]
        if not costs or not amounts:
            return None
        first, count = find_years([*costs, *amounts])
        return appraise(
            add_up_years(costs, first, count),
            add_up_years(amounts, first, count),
            steps,
        )

    def _get_return(self):
        """The internal rate of return as ``_read_return`` has it.

        Both are empty where nothing is appraised.
        """
        try:
            steps = self._find_rate_steps()[self]
            below = self._group_tree()[self] - self
            found = self._appraise(steps, self._group_benefits()[self], below)
        except BenefitError:
            found = None
        return _read_return(found) if found else (False, "")

    def _list_dated_costs(self):
        """``(day, amount)`` of the costs; no day where they are not spread.

        Plan and forecast are the same money: never some rows of one and some of both.
        """
        is_forecast = any(cost.forecast is not False for cost in self.cost_ids)
        name = "forecast" if is_forecast else "planned"
        return [
            (cost.period_start, cost[name])
            for cost in self.cost_ids
            if cost[name] is not False
        ]

    def _describe_returns(self, found):
        value, reason = _read_return(found)
        if reason:
            return self._get_return_words()[reason]
        return say_percent(self.env, value)

    @api.model
    def _say_payback(self, years):
        """Years after which it is paid back; 0: it is never more spent than earned."""
        if not years:
            return self.env._("Within the first calendar year")
        # As ``formatLang`` rounds.
        if not float_round(years, precision_digits=1, rounding_method="HALF-EVEN"):
            least = formatLang(self.env, 0.1, digits=1)
            return self.env._("Less than %s years", least)
        return self.env._("%s years", formatLang(self.env, years, digits=1))

    @api.model
    def _get_return_words(self):
        """Words for internal rates of return that are not one number."""
        return {"several": self.env._("several"), "none": self.env._("none")}

    def _unlink_benefits(self):
        """Delete the benefits with their messages and activities.

        The database would delete the benefits only.
        """
        self._unlink_except_approved()
        self._unlink_except_history()
        self._find_all_benefits().unlink()

    def _find_all_benefits(self):
        # Whoever may delete the initiative deletes all that belongs to it.
        return self.sudo().with_context(active_test=False).benefit_ids

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        # Its name, not those of benefits that the user may not see.
        for benefit in self._find_all_benefits():
            if benefit._say_why_it_stays():
                raise UserError(
                    self.env._(
                        "%s has values, scores or confirmed benefits, which would be "
                        "lost. Archive it instead.",
                        benefit.initiative_id.display_name,
                    )
                )

    def action_open_benefits(self):
        """Show the benefits of this initiative."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "kpi_benefits.kpi_benefit_realization_action"
        )
        return {
            **action,
            "display_name": self.name,
            "domain": self._list_part_domain("kpi.benefit.realization"),
            "context": {
                "default_initiative_id": self.id,
                "search_default_group_initiative": bool(self.child_count),
            },
        }

    def _list_part_domain(self, model):
        """Domain, as clients may ask for it, of what counts for this initiative."""
        if not self.child_count:
            return [("initiative_id", "=", self.id)]
        parts = self.env[model].with_context(active_test=True)
        plain = Domain("initiative_id", "=", self.id) | (
            Domain("initiative_id", "child_of", self.id)
            & Domain("initiative_id.active", "=", True)
        )
        found = parts.search(self._get_part_domain())
        if found != parts.search(plain):
            # Of initiatives that the user does not see, which no path leads to.
            plain = Domain("id", "in", found.ids)
        return [*plain]


def _read_return(found):
    """(rate, ""), or (False, "several" or "none") where there is not one rate."""
    if found.irr is not None:
        return found.irr, ""
    return False, "several" if found.returns else "none"
