from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.fields import OptionalFloat

from ..deal.kpi_deal import DEAL_TYPES
from ..deal.kpi_deal_property import ASSET_TYPES

INTERNAL = "internal_avg"
COHORTS = [
    ("industry_avg", "Industry average"),
    ("top_quartile", "Top quartile"),
    (INTERNAL, "Company average"),
]


class KpiPerformanceBenchmark(models.Model):
    """Benchmark of others: a number, its source, and its sample size.

    The same number of another day is another version; the latest until a day is in
    force on that day.
    """

    _name = "kpi.performance.benchmark"
    _description = "Performance Benchmark"
    _table = "performance_benchmarks"
    _inherit = ["kpi.input.mixin"]
    _order = "metric_key, asset_type, deal_type, cohort, effective_date desc, id desc"
    _rec_name = "metric_key"

    company_id = fields.Many2one(
        "res.company", ondelete="cascade", index=True, help="Empty: all companies."
    )
    metric_key = fields.Char(
        required=True,
        help="Technical name of the metric, such as conversion_rate or avg_cycle_days.",
    )
    asset_type = fields.Selection(
        [*ASSET_TYPES, ("portfolio", "Portfolio")], help="Empty: all asset types."
    )
    deal_type = fields.Selection(DEAL_TYPES, help="Empty: all deal types.")
    cohort = fields.Selection(COHORTS, required=True, default="industry_avg")
    value_numeric = OptionalFloat("Number", digits=(32, 8), aggregator=None)
    value_text = fields.Char("Text", help="If the benchmark is not a number.")
    source = fields.Char(required=True)
    sample_size = fields.Integer(
        "n",
        required=True,
        aggregator=None,
        help=("Number of cases behind the benchmark."),
    )
    effective_date = fields.Date(
        "Valid From", required=True, default=fields.Date.context_today
    )
    is_in_force = fields.Boolean(
        compute="_compute_is_in_force",
        search="_search_is_in_force",
        help="The latest version today.",
    )

    _version_uniq = models.UniqueIndex(
        "(metric_key, cohort, source, effective_date, coalesce(asset_type, ''),"
        " coalesce(deal_type, ''), coalesce(company_id, 0))",
        "This source already has a version for this day.",
    )
    _metric_key_idx = models.Index(
        "(metric_key, asset_type, cohort, effective_date DESC)"
    )
    _metric_key_check = models.Constraint(
        "CHECK (metric_key ~ '^[a-z][a-z0-9_]{0,62}$')",
        "Use only lowercase letters, digits and underscores in a metric name.",
    )
    _value_check = models.Constraint(
        "CHECK (value_numeric IS NOT NULL OR coalesce(value_text, '') <> '')",
        "Enter a number or a text for the benchmark.",
    )
    _sample_size_check = models.Constraint(
        "CHECK (sample_size > 0)", "The sample size must be above 0."
    )

    def _compute_is_in_force(self):
        found = self.filtered_domain(self._in_force_domain())
        for benchmark in self:
            benchmark.is_in_force = benchmark in found

    def _search_is_in_force(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._in_force_domain()
        return domain if True in value else ~domain

    @api.model
    def _in_force_domain(self, day=None):
        """The latest version until ``day``, or today, of each number and source."""
        self.flush_model()
        latest = SQL(
            """
            SELECT DISTINCT ON (metric_key, cohort, source, asset_type, deal_type,
                                company_id) id
              FROM performance_benchmarks
             WHERE effective_date <= %s
          ORDER BY metric_key, cohort, source, asset_type, deal_type, company_id,
                   effective_date DESC
            """,
            day or fields.Date.context_today(self),
        )
        return Domain(
            "id", "in", [row_id for (row_id,) in self.env.execute_query(latest)]
        )

    @api.model_create_multi
    def create(self, vals_list):
        benchmarks = super().create(vals_list)
        benchmarks._check_not_internal()
        return benchmarks

    def write(self, vals):
        self._check_not_internal()
        result = super().write(vals)
        self._check_not_internal()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_internal(self):
        self._check_not_internal()

    def _check_not_internal(self):
        if not self.env.su and INTERNAL in self.mapped("cohort"):
            raise AccessError(
                self.env._(
                    "Company averages are calculated automatically and "
                    "cannot be entered or changed."
                )
            )
