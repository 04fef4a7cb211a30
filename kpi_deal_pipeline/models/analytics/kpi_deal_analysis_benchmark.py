from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools.misc import format_date

from .kpi_deal_analysis import BENCHMARKS

# What ships shows how benchmarks look, not what anybody reaches: no KPI says it.
SAMPLE = "Sample, invented: replace it by your own"


class KpiDealAnalysis(models.AbstractModel):
    """What others reach, as KPIs beside one's own; of all deals of the company."""

    _inherit = "kpi.deal.analysis"

    @api.model
    def _benchmark_rows(self, name, report):
        """The last periods' benchmarks; none where none was in force."""
        if report.scope_type != "company":
            return []
        factor = BENCHMARKS[name][2]
        versions = self._benchmark_versions(name, report)
        rows = []
        for period in self._last_periods(report.definition_id):
            found = self._in_force(versions, period)
            value = found.value_numeric * factor if found else None
            rows.append((report.id, period.start, value, None))
        return rows

    @api.model
    def _benchmark_versions(self, name, report):
        """Its versions, the latest first; the company's own before shared ones."""
        metric, cohort, _factor = BENCHMARKS[name]
        # Benchmarks are kept for everybody of the company.
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
    def _explain_kpi_win_rate_industry(self, report, period):
        return self._explained_benchmark("win_rate_industry", report, period)

    @api.model
    def _explain_kpi_win_rate_top(self, report, period):
        return self._explained_benchmark("win_rate_top", report, period)

    @api.model
    def _explain_kpi_cycle_industry(self, report, period):
        return self._explained_benchmark("cycle_industry", report, period)

    @api.model
    def _explain_kpi_cycle_top(self, report, period):
        return self._explained_benchmark("cycle_top", report, period)

    @api.model
    def _explained_benchmark(self, name, report, period):
        # Who sees the KPI sees where it is from.
        versions = self._benchmark_versions(name, report.sudo())
        found = self._in_force(versions, period)
        if not found:
            return {"method": self.env._("No benchmark was in force.")}
        return {
            "method": self.env._(
                "Benchmark in force from %(day)s. Source: %(origin)s; n = %(count)s.",
                day=format_date(self.env, found.effective_date),
                origin=found.source,
                count=found.sample_size,
            )
        }
