from odoo import api, models

from ...analytics.worth import DRAWS
from .kpi_deal_analysis import COHORT_DAYS

PERCENTILES = {"p10": 10, "p50": 50, "p90": 90}


class KpiDealAnalysis(models.AbstractModel):
    """Explanation of the values that are supplied to the engine."""

    _inherit = "kpi.deal.analysis"

    @api.model
    def _explain_decision(self, report, period):
        # Who sees the KPI sees what it is made of, not the deals themselves.
        analysis, full_report = self.sudo(), report.sudo()
        changes = analysis._of_scope(
            analysis._changes(
                full_report.company_id, full_report.definition_id.calendar_id.tz
            ),
            full_report,
        )
        curve = analysis._decision_curve(changes, full_report, period)
        decided = int(curve.ended.sum())
        low, high = curve.median_interval()
        days = report.definition_id._unit_description()
        shown = [
            (self.env._("Deals decided"), decided, None),
            (self.env._("Deals open or cancelled"), curve.censored, None),
            (self.env._("A quarter is decided after"), curve.time_until(0.25), days),
            (self.env._("Half is decided after"), curve.time_until(0.5), days),
            (
                self.env._("Three quarters are decided after"),
                curve.time_until(0.75),
                days,
            ),
            (self.env._("Median, 95 % interval from"), low, days),
            (self.env._("Median, 95 % interval to"), high, days),
        ]
        return {
            "method": self.env._(
                "Kaplan–Meier median of the deals opened in the %(days)s days "
                "before the end of the period, with their status at that time. "
                "Won and lost deals count as decided; open and cancelled deals "
                "count as lasting at least as long as they did.",
                days=COHORT_DAYS,
            ),
            "parts": [_part(*row) for row in shown],
        }

    @api.model
    def _explain_worth(self, report, period):
        percent = PERCENTILES.get(report.definition_id.external_measure)
        return {
            "method": self._build_worth_text(percent),
            **self._explain_open_deals(report, period),
        }

    @api.model
    def _build_worth_text(self, percent):
        """Describe the value: the percentile of the outcomes, None = their mean."""
        if percent is None:
            return self.env._(
                "Sum of value × win probability of the deals open at the end of "
                "the period. Deals without an exchange rate are not included."
            )
        return self.env._(
            "In %(percent)s %% of %(draws)s simulated outcomes, the deals open "
            "at the end of the period bring in this amount or less. Each deal "
            "is won in full with its win probability or not at all, "
            "independently of the others; events that affect all deals at once "
            "make the true range wider. Deals without an exchange rate are not "
            "included.",
            percent=percent,
            draws=f"{DRAWS:,}",
        )

    @api.model
    def _explain_open_deals(self, report, period):
        """The open deals, for the running period: those of earlier ones are history."""
        calendar = report.definition_id.calendar_id
        if not period.start <= calendar._today() < period.stop:
            return {}
        domain = [
            ("company_id", "=", report.company_id.id),
            ("status", "=", "open"),
            ("win_probability", "!=", False),
            ("is_unpriced", "=", False),
        ]
        if report.scope_type == "user":
            domain.append(("agent_id", "=", report.user_id.id))
        deals = self.env["kpi.deal"].with_context(active_test=False)
        # Those that the user may not read are counted, not shown.
        count = deals.sudo().search_count(domain)
        readable = deals.search(domain) if deals.has_access("read") else deals
        return {
            "records": {
                "model": "kpi.deal",
                "ids": readable.ids,
                "readable_count": len(readable),
                "count": count,
            }
        }


def _part(text, value, unit):
    return {
        "text": text,
        "label": text,
        "value": value,
        "unit": unit,
        "is_hidden": False,
        "name": "",
        "report_id": False,
    }
