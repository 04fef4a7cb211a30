from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalFloat

from ...engine.appraisal import RateStep


class KpiDiscountRate(models.Model):
    """A discount rate, the year from which it counts, and the day since when it holds.

    Rates of one day belong together. A company's own replace those of all companies.
    """

    _name = "kpi.discount.rate"
    _description = "Discount Rate"
    _inherit = ["kpi.input.mixin"]
    _order = "valid_from desc, company_id, first_year"
    _rec_name = "source"

    valid_from = fields.Date(required=True, help="First day of its use.")
    first_year = fields.Integer(
        "From Year",
        required=True,
        default=1,
        help="1 is the year after the first one, which is not discounted.",
    )
    rate = OptionalFloat(required=True, digits=(6, 4), aggregator=False)
    source = fields.Char(required=True, help="Who published it.")
    company_id = fields.Many2one(
        "res.company", index="btree_not_null", ondelete="cascade", help="Empty: all."
    )

    _valid_year_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), valid_from, first_year)",
        "There is a rate of this day for this year.",
    )
    _first_year_positive = models.Constraint(
        "CHECK (first_year >= 1)", "Years of discount rates begin with 1."
    )
    _rate_possible = models.Constraint(
        "CHECK (rate > -1 AND rate < 10)", "A discount rate lies above −100%."
    )

    @api.model
    def _find_steps(self, cases):
        """(Company, day) of each case → its rates, by one search."""
        companies = {company.id for company, _day in cases}
        known = self.search([("company_id", "in", [False, *companies])])
        found = {}
        for company, day in cases:
            rates = known.filtered(
                lambda rate, company=company, day=day: (
                    rate.company_id <= company and rate.valid_from <= day
                )
            )
            rates = rates.filtered("company_id") or rates
            latest = max(rates.mapped("valid_from"), default=None)
            found[company, day] = tuple(
                RateStep(rate.first_year, rate.rate)
                for rate in rates
                if rate.valid_from == latest
            )
        return found
