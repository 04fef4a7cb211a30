import math
import re
from collections import Counter
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, format_amount

from odoo.addons.kpi_base.columns import Choices
from odoo.addons.kpi_base.engine.formatting import plain
from odoo.addons.kpi_base.engine.postgres import is_finite
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.formatting import format_percent, reader_table
from odoo.addons.kpi_base.rights import search_by

from ...engine.kinds import DEAL_ASSET_TYPES, DEAL_TYPES
from .kpi_agent_performance import YEAR, Moment

INTERNAL = "internal_avg"
COHORTS = [
    ("industry_avg", "Industry Average"),
    ("top_quartile", "Top Quartile"),
    (INTERNAL, "Company Average"),
]
RATES = ("conversion_rate", "commission_rate")
OWN_DEALS = "Own deals closed in the 365 days before"
OWN_AGENTS = "Own agents on the day before"
OTHER = "other"
AMOUNTS = ("avg_deal_value", "gross_pipeline_value", "weighted_pipeline_value")
LOWER_IS_BETTER = ("avg_cycle_days", "payout_velocity_days")
NOT_RATED = ("commission_rate",)  # what is good depends on who pays and who earns
KEY = (
    "metric_key",
    "cohort",
    "source",
    "effective_date",
    "asset_type",
    "deal_type",
    "company_id",
)
VALUES = ("value_numeric", "value_text", "sample_size")
METRIC = re.compile(r"[a-z][a-z0-9_]{0,62}")
MOST = 1e15


class KpiPerformanceBenchmark(models.Model):
    """Benchmark of others: a number, its source, and its sample size.

    The same number of another day is another version; the latest until a day is in
    force on that day. Companies' own averages are made each month.
    """

    _name = "kpi.performance.benchmark"
    _description = "Performance Benchmark"
    _table = "performance_benchmarks"
    _inherit = ["kpi.input.mixin", "kpi.dated.mixin"]
    _order = "metric_key, asset_type, deal_type, cohort, effective_date desc, id desc"
    _rec_name = "metric_key"
    _rec_names_search = ["metric_key", "asset_type", "cohort"]

    company_id = fields.Many2one(
        "res.company",
        ondelete="cascade",
        index=True,
        help="Leave empty for all companies.",
    )
    metric_key = fields.Char(
        required=True,
        help="Technical name, such as conversion_rate or avg_cycle_days.",
    )
    asset_type = fields.Selection(
        DEAL_ASSET_TYPES, help="Leave empty for all asset types."
    )
    deal_type = fields.Selection(DEAL_TYPES, help="Leave empty for all deal types.")
    cohort = fields.Selection(COHORTS, required=True, default="industry_avg")
    value_numeric = OptionalFloat("Number", digits=(32, 8), aggregator=None)
    value_text = fields.Char("Text", help="Used if the benchmark is not a number.")
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
        string="In Effect",
        compute="_compute_is_in_force",
        search=search_by("_in_force_domain"),
        help="Latest valid version.",
    )
    metric_name = fields.Char("Benchmark", compute="_compute_metric_name")
    known_metric = fields.Selection(
        selection="_select_metrics",
        string="Metric Name",
        compute="_compute_known_metric",
        readonly=False,
        exportable=False,
        help="Choose “Other” to enter a metric key.",
    )
    value_display = fields.Char("Value", compute="_compute_value_display")

    _asset_type_choices = Choices("asset_type")
    _deal_type_choices = Choices("deal_type")
    _cohort_choices = Choices("cohort")
    _version_uniq = models.UniqueIndex(
        "(metric_key, cohort, source, effective_date, coalesce(asset_type, ''),"
        " coalesce(deal_type, ''), coalesce(company_id, 0))",
        "This benchmark already exists for this source and day.",
    )
    _metric_key_idx = models.Index(
        "(metric_key, asset_type, cohort, effective_date DESC)"
    )
    _metric_key_check = models.Constraint(
        "CHECK (metric_key ~ '^[a-z][a-z0-9_]{0,62}$')",
        "Metric name: use only lowercase letters, digits and underscores.",
    )
    _value_check = models.Constraint(
        "CHECK (value_numeric IS NOT NULL OR coalesce(value_text, '') <> '')",
        "Enter a number or text for the benchmark.",
    )
    _sample_size_check = models.Constraint(
        "CHECK (sample_size > 0)", "The sample size must be above 0."
    )

    def _compute_is_in_force(self):
        found = self.filtered_domain(self._in_force_domain())
        for benchmark in self:
            benchmark.is_in_force = benchmark in found

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
        return Domain("id", "in", [id_ for (id_,) in self.env.execute_query(latest)])

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
                    "Company averages are calculated automatically and cannot be "
                    "edited."
                )
            )

    @api.model
    def _metric_names(self):
        """Key of a metric that is counted here → its name."""
        return {
            "conversion_rate": self.env._("Win rate"),
            "avg_cycle_days": self.env._("Sales cycle (days)"),
            "avg_deal_value": self.env._("Value per won deal"),
            "deals_open": self.env._("Open deals per agent"),
            "deals_closed_won": self.env._("Won deals per agent"),
            "gross_pipeline_value": self.env._("Pipeline per agent"),
            "weighted_pipeline_value": self.env._("Weighted pipeline per agent"),
            "payout_velocity_days": self.env._("Days from approval to payment"),
            "commission_rate": self.env._("Commission rate"),
        }

    @api.model
    def _select_metrics(self):
        return [*self._metric_names().items(), (OTHER, self.env._("Other"))]

    @api.depends("metric_key")
    def _compute_known_metric(self):
        names = self._metric_names()
        for benchmark in self:
            key = benchmark.metric_key
            benchmark.known_metric = key if key in names else OTHER

    @api.onchange("known_metric")
    def _onchange_known_metric(self):
        if self.known_metric != OTHER:
            self.metric_key = self.known_metric
        elif self.metric_key in self._metric_names():
            self.metric_key = False

    @api.depends("metric_key")
    def _compute_metric_name(self):
        names = self._metric_names()
        for benchmark in self:
            key = benchmark.metric_key or ""
            benchmark.metric_name = names.get(key) or key.replace("_", " ").capitalize()

    @api.depends("metric_key", "value_numeric", "value_text", "company_id")
    def _compute_value_display(self):
        for benchmark in self:
            number = benchmark.value_numeric
            benchmark.value_display = benchmark.value_text
            if number is not False:
                benchmark.value_display = benchmark._format_number(number)

    def _format_number(self, number):
        """Write a number of the metric as people read it."""
        self.ensure_one()
        # Whose amounts they are, is known to who sees the benchmark.
        currency = self.company_id.sudo().currency_id
        if self.metric_key in RATES:
            return format_percent(self.env, number)
        if self.metric_key in AMOUNTS and currency:
            return format_amount(self.env, number, currency)
        return plain(reader_table(self.env), number, 4)

    def _rate(self, number):
        """Rate a figure by the benchmark, in words; empty where it is not rated."""
        self.ensure_one()
        metric = self.metric_key
        # Amounts of others are in a currency that is not known.
        if metric in NOT_RATED or (metric in AMOUNTS and not self.company_id):
            return ""
        if float_compare(number, self.value_numeric, precision_digits=4) == 0:
            return self.env._("Equal")
        is_lower = number < self.value_numeric
        is_better = is_lower == (metric in LOWER_IS_BETTER)
        return self.env._("Better") if is_better else self.env._("Worse")

    @api.depends("metric_key", "cohort", "asset_type")
    def _compute_display_name(self):
        cohorts = dict(self._fields["cohort"]._description_selection(self.env))
        kinds = dict(self._fields["asset_type"]._description_selection(self.env))
        for benchmark in self:
            parts = (
                benchmark.metric_name,
                kinds.get(benchmark.asset_type),
                cohorts.get(benchmark.cohort),
            )
            benchmark.display_name = " · ".join(filter(None, parts))

    @api.model
    def _ingest(self, rows, is_all_or_nothing=False):
        """Take in what can be taken of ``rows``; say of each what became of it.

        The same rows again change nothing. The number of queries to find out does not
        grow with the rows.

        :param rows: dicts of fields; those of ``KEY`` identify a version
        :return: dict with the number of each outcome and ``results`` by row
        :raises AccessError: the user may not enter benchmarks
        """
        self.check_access("create")
        drafts, refused = self._drafts(rows)
        if is_all_or_nothing and refused:
            reason = self.env._("Not imported because another row has an error.")
            refused, drafts = dict.fromkeys(drafts, reason) | refused, {}
        new, changed = self._compare_drafts(drafts)
        self.create([drafts[index] for index in new])
        for index, benchmark in changed.items():
            benchmark.write({name: drafts[index][name] for name in VALUES})
        results = [
            {"index": index, "outcome": "unchanged"} for index in range(len(rows))
        ]
        for index in new:
            results[index]["outcome"] = "added"
        for index in changed:
            results[index]["outcome"] = "changed"
        for index, reason in refused.items():
            results[index] |= {"outcome": "refused", "detail": reason}
        counts = Counter(result["outcome"] for result in results)
        outcomes = ("added", "changed", "unchanged", "refused")
        return {**{name: counts[name] for name in outcomes}, "results": results}

    @api.model
    def _drafts(self, rows):
        """Index → values of good rows; index → why another one is refused."""
        drafts, refused, seen = {}, {}, {}
        for index, row in enumerate(rows):
            values = {name: row.get(name) or False for name in KEY}
            values["effective_date"] = fields.Date.to_date(values["effective_date"])
            number = row.get("value_numeric")
            values["value_numeric"] = False if number is None else number
            values["value_text"] = row.get("value_text") or False
            values["sample_size"] = row.get("sample_size") or 0
            key = tuple(values[name] for name in KEY)
            reason = self._get_refusal(values)
            if not reason and key in seen:
                reason = self.env._(
                    "Row %s already contains this benchmark version.", seen[key]
                )
            if reason:
                refused[index] = reason
            else:
                seen[key], drafts[index] = index + 1, values
        return drafts, refused

    @api.model
    def _get_refusal(self, values):
        """Find the reason why these values make no benchmark; empty if they do."""
        company_id = values["company_id"]
        if company_id and company_id not in self.env.companies.ids:
            return self.env._("Company %s does not exist.", company_id)
        if not METRIC.fullmatch(values["metric_key"] or ""):
            return self.env._(
                "“%s” is not a valid metric name. Use lowercase letters, digits "
                "and underscores.",
                values["metric_key"] or "",
            )
        if values["cohort"] == INTERNAL:
            return self.env._(
                "Company averages are calculated automatically and cannot be entered."
            )
        return self._get_text_refusal(values) or self._get_number_refusal(values)

    @api.model
    def _get_text_refusal(self, values):
        for name in ("cohort", "source", "effective_date"):
            if not str(values[name] or "").strip():
                return self.env._(
                    "“%s” is empty.", self._fields[name]._description_string(self.env)
                )
        for name in ("cohort", "asset_type", "deal_type"):
            field = self._fields[name]
            if values[name] and values[name] not in field.get_values(self.env):
                return self.env._(
                    "“%(value)s” is not a valid %(field)s.",
                    value=values[name],
                    field=field._description_string(self.env),
                )
        return ""

    @api.model
    def _get_number_refusal(self, values):
        number, sample = values["value_numeric"], values["sample_size"]
        if number is False and not values["value_text"]:
            return self.env._("The row has no value.")
        if number is not False and not (is_finite(number) and abs(number) < MOST):
            return self.env._("%s is not a valid number.", number)
        if not (0 < sample < 2**31 and sample == int(sample)):
            return self.env._("Sample size “n” must be a whole number of 1 or more.")
        return ""

    @api.model
    def _compare_drafts(self, drafts):
        """Indexes of new rows; index → benchmark of those that differ."""
        metrics = list({draft["metric_key"] for draft in drafts.values()})
        known = {
            tuple(
                each[name].id if name == "company_id" else each[name] for name in KEY
            ): each
            for each in self.search([("metric_key", "in", metrics)])
        }
        new, changed = [], {}
        for index, draft in drafts.items():
            benchmark = known.get(tuple(draft[name] for name in KEY))
            if not benchmark:
                new.append(index)
            elif any(_differs(benchmark[name], draft[name]) for name in VALUES):
                changed[index] = benchmark
        return new, changed

    @api.model
    def _ingest_by_program(self, given):
        """Run ``_ingest`` on rows with numbers as texts and companies by id."""
        for row in given["rows"]:
            row["company_id"] = row["company_id"] or self.env.company.id
            if row["value_numeric"] is not None:
                row["value_numeric"] = float(row["value_numeric"])
        return self._ingest(given["rows"], given["all_or_nothing"])

    @api.model
    def _average(self, day, companies):
        """Write the own averages that are in force from ``day`` on; those there stay.

        Of the deals closed in the year before, all together and by class of assets,
        rates as those of all deals and never as means of agents' rates; of the agents,
        what each had on the day before.

        One statement per time zone, whatever the number of deals.

        :return: how many were written
        """
        performance = self.env["kpi.agent.performance"]
        before = day - timedelta(days=1)
        ends = companies.grouped(lambda company: performance._day_end(company, before))
        performance._flush_measured()
        written = 0
        for end, those in ends.items():
            moment = Moment(those._ids, before, end, end)
            self.env.cr.execute(self._insert_averages_sql(day, moment))
            written += self.env.cr.rowcount
        self.invalidate_model()
        return written

    @api.model
    def _insert_averages_sql(self, day, moment):
        """INSERT of averages of all closed deals, of those by class, and of agents."""
        deals = self.env["kpi.agent.performance"]._deal_states_sql(moment)
        return SQL(
            """
            INSERT INTO performance_benchmarks
                   (company_id, asset_type, metric_key, value_numeric, sample_size,
                    source, cohort, effective_date, create_uid, write_uid,
                    create_date, write_date)
            SELECT company_id, asset_type, metric_key, value, n, source,
                   'internal_avg', %(day)s, %(user)s, %(user)s, %(now)s, %(now)s
              FROM (
                SELECT company_id, asset_type, metric_key, value, n,
                       %(own_deals)s AS source
                  FROM (
                    SELECT deals.company_id, deals.asset_type,
                           count(*) AS closed_count,
                           count(*) FILTER (WHERE status = 'closed_won') AS won_count,
                           count(company_amount) FILTER (WHERE status = 'closed_won')
                           AS priced_count,
                           avg(company_amount) FILTER (WHERE status = 'closed_won')
                           AS size,
                           avg(extract(epoch FROM deals.cycle)) FILTER (
                               WHERE status = 'closed_won') / 86400 AS cycle
                      FROM (%(deals)s) AS deals
                     WHERE status IN ('closed_won', 'closed_lost')
                       AND since >= %(year_from)s
                  GROUP BY GROUPING SETS (
                           (deals.company_id), (deals.company_id, deals.asset_type))
                    HAVING GROUPING(deals.asset_type) = 1
                        OR deals.asset_type IS NOT NULL
                  ) AS closed
                 CROSS JOIN LATERAL (VALUES
                    ('conversion_rate', round(won_count::numeric / closed_count, 4),
                     closed_count),
                    ('avg_cycle_days', round(cycle, 2), won_count),
                    ('avg_deal_value', round(size, 2), priced_count)
                 ) AS metric (metric_key, value, n)
             UNION ALL
                SELECT company_id, NULL, metric_key, round(avg(value), 2), count(*),
                       %(own_agents)s
                  FROM agent_performance_snapshots
                 CROSS JOIN LATERAL (VALUES
                    ('deals_open', deals_open::numeric),
                    ('deals_closed_won', deals_closed_won),
                    ('gross_pipeline_value', gross_pipeline_value),
                    ('weighted_pipeline_value', weighted_pipeline_value)
                 ) AS metric (metric_key, value)
                 WHERE company_id = ANY(%(companies)s)
                   AND as_of_date = %(before)s
              GROUP BY company_id, metric_key
              ) AS averages
             WHERE n > 0
               AND value IS NOT NULL
                ON CONFLICT DO NOTHING
            """,
            deals=deals,
            own_deals=OWN_DEALS,
            own_agents=OWN_AGENTS,
            year_from=moment.day_end_at - timedelta(days=YEAR),
            companies=list(moment.company_ids),
            before=moment.day,
            day=day,
            user=self.env.uid,
            now=fields.Datetime.now(),
        )


def _differs(known, given):
    if known is False or given is False or isinstance(given, str):
        return known != given
    return not math.isclose(known, given, rel_tol=1e-12, abs_tol=5e-9)
