from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalMonetary

from ...engine.appraisal import present_value
from ...engine.fault import BenefitError
from ...engine.yearly import add_up_years, find_years


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
        first, count = find_years([(one.period_start, 0.0) for one in self.cost_ids])
        for name in ("planned", "forecast"):
            self[f"{name}_present_cost"] = False
        self.appraisal_note = ""
        if not self.cost_ids:
            return
        try:
            for name in ("planned", "forecast"):
                if self[f"{name}_cost"] is not False:
                    costs = [
                        (one.period_start, one[name] or 0.0) for one in self.cost_ids
                    ]
                    flows = add_up_years(costs, first, count)
                    self[f"{name}_present_cost"] = present_value(flows, steps)
        except BenefitError as error:
            self.appraisal_note = str(error)
            return
        self.appraisal_note = self._describe_appraisal(first, steps)

    def _describe_appraisal(self, first, steps):
        year = first or self.env._("the first year")
        rates = ", ".join(f"{100 * step.rate:g}\u202f%" for step in steps)
        return self.env._(
            "In money of %(year)s, discounted at %(rates)s.", year=year, rates=rates
        )
