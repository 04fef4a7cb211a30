from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, format_date

from .kpi_baseline import LARGEST
from .measured_statement import SPANS, select_uncounted_sql

MOST_NAMED = 3


class KpiBaseline(models.Model):
    """Values of KPIs, and amounts made of them, that are too large to count.

    A KPI may have values of any size; what they would bring is left out of a benefit.
    """

    _inherit = "kpi.baseline"

    def _warn_of_too_large(self):
        """Baseline → sentences on what its benefits are measured without.

        For who may read these, and so all of their KPIs. In a form, of what is stored.
        """
        measuring = self._origin.filtered("benefit_ids")._filtered_access("read")
        if not measuring:
            return {}
        measuring._flush_measured()
        values = measuring._find_too_large_values()
        amounts = measuring._find_too_large_amounts()
        return {
            baseline: [
                *(
                    baseline._describe_value(*one)
                    for one in values[baseline.id].items()
                ),
                *baseline._describe_amounts(amounts[baseline.id]),
            ]
            for baseline in measuring
        }

    def _find_too_large_values(self):
        """Baseline id → report id → first days of periods in months of its benefit."""
        rows = self.env.execute_query(
            SQL(_TOO_LARGE, spans=SPANS, ids=self.ids, largest=LARGEST)
        )
        found = defaultdict(lambda: defaultdict(list))
        for baseline_id, report_id, day in rows:
            found[baseline_id][report_id].append(day)
        return found

    def _find_too_large_amounts(self):
        """Baseline id → months that would bring more than an amount can be."""
        today = fields.Date.context_today(self)
        wanted = SQL(_WANTED, ids=self.ids, today=today)
        found = defaultdict(list)
        for baseline_id, day in self.env.execute_query(
            select_uncounted_sql(wanted, today=today)
        ):
            found[baseline_id].append(day)
        return found

    def _describe_value(self, report_id, days):
        report = self.env["kpi.report"].browse(report_id)
        calendar = report.definition_id.calendar_id
        periods = [self._find_period(day, report) for day in days]
        return self.env._(
            "%(kpi)s, %(periods)s: the value is too large to count, and the benefit is "
            "measured without it. Correct it if it is wrong.",
            kpi=report.display_name,
            periods=self._name_first(calendar._period_labels(periods)),
        )

    def _describe_amounts(self, days):
        if not days:
            return []
        months = [format_date(self.env, day, date_format="MMM y") for day in days]
        return [
            self.env._(
                "%s: what was measured is more than 10¹² and does not count. Check the "
                "values of the KPI and the value of one unit.",
                self._name_first(months),
            )
        ]

    @api.model
    def _name_first(self, names):
        more = len(names) - MOST_NAMED
        named = ", ".join(names[:MOST_NAMED])
        if more <= 0:
            return named
        return self.env._("%(names)s and %(count)s more", names=named, count=more)


_TOO_LARGE = """
      WITH %(spans)s
    SELECT DISTINCT baseline.id, fact.report_id, fact.period_start
      FROM kpi_baselines AS baseline
      JOIN benefit_realizations AS benefit ON benefit.baseline_id = baseline.id
CROSS JOIN LATERAL (
             VALUES (baseline.report_id), (baseline.control_id),
                    (baseline.adoption_id), (baseline.volume_id)
           ) AS used(report_id)
      JOIN kpi_report AS report ON report.id = used.report_id
      JOIN kpi_definition AS definition ON definition.id = report.definition_id
      JOIN span ON span.grain = definition.frequency
      JOIN kpi_measurement AS fact
        ON fact.report_id = used.report_id
       AND fact.grain = definition.frequency
       AND fact.value NOT BETWEEN -%(largest)s AND %(largest)s
       AND fact.period_start + span.length > baseline.baseline_date + 1
     WHERE baseline.id = ANY(%(ids)s)
       AND EXISTS (
            SELECT FROM kpi_benefit_period AS period
             WHERE period.benefit_id = benefit.id
               AND period.period_start
                   >= date_trunc('month', (fact.period_start + span.shift)::timestamp)
               AND period.period_start
                   < date_trunc('month', (fact.period_start + span.shift)::timestamp)
                     + span.months * interval '1 month')
  ORDER BY baseline.id, fact.report_id, fact.period_start
"""
_WANTED = """
    wanted AS MATERIALIZED (
        SELECT period.benefit_id, period.period_start AS month
          FROM benefit_realizations AS benefit
          JOIN kpi_benefit_period AS period ON period.benefit_id = benefit.id
         WHERE benefit.baseline_id = ANY(%(ids)s)
           AND period.realized IS NULL
           AND period.period_start <= %(today)s
    )
"""
