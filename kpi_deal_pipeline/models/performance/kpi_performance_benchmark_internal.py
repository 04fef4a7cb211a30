from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .kpi_agent_performance import YEAR, Moment
from .kpi_performance_benchmark import INTERNAL

OWN_DEALS = "Own deals closed in the 365 days before"
OWN_AGENTS = "Own agents on the day before"


class KpiPerformanceBenchmark(models.Model):
    """The companies' own averages, a version each month."""

    _inherit = "kpi.performance.benchmark"

    @api.model
    def _average(self, day, companies):
        """Write the own averages that are in force from ``day`` on; those there stay.

        Of the deals closed in the year before, all together and by class of assets,
        rates as those of all deals and never as means of agents' rates; of the agents,
        what each had on the day before.

        Two statements per time zone, whatever the number of deals.

        :return: how many were written
        """
        performance = self.env["kpi.agent.performance"]
        before = day - timedelta(days=1)
        ends = companies.grouped(lambda company: performance._day_end(company, before))
        performance._flush_measured()
        written = 0
        for end, those in ends.items():
            moment = Moment(those._ids, before, end, end)
            for averages in (
                self._deal_averages_sql(performance._deal_states_sql(moment), moment),
                self._agent_averages_sql(moment),
            ):
                self.env.cr.execute(self._insert_averages_sql(averages, day))
                written += self.env.cr.rowcount
        self.invalidate_model()
        return written

    @api.model
    def _insert_averages_sql(self, averages, day):
        return SQL(
            """
            INSERT INTO performance_benchmarks
                   (company_id, asset_type, metric_key, value_numeric, sample_size,
                    source, cohort, effective_date, create_uid, write_uid,
                    create_date, write_date)
            SELECT company_id, asset_type, metric_key, value, n, source,
                   'internal_avg', %(day)s, %(user)s, %(user)s, %(now)s, %(now)s
              FROM (%(averages)s) AS averages
             WHERE n > 0
               AND value IS NOT NULL
                ON CONFLICT DO NOTHING
            """,
            averages=averages,
            day=day,
            user=self.env.uid,
            now=fields.Datetime.now(),
        )

    @api.model
    def _deal_averages_sql(self, deals, moment):
        """SELECT over all closed deals and those of each class of assets."""
        return SQL(
            """
            SELECT company_id, asset_type, metric_key, value, n, %(source)s AS source
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
                HAVING GROUPING(deals.asset_type) = 1 OR deals.asset_type IS NOT NULL
              ) AS closed
             CROSS JOIN LATERAL (VALUES
                ('conversion_rate', round(won_count::numeric / closed_count, 4),
                 closed_count),
                ('avg_cycle_days', round(cycle, 2), won_count),
                ('avg_deal_value', round(size, 2), priced_count)
             ) AS metric (metric_key, value, n)
            """,
            deals=deals,
            source=OWN_DEALS,
            year_from=moment.day_end_at - timedelta(days=YEAR),
        )

    @api.model
    def _agent_averages_sql(self, moment):
        return SQL(
            """
            SELECT company_id, NULL::varchar AS asset_type, metric_key, value, n,
                   %(source)s AS source
              FROM (
                SELECT company_id, count(*) AS agent_count,
                       avg(deals_open) AS deals_open,
                       avg(deals_closed_won) AS deals_closed_won,
                       avg(gross_pipeline_value) AS gross,
                       avg(weighted_pipeline_value) AS weighted
                  FROM agent_performance_snapshots
                 WHERE company_id = ANY(%(companies)s)
                   AND as_of_date = %(day)s
              GROUP BY company_id
              ) AS agents
             CROSS JOIN LATERAL (VALUES
                ('deals_open', round(deals_open, 2), agent_count),
                ('deals_closed_won', round(deals_closed_won, 2), agent_count),
                ('gross_pipeline_value', round(gross, 2), agent_count),
                ('weighted_pipeline_value', round(weighted, 2), agent_count)
             ) AS metric (metric_key, value, n)
            """,
            source=OWN_AGENTS,
            companies=list(moment.company_ids),
            day=moment.day,
        )


class KpiAgentPerformance(models.Model):
    """The first night, and that of each month, averages what was until then."""

    _inherit = "kpi.agent.performance"

    @api.model
    def _take_due(self, day, companies):
        count = super()._take_due(day, companies)
        following = day + timedelta(days=1)
        # Maintained by the engine, as the rows are.
        benchmarks = self.env["kpi.performance.benchmark"].sudo()
        if following.day != 1:
            known = benchmarks.search([("cohort", "=", INTERNAL)]).company_id
            companies -= known
        benchmarks._average(following, companies)
        return count
