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

    valid_from = fields.Date(
        required=True,
    )
    first_year = fields.Integer(
        "From Year",
        required=True,
        default=1,
        help="Year 1 follows the undiscounted first year.",
    )
    rate = OptionalFloat(required=True, digits=(6, 4), aggregator=False)
    source = fields.Char(
        required=True,
    )
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        help="Leave empty to apply to all companies.",
    )

    _valid_year_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0), valid_from, first_year)",
        "This day and year already have a rate.",
    )
    _first_year_positive = models.Constraint(
        "CHECK (first_year >= 1)", "“From Year” must be 1 or more."
    )
    _rate_possible = models.Constraint(
        "CHECK (rate > -1 AND rate < 10)", "Enter a rate above −100% and below 1,000%."
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
