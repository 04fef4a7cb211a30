from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from odoo.addons.kpi_base.audit import AuditEvent
from odoo.addons.kpi_base.engine.number_text import round_half
from odoo.addons.kpi_base.engine.postgres import is_storable
from odoo.addons.kpi_base.fields import OptionalFloat, OptionalMonetary
from odoo.addons.kpi_base.formatting import (
    format_number,
    format_percent,
    format_small_percent,
)

from ...engine.appraisal import add_up_years, appraise, present_value
from ...engine.fault import BenefitError
from ...engine.standing import explain_shortfall
from ..benefit.kpi_benefit_realization import SHORTFALLS, WATCHED
from ..finding import Finding, rank_findings
from ..insight.kpi_benefit_realization import OPEN

OWN_VALUES = (
    "name",
    "unit",
    "unit_symbol",
    "duration_unit",
    "decimals",
    "direction",
    "frequency",
    "aggregation_time",
)
OVERRUN = 0.1  # of the planned cost; less is usual


class KpiInitiative(models.Model):
    """Insights of an initiative: of all its benefits that the reader sees."""

    _name = "kpi.initiative"
    _inherit = ["kpi.initiative", "kpi.insight.mixin"]

    planned_present_cost = OptionalMonetary(
        "Present Value of Planned Cost",
        compute="_compute_present_cost",
        exportable=False,
    )
    forecast_present_cost = OptionalMonetary(
        "Present Value of Forecast Cost",
        compute="_compute_present_cost",
        exportable=False,
    )
    appraisal_note = fields.Char(compute="_compute_present_cost", exportable=False)
    benefit_ids = fields.One2many("kpi.benefit.realization", "initiative_id")
    benefit_count = fields.Integer(
        "Benefits", compute="_compute_benefit_count", exportable=False
    )
    is_benefit_partial = fields.Boolean(
        compute="_compute_benefit_count",
        exportable=False,
        help="Includes benefits you cannot access.",
    )
    # Not stored: each reader gets the sum of what they may read.
    expected_value = fields.Monetary(
        "Planned Benefits", compute="_compute_expected_value"
    )
    realized_value = fields.Monetary(
        "Realized Benefits", compute="_compute_expected_value"
    )
    planned_to_date = fields.Monetary(help="Benefits of closed months.")
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
        help="Years after the first calendar year until benefits cover costs.",
    )
    npv_note = fields.Char(string="NPV Note", compute="_compute_npv", exportable=False)
    baseline_ids = fields.One2many("kpi.baseline", "initiative_id", "KPIs")
    baseline_count = fields.Integer(
        "Tracked KPIs", compute="_compute_counts", exportable=False
    )
    leakage_ids = fields.One2many("kpi.value.leakage", "initiative_id", "Leakages")
    open_leakage_count = fields.Integer(
        "Open Leakages", compute="_compute_open_leakage_count", exportable=False
    )
    shortfall = fields.Monetary(
        help="Planned minus realized value of closed months. Benefits ahead of "
        "plan offset others."
    )
    node_ids = fields.One2many("kpi.benefit.node", "initiative_id", "Map Items")

    def _find_insight_benefits(self):
        benefits = self.env["kpi.benefit.realization"]
        return benefits.union(*self._group_benefits().values())

    def _find_findings(self):
        tree = self.union(*self._group_tree().values())
        found = [*super()._find_findings(), *tree._find_cost_findings()]
        return rank_findings(found)

    def _find_cost_findings(self):
        """Initiatives that cost, or will cost, clearly more than planned."""
        month = self.env["kpi.benefit.realization"]._get_this_month()
        found = []
        for one in self.filtered(lambda one: one.status in OPEN):
            planned = one.planned_cost or 0.0
            spent = max((one.actual_cost or 0.0) - planned, 0.0)
            expected = max((one.forecast_cost or 0.0) - planned, spent)
            if planned > 0 and expected >= OVERRUN * planned:
                spent, coming = map(one.currency_id.round, (spent, expected - spent))
                text = one._explain_overrun(spent, coming)
                found.append(Finding("cost_overrun", one, month, spent, coming, text))
        return found

    def _explain_overrun(self, spent, coming):
        known = {
            "initiative": self.display_name,
            "total": self._format_money(self.planned_cost + spent + coming),
            "planned": self._format_money(self.planned_cost),
            "share": self._format_share((spent + coming) / self.planned_cost),
        }
        if not coming:
            return self.env._(
                "%(initiative)s: actual cost %(total)s, %(share)s above the "
                "planned %(planned)s.",
                **known,
            )
        forecast = self.env._(
            "%(initiative)s: forecast cost %(total)s, %(share)s above the planned "
            "%(planned)s.",
            **known,
        )
        if not spent:
            return forecast
        already = self.env._("So far %s over plan.", self._format_money(spent))
        return f"{forecast} {already}"

    @api.depends_context("lang")
    @api.depends(
        "approved_on",
        "company_id",
        "cost_ids.period_start",
        "cost_ids.planned",
        "cost_ids.forecast",
    )
    def _compute_present_cost(self):
        """Discount the planned and the expected cost; say why where that cannot be."""
        self.planned_present_cost = self.forecast_present_cost = False
        self.appraisal_note = ""
        for one, steps in self.filtered("cost_ids")._find_rate_steps().items():
            try:
                for name in ("planned", "forecast"):
                    dated = [
                        (cost.period_start, cost[name] or 0.0) for cost in one.cost_ids
                    ]
                    first, (flows,) = add_up_years(dated)
                    if one[f"{name}_cost"] is not False:
                        one[f"{name}_present_cost"] = present_value(flows, steps)
                one.appraisal_note = self.env._(
                    "Discounted to %(year)s at %(rates)s.",
                    year=first or self.env._("the first year"),
                    rates=", ".join(
                        format_percent(self.env, step.rate, 4) for step in steps
                    ),
                )
            except BenefitError as error:
                one.appraisal_note = error.translate_with(self.env._)

    def _find_rate_steps(self):
        """Initiative → the rates of the day by which its business case is judged."""
        today = fields.Date.context_today(self)
        cases = {one: (one.company_id, one.approved_on or today) for one in self}
        found = self.env["kpi.discount.rate"]._find_steps(set(cases.values()))
        return {one: found[case] for one, case in cases.items()}

    @api.constrains("company_id")
    def _check_parts_of_company(self):
        """What belongs to an initiative moves with it, or has to go first.

        Owners of its benefits have to work there; its KPIs belong to their company, and
        links of the map lead to nothing in another one.
        """
        # Also what the user does not see: no message names it.
        everything = self.sudo().with_context(active_test=False)
        for initiative in everything:
            if initiative.baseline_ids.report_id.company_id - initiative.company_id:
                raise ValidationError(
                    self.env._(
                        "%s tracks KPIs of its company and cannot change company.",
                        initiative.display_name,
                    )
                )
        benefits = Domain("source_benefit_id", "in", everything.benefit_ids.ids)
        benefits |= Domain("target_benefit_id", "in", everything.benefit_ids.ids)
        nodes = Domain("source_node_id.initiative_id", "in", self.ids)
        nodes |= Domain("target_node_id.initiative_id", "in", self.ids)
        # As above.
        self.env["kpi.benefit.link"].sudo().search(benefits | nodes)._check_ends()
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
    def _compute_planned_to_date(self):
        for one, benefits in self._group_benefits().items():
            planned, one.realization_rate = benefits.period_ids._measure_to_date()
            one.planned_to_date = planned

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
        """Appraise planned benefits against the cost expected now, else planned."""
        benefits, tree = self._group_benefits(), self._group_tree()
        self.npv = self.bcr = self.payback_years = self.payback = self.irr = False
        self.npv_note = ""
        for one, steps in self._find_rate_steps().items():
            try:
                found = one._appraise(steps, benefits[one], tree[one] - one._origin)
            except BenefitError as error:
                one.npv_note, found = error.translate_with(self.env._), None
            if not found:
                continue
            one.npv = found.npv
            if found.bcr is not None:
                one.bcr = found.bcr
            if found.payback_years is not None:
                one.payback_years = found.payback_years
                one.payback = self._say_payback(found.payback_years)
            rate, reason = _read_return(found)
            words = self._get_return_words()
            one.irr = words[reason] if reason else format_small_percent(self.env, rate)

    def _group_benefits(self):
        """Initiative → active benefits, of it and of those below, that the user sees"""
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

    def _appraise(self, steps, benefits, below):
        """Appraise benefits; None where there are no costs or benefits.

        :param below: initiatives whose costs count beside those of this one, of which
            the form may have others than are stored
        :raises BenefitError: why it cannot be
        """
        costs = []
        for one in (self, *below):
            # Plan and forecast are the same money: never some rows of one and some of
            # both. What is not spread over time has no day.
            is_forecast = any(cost.forecast is not False for cost in one.cost_ids)
            name = "forecast" if is_forecast else "planned"
            known = one.cost_ids.filtered(
                lambda cost, name=name: cost[name] is not False
            )
            costs += [(cost.period_start, cost[name]) for cost in known]
        amounts = [(one.period_start, one.planned) for one in benefits.period_ids]
        if not costs or not amounts:
            return None
        _first, (spent, gained) = add_up_years(costs, amounts)
        return appraise(spent, gained, steps)

    def _get_return(self):
        """As ``_read_return`` has it; both are empty where nothing is appraised."""
        try:
            steps = self._find_rate_steps()[self]
            below = self._group_tree()[self] - self
            found = self._appraise(steps, self._group_benefits()[self], below)
        except BenefitError:
            found = None
        return _read_return(found) if found else (False, "")

    @api.model
    def _say_payback(self, years):
        """Years after which it is paid back; 0: it is never more spent than earned."""
        if not years:
            return self.env._("Within the first calendar year")
        if not round_half(years, 1):
            least = format_number(self.env, 0.1, 1)
            return self.env._("Less than %s years", least)
        return self.env._("%s years", format_number(self.env, years, 1))

    @api.model
    def _get_return_words(self):
        """Words for internal rates of return that are not one number."""
        return {"several": self.env._("several"), "none": self.env._("none")}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        # Its name is said, not those of benefits that the user may not see.
        for benefit in self.sudo().with_context(active_test=False).benefit_ids:
            if benefit._say_why_it_stays():
                raise UserError(
                    self.env._(
                        "%s has values, scores or confirmed benefits. Archive it "
                        "instead.",
                        benefit.initiative_id.display_name,
                    )
                )

    def action_open_benefits(self):
        """Show the benefits of this initiative."""
        return self._open_list(
            "kpi_benefit_realization_action",
            self._list_part_domain("kpi.benefit.realization"),
            default_initiative_id=self.id,
            search_default_group_initiative=bool(self.child_count),
        )

    def _list_part_domain(self, model):
        """Domain, as clients may ask for it, of what counts for this initiative."""
        # Whether anything lies below is looked at; what the user sees of it is listed.
        if not self.sudo().child_ids:
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

    def action_open_baselines(self):
        """Show the KPIs of this initiative."""
        return self._open_list(
            "kpi_baseline_action",
            [("initiative_id", "=", self.id)],
            default_initiative_id=self.id,
        )

    def _create_own_kpi(self, values):
        """Define a KPI whose values people enter, and track it for this initiative.

        It belongs to the initiative's department, or company; the owner is responsible
        for it, and the sponsor sees it.

        :param values: dict of ``OWN_VALUES``; ``name`` is needed
        :return: the KPI (``kpi.report``)
        :raises AccessError: the user may not change the initiative
        """
        self.ensure_one()
        self.check_access("write")
        name = (values.get("name") or "").strip()
        if not name or not is_storable(name):
            raise UserError(self.env._("Enter a KPI name."))
        # Only officers define KPIs; this one is entered by people and of this
        # initiative only, which the user may change.
        definitions = self.env["kpi.definition"].sudo()
        known = {key: values[key] for key in OWN_VALUES if values.get(key)}
        # The code says whose it is.
        code = definitions._code_from_name(f"own {self.id} {name}")
        definition = definitions.create(
            {
                **known,
                "name": name,
                "code": definitions._free_code(code),
                "computation": "manual",
                "company_id": self.company_id.id,
                "currency_id": self.currency_id.id,
                "owner_id": self.owner_id.id,
            }
        )
        department = self.department_id
        report = definition.report_ids.create(
            {
                "definition_id": definition.id,
                "company_id": self.company_id.id,
                "scope_type": "department" if department else "company",
                "department_id": department.id,
                "owner_id": self.owner_id.id,
                "shared_user_ids": [Command.set(self.sponsor_id.ids)],
            }
        )
        values = {"code": definition.code, "definition_id": definition.id}
        event = AuditEvent(self, "initiative_kpi_created", values)
        # Whoever causes an event logs it; few may read the log.
        self.env["kpi.audit.log"].sudo()._append([event])
        return report.sudo(False)

    def _track_own_kpi(self, values, tracked):
        """Define a KPI of this initiative, and what is ``tracked`` of it here."""
        report = self._create_own_kpi(values)
        return self.env["kpi.baseline"].create(
            {**tracked, "initiative_id": self.id, "report_id": report.id}
        )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("child_ids", "leakage_ids.status", "leakage_ids.active")
    def _compute_open_leakage_count(self):
        for initiative, leakages in self._group_leakages().items():
            initiative.open_leakage_count = len(leakages.filtered("is_open"))

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends(
        "child_ids",
        "benefit_ids.active",
        "leakage_ids.lost_value",
        "leakage_ids.active",
        "leakage_ids.kind",
        "leakage_ids.benefit_id",
        *(f"benefit_ids.{name}" for name in WATCHED),
    )
    def _compute_shortfall(self):
        leakages = self._group_leakages()
        for initiative, benefits in self._group_benefits().items():
            common = leakages[initiative].filtered(lambda one: not one.benefit_id)
            found = explain_shortfall(
                {one.id: one._measure_gap() for one in benefits},
                {one.id: one.leakage_ids._add_up_losses() for one in benefits},
                common._add_up_losses(),
            )
            initiative.update(dict(zip(SHORTFALLS, found, strict=True)))

    def _group_leakages(self):
        """Initiative → leakages, of it and of those below, that the user may read."""
        leakages = self.env["kpi.value.leakage"].with_context(active_test=True)
        return self._group_by_program(leakages.search(self._get_part_domain()))

    def action_open_leakages(self):
        """Show the leakages of this initiative."""
        return self._open_list(
            "kpi_value_leakage_action",
            self._list_part_domain("kpi.value.leakage"),
            default_initiative_id=self.id,
        )

    def action_open_map(self):
        """Show the map of this initiative."""
        self.ensure_one()
        action = self.env["ir.actions.client"]._for_xml_id(
            "kpi_benefits.kpi_benefit_map_action"
        )
        return {**action, "params": {"initiative": self.id}}


def _read_return(found):
    """(rate, ""), or (False, "several" or "none") where there is not one rate."""
    if found.irr is not None:
        return found.irr, ""
    return False, "several" if found.returns else "none"
