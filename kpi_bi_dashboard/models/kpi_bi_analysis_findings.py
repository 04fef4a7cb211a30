from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.kpi_base.percent import format_percent
from odoo.addons.kpi_tracking_analytics.analytics.reliability import wilson_interval

from ..analytics.data_models.customer_models import SLOW_SHARE
from .kpi_bi_analysis_page import _document_model, _opens, _section

MOST_FINDINGS = 5
LEAST_COHORT = 20  # customers of whom a share says something
# whose unusual changes are told
CODES = (
    "fin_revenue", "fin_gross_margin", "operating_margin", "customer_acquisition",
    "churn_rate", "nrr", "crm_win_rate", "crm_pipeline_coverage", "crm_average_deal",
)  # fmt: skip


class KpiBiAnalysis(models.AbstractModel):
    """What changed: a few sentences on what is unusual, stored by each run.

    Another analysis adds to it by ``_find_in_<name>(result)``, which yields ``(weight,
    text, opens)``: how unusual it is (1 = just so), a sentence, and what it opens, as
    a row of a page does.
    """

    _inherit = "kpi.bi.analysis"

    @api.model
    def _list_analyses(self):
        return [*super()._list_analyses(), "findings"]

    @api.model
    def _get_titles(self):
        return {**super()._get_titles(), "findings": self.env._("What Changed")}

    @api.model
    def _analyse_findings(self, company):
        found = [*self._find_kpi_changes(company)]
        for name in self._list_analyses():
            result = self.env["kpi.bi.result"]._find_latest(company, name)
            find = getattr(self, f"_find_in_{name}", None)
            if find and result:
                found += find(result)
        found.sort(key=lambda one: -one[0])
        figures = {
            "findings": [
                {"text": text, "opens": opens}
                for _weight, text, opens in found[:MOST_FINDINGS]
            ]
        }
        return self._store_figures(company, "findings", figures)

    @api.model
    def _find_kpi_changes(self, company):
        """Unusual changes between the last two closed periods of the company's KPIs."""
        reports = self.env["kpi.report"].search(
            [
                ("definition_id.code", "in", CODES),
                ("company_id", "=", company.id),
                ("scope_type", "=", "company"),
            ]
        )
        for report in reports:
            calendar = report.definition_id.calendar_id
            running = calendar._period(report.frequency, fields.Date.today())
            last = calendar._period(
                report.frequency, fields.Date.subtract(running.start, days=1)
            )
            before = fields.Date.subtract(last.start, days=1)
            try:
                change = report.explain_change(str(before), str(last.start))
            except UserError:
                continue  # without a value there is no change
            if change["is_unusual"] and change["ratio"]:
                opens = _opens("kpi.report", "action_explain_change", report.ids)
                yield abs(change["ratio"]), change["summary"], opens

    @api.model
    def _find_in_purchases(self, result):
        """Documents that were changed past themselves."""
        moved = (result.checks or {}).get("moved")
        if moved:
            kind = _document_model(result)
            text = self.env._(
                "Lines were changed past their documents (%s).", moved["count"]
            )
            analysis = "kpi.bi.analysis"
            yield (
                MOST_FINDINGS,
                text,
                _opens(analysis, "open_documents", kind, moved["ids"]),
            )

    @api.model
    def _find_in_customers(self, result):
        """More customers are silent than usual pauses explain."""
        states = result._get_figures()["states"]
        count = sum(states.values()) - states["churned"]
        if count < LEAST_COHORT:
            return
        usual, slow = 1 - SLOW_SHARE, states["slowing"]
        if wilson_interval(slow, count)[0] > usual:
            yield (
                slow / count / usual,
                self.env._(
                    "%(count)s customers are slowing down: %(share)s of those who still"
                    " buy, where usual pauses explain %(usual)s.",
                    count=slow,
                    share=format_percent(self.env, slow / count, 0),
                    usual=format_percent(self.env, usual, 0),
                ),
                self._opens_customers("churn_state", "slowing"),
            )

    @api.model
    def _find_in_cohorts(self, result):
        """The newest cohort came back more, or less, than the earlier ones."""
        figures = result._get_figures()
        rows = [
            (month, size, int(row[1]))
            for month, size, row in zip(
                figures["months"], figures["sizes"], figures["customers"], strict=True
            )
            if len(row) > 1 and row[1] is not None
        ]
        if len(rows) < 2 or rows[-1][1] < LEAST_COHORT:
            return
        month, size, back = rows[-1]
        earlier = sum(one[1] for one in rows[:-1])
        usual = sum(one[2] for one in rows[:-1]) / earlier
        low, high = wilson_interval(back, size)
        if usual < low or usual > high:
            near = low if usual < low else high
            first = fields.Date.to_date(f"{month}-01")
            yield (
                abs(back / size - usual) / max(abs(back / size - near), 0.01),
                self.env._(
                    "Of the customers won in %(month)s %(share)s bought again in the"
                    " next month; of those before, %(usual)s did.",
                    month=format_date(self.env, first, date_format="LLLL yyyy"),
                    share=format_percent(self.env, back / size, 0),
                    usual=format_percent(self.env, usual, 0),
                ),
                _opens(
                    "kpi.bi.customer",
                    "open_cohort",
                    result.company_id.id,
                    str(first),
                    1,
                ),
            )

    @api.model
    def _get_findings(self, result):
        """Those that the user may know: of KPIs that they see; what they open."""
        findings = result._get_figures()["findings"]
        ids = [
            report_id
            for one in findings
            if one["opens"] and one["opens"]["model"] == "kpi.report"
            for report_id in one["opens"]["args"][0]
        ]
        seen = self.env["kpi.report"].search([("id", "in", ids)]).ids
        shown = []
        for each in findings:
            opens = each["opens"]
            if opens and opens["model"] == "kpi.report":
                if not {*opens["args"][0]} <= {*seen}:
                    continue
            elif opens and not self._can_open(opens):
                opens = None
            shown.append({"text": each["text"], "opens": opens})
        return shown

    @api.model
    def _can_open(self, opens):
        is_document = opens["method"] == "open_documents"
        model = opens["args"][0] if is_document else opens["model"]
        return self.env[model]._abstract or self.env[model].has_access("read")

    @api.model
    def _describe_findings(self, result):
        found = self._get_findings(result)
        if not found:
            return {"sections": [], "message": self.env._("Nothing unusual.")}
        rows = [[one["text"]] for one in found]
        section = _section(
            "table",
            self.env._("What changed"),
            self.env._("What is more than chance, the most unusual first."),
            heads=[""],
            rows=rows,
            opens=[one["opens"] for one in found],
        )
        return {"sections": [section]}
