from odoo import api, models

from ..analytics.dashboard.dashboard_config import bi_config
from ..analytics.data_models.kpi_models import CODES, AlertRule


class KpiBiAnalysis(models.AbstractModel):
    """KPIs by the words of reports, and rules that watch them."""

    _inherit = "kpi.bi.analysis"

    @api.model
    def _find_metrics(self, metrics):
        """Metric → the KPI of the company that it names, as far as the user sees it."""
        codes = [*metrics, *CODES.values()]
        reports = self.env["kpi.report"].search(
            [
                ("company_id", "=", self.env.company.id),
                ("scope_type", "=", "company"),
                ("definition_id.code", "in", codes),
            ]
        )
        known = {report.code: report for report in reports}
        found = {one: known.get(one) or known.get(CODES.get(one)) for one in metrics}
        return {metric: report for metric, report in found.items() if report}

    @api.model
    def _read_metrics(self, metrics):
        """Metric → its latest value, judged: what ``KpiReading`` is made of."""

        def known(report, name):
            return report[name] if report._fields[name].known(report) else None

        return {
            metric: {
                "code": report.code,
                "name": report.definition_id.name,
                "unit": report.unit,
                "direction": report.direction,
                "value": known(report, "current_value"),
                "previous": known(report, "previous_value"),
                "target": known(report, "target_value"),
                "achievement": known(report, "achievement"),
                "status": report.status,
                "period_start": str(report.current_period_start or "") or None,
            }
            for metric, report in self._find_metrics(metrics).items()
        }

    @api.model
    def _find_newest(self):
        """Analysis → its newest result of the company, in the order of the run."""
        results = self.env["kpi.bi.result"]
        rows = results._read_group(
            [("company_id", "=", self.env.company.id)], ["analysis"], ["id:max"]
        )
        newest = dict(rows)
        names = [name for name in self._list_analyses() if name in newest]
        return {name: results.browse(newest[name]) for name in names}

    @api.model
    def _read_newest(self):
        """The same as figures, without margins for whoever may not see them."""
        return {
            name: {
                "figures": result._get_figures(),
                "checks": result.checks,
                "cutoff": str(result.cutoff_date),
            }
            for name, result in self._find_newest().items()
        }

    @api.model
    def _load_config(self, kpi_config, alert_rules):
        """Turn on the KPIs that a configuration names, and bring its rules, off.

        :return: codes of ``kpis``, names of ``alerts``, metrics that are ``missing``
        """
        rules = [AlertRule(**rule) for rule in alert_rules]
        metrics = {*sum(kpi_config["kpi_categories"].values(), [])}
        metrics |= {rule.metric for rule in rules}
        new = metrics - self._find_metrics(metrics).keys()
        ready = self.env["kpi.gallery.kpi"].search(
            [("code", "in", [CODES.get(metric, metric) for metric in new])]
        )
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

    @api.model
    def _bring_rules(self, rules, cooldown_minutes=60):
        """Rules that the company does not have yet, off until somebody turns them on.

        Those whose KPI nobody tracks are left out.
        """
        found = self._find_metrics([rule.metric for rule in rules])
        alerts = self.env["kpi.smart.alert"]
        company = self.env.company
        known = alerts.search(
            [
                ("name", "in", [rule.name for rule in rules]),
                ("company_id", "in", [company.id, False]),
            ]
        ).mapped("name")
        entries = [
            {
                "name": rule.name,
                "kpis": [found[rule.metric].code],
                "alert_type": "threshold_breach",
                "compared": rule.compared,
                "condition": rule.condition,
                "threshold": rule.threshold,
                "severity": rule.severity,
                "alert_cooldown_minutes": cooldown_minutes,
            }
            for rule in rules
            if rule.metric in found and rule.name not in known
        ]
        return self.env["kpi.pack"]._import({"alerts": entries}, company)["alerts"]
