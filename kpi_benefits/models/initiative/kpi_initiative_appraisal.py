from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalMonetary

from ...engine.appraisal import present_value
from ...engine.fault import BenefitError


class KpiInitiative(models.Model):
    """Costs of an initiative in money of its first year."""

    _inherit = "kpi.initiative"

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

    @api.depends(
        "approved_on",
        "company_id",
        "cost_ids.period_start",
        "cost_ids.planned",
        "cost_ids.forecast",
    )
    def _compute_present_cost(self):
        for initiative, steps in self._find_rate_steps().items():
            initiative._set_present_cost(steps)

    def _find_rate_steps(self):
        """Initiative → the rates of the day by which its business case is judged."""
        today = fields.Date.context_today(self)
        cases = {one: (one.company_id, one.approved_on or today) for one in self}
        found = self.env["kpi.discount.rate"]._find_steps(set(cases.values()))
        return {one: found[case] for one, case in cases.items()}

    def _set_present_cost(self, steps):
        """Discount the planned and the expected cost; say why where that cannot be."""
        years = self._find_cost_years()
        for name in ("planned", "forecast"):
            self[f"{name}_present_cost"] = False
        self.appraisal_note = ""
        if not self.cost_ids:
            return
        try:
            for name in ("planned", "forecast"):
                if self[f"{name}_cost"] is not False:
                    flows = self._list_yearly_cost(name, years)
                    self[f"{name}_present_cost"] = present_value(flows, steps)
        except BenefitError as error:
            self.appraisal_note = str(error)
            return
        self.appraisal_note = self._describe_appraisal(years, steps)

    def _find_cost_years(self):
        """The first and the last calendar year with costs; None without any."""
        days = list(filter(None, self.cost_ids.mapped("period_start")))
        return (min(days).year, max(days).year) if days else None

    def _list_yearly_cost(self, name, years):
        """Cost of each year from the first one; what is not dated is in the first."""
        first, last = years or (0, 0)
        flows = [0.0] * (last - first + 1)
        for cost in self.cost_ids:
            year = cost.period_start.year - first if cost.period_start else 0
            flows[year] += cost[name] or 0.0
        return flows

    def _describe_appraisal(self, years, steps):
        first = years[0] if years else self.env._("the first year")
        rates = ", ".join(f"{100 * step.rate:g}\u202f%" for step in steps)
        return self.env._(
            "In money of %(year)s, discounted at %(rates)s.", year=first, rates=rates
        )
