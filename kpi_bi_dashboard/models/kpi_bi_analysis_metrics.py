from odoo import models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..analytics.dashboard.dashboard_config import bi_config
from ..analytics.data_models.kpi_models import CHOICES, CODES, AlertRule
from .kpi_bi_analysis_page import ANALYST

SHOWN = ["analysis", "company_id", "cutoff_date", "computed_at", "figures"]
_NEWEST = """
    SELECT max(id) FROM kpi_bi_result
     WHERE company_id = %s AND analysis = ANY(%s) GROUP BY analysis
"""


class KpiBiAnalysis(models.AbstractModel):
    """KPIs by the words of reports, and rules that watch them."""

    _inherit = "kpi.bi.analysis"

    def _find_reports(self, company, codes):
        """KPIs of the whole company, as far as the user sees them."""
        whole = [("company_id", "=", company.id), ("scope_type", "=", "company")]
        named = ("definition_id.code", "in", codes)
        return self.env["kpi.report"].search([*whole, named])

    def _find_metrics(self, metrics):
        """Metric → the KPI of the company that it names, as far as the user sees it."""
        codes = [*metrics, *CODES.values()]
        reports = self._find_reports(self.env.company, codes)
        known = {report.code: report for report in reports}
        found = {one: known.get(one) or known.get(CODES.get(one)) for one in metrics}
        return {metric: report for metric, report in found.items() if report}

    def _read_metrics(self, metrics):
        """Metric → its latest value, judged: what ``KpiReading`` is made of."""
        names = {
            "value": "current_value", "previous": "previous_value",
            "target": "target_value", "achievement": "achievement",
        }  # fmt: skip
        rows = {}
        for metric, report in self._find_metrics(metrics).items():
            (row,) = report.read(["code", "unit", "direction", "status"], load=None)
            row.pop("id")
            for name, path in names.items():
                is_known = report._fields[path].known(report)
                row[name] = report[path] if is_known else None
            row["name"] = report.definition_id.name
            row["period_start"] = str(report.current_period_start or "") or None
            rows[metric] = row
        return rows

    def _find_newest(self, names=None):
        """Analysis → its newest result of the company, by one statement.

        :param names: of the analyses; None = all, in the order of the run
        """
        names = self._list_analyses() if names is None else names
        results = self.env["kpi.bi.result"]
        results.check_access("read")
        newest = SQL(_NEWEST, self.env.company.id, [*names])
        # who may read results reads of their figures what _get_figures() gives
        found = results.sudo().search_fetch([("id", "in", newest)], SHOWN)
        known = found.sudo(False).grouped("analysis")
        return {name: known[name] for name in names if name in known}

    def _load_config(self, kpi_config, alert_rules):
        """Turn on the KPIs that a configuration names, and bring its rules, off.

        :return: codes of ``kpis``, names of ``alerts``, metrics that are ``missing``
        """
        rules = [AlertRule(**rule) for rule in alert_rules]
        metrics = {*sum(kpi_config["kpi_categories"].values(), [])}
        metrics |= {rule.metric for rule in rules}
        new = metrics - self._find_metrics(metrics).keys()
        codes = [CODES.get(metric, metric) for metric in new]
        ready = self.env["kpi.gallery.kpi"].search([("code", "in", codes)])
        if available := ready.filtered(lambda kpi: kpi.state in ("off", "on")):
            # with the rules of this configuration, not with the usual ones
            available.with_context(kpi_bi_without_rules=True)._turn_on()
        found = self._find_metrics(metrics)
        minutes = kpi_config.get("alert_cooldown_minutes", 60)
        return {
            "kpis": sorted(report.code for report in found.values()),
            "alerts": self._bring_rules(rules, minutes).mapped("name"),
            "missing": sorted(metrics - found.keys()),
        }

    def _turn_on(self, definitions):
        """Bring the rules on KPIs that the company has."""
        if not self.env.context.get("kpi_bi_without_rules"):
            rules = bi_config.get_config()["alert_rules"]
            self._bring_rules([AlertRule(**rule) for rule in rules])

    def _bring_rules(self, rules, cooldown_minutes=60):
        """Rules that the company does not have yet, off until somebody turns them on.

        Those whose KPI nobody tracks are left out.
        """
        # Of two who turn them on at once, the second sees those of the first.
        self.env["kpi.claim"]._claim(f"rules of company {self.env.company.id}")
        found = self._find_metrics([rule.metric for rule in rules])
        company = self.env.company
        here = [("company_id", "in", [company.id, False])]
        known = self.env["kpi.smart.alert"].search(here).mapped("name")
        entries = [
            {
                "name": rule.name,
                "kpis": [found[rule.metric].code],
                "alert_type": "threshold_breach",
                **{name: getattr(rule, name) for name in ("threshold", *CHOICES)},
                "alert_cooldown_minutes": cooldown_minutes,
            }
            for rule in rules
            if rule.metric in found and rule.name not in known
        ]
        return self.env["kpi.pack"]._import({"alerts": entries}, company)["alerts"]

    def _queue_run(self):
        """The job that brings the analyses of the company up to date, for analysts."""
        if not self.env.user.has_group(ANALYST):
            raise AccessError(self.env._("Only analysts can update the analyses."))
        # Who analyses does not run jobs; this one is of a company of theirs.
        return self.env["kpi.job"].sudo()._enqueue_bi(self.env.company)

    def _find_run(self, run_id):
        """A run of the company, or nothing."""
        domain = [("id", "=", run_id), ("bi_company_id", "=", self.env.company.id)]
        # Readers of results are no officers, and may know when the next ones come.
        return self.env["kpi.job"].sudo().search(domain)
