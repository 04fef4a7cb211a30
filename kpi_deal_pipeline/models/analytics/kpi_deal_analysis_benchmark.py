from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

from .kpi_deal_analysis import PERCENT

# What ships shows how benchmarks look, not what anybody reaches: no KPI says it.
SAMPLE = "Sample, invented: replace it by your own"
BENCHMARKS = {  # what a KPI is → metric, cohort, factor to the KPI's unit
    "win_rate_industry": ("conversion_rate", "industry_avg", PERCENT),
    "win_rate_top": ("conversion_rate", "top_quartile", PERCENT),
    "cycle_industry": ("avg_cycle_days", "industry_avg", 1),
    "cycle_top": ("avg_cycle_days", "top_quartile", 1),
}


class KpiDealAnalysis(models.AbstractModel):
    """Benchmarks as KPIs beside one's own; of all deals of the company."""

    _inherit = "kpi.deal.analysis"

    @api.model
    def _find_benchmark_facts(self, report, periods, known):
        """The benchmarks; none where none was in force."""
        if report.scope_type != "company":
            return []
        factor = BENCHMARKS[report.definition_id.external_measure][2]
        versions = self._benchmark_versions(report)
        rows = []
        for period in periods:
            found = self._in_force(versions, period)
            value = found.value_numeric * factor if found else None
            rows.append((report.id, period.start, value, None))
        return rows

    @api.model
    def _benchmark_versions(self, report):
        """Its versions, the latest first; the company's own before shared ones."""
        metric, cohort, _factor = BENCHMARKS[report.definition_id.external_measure]
        # Benchmarks are stored for everybody of the company.
        benchmarks = self.env["kpi.performance.benchmark"].sudo()
        found = benchmarks.search(
            Domain("metric_key", "=", metric)
            & Domain("cohort", "=", cohort)
            & Domain("company_id", "in", [report.company_id.id, False])
            & Domain("asset_type", "=", False)
            & Domain("deal_type", "=", False)
            & Domain("value_numeric", "!=", False)
            & Domain("source", "!=", SAMPLE),
            order="effective_date DESC, id DESC",
        )
        return found.sorted(lambda each: not each.company_id)

    @api.model
    def _in_force(self, versions, period):
        """The version that is in force on the last day of ``period``, or today."""
        last = min(period.stop - timedelta(days=1), fields.Date.today())
        return versions.filtered(lambda each: each.effective_date <= last)[:1]

    @api.model
    def _explain_benchmark(self, report, period):
        # Who sees the KPI sees where it is from.
        versions = self._benchmark_versions(report.sudo())
        found = self._in_force(versions, period)
        if not found:
            return {"method": self.env._("No benchmark was valid.")}
        return {
            "method": self.env._(
                "Benchmark valid from %(day)s. Source: %(origin)s; sample size: "
                "%(count)s.",
                day=format_date(self.env, found.effective_date),
                origin=found.source,
                count=found.sample_size,
            )
        }
