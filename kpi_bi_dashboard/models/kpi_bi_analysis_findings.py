from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from odoo.addons.kpi_base.percent import format_percent
from odoo.addons.kpi_tracking_analytics.analytics.reliability import wilson_interval

from ..analytics.data_models.customer_models import SLOW_SHARE
from .kpi_bi_analysis_page import _document_model
from .page import opens

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

    def _analyse_findings(self, company):
        found = [*self._find_kpi_changes(company)]
        for name in self._list_analyses():
            result = self.env["kpi.bi.result"]._find_latest(company, name)
            find = getattr(self, f"_find_in_{name}", None)
            if find and result:
                found += find(result)
        found.sort(key=lambda one: -one[0])
        shown = [{"text": text, "opens": link} for _weight, text, link in found]
        figures = {"findings": shown[:MOST_FINDINGS]}
        return self._store_figures(company, "findings", figures)

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
                link = opens("kpi.report", "action_explain_change", report.ids)
                said = change["sentences"]
                # the last one says why it cannot be split
                text = change["summary"] if change["parts"] else " ".join(said[:-1])
                yield abs(change["ratio"]), text, link

    def _find_in_purchases(self, result):
        """Documents that were changed past themselves."""
        moved = (result.checks or {}).get("moved")
        if moved:
            link = self._opens_documents(_document_model(result), moved["ids"])
            text = self.env._("Lines were changed past their documents (%s).")
            yield MOST_FINDINGS, text % moved["count"], link

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
        company = result.company_id.id
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
                opens("kpi.bi.customer", "open_cohort", company, str(first), 1),
            )

    def _get_findings(self, result):
        """Those that the user may know: of KPIs that they see; what they open."""
        findings = result._get_figures()["findings"]
        ids = {id_ for one in findings for id_ in _report_ids(one)}
        hidden = ids - {*self.env["kpi.report"].search([("id", "in", [*ids])]).ids}
        return [
            one if self._can_open(one["opens"]) else {**one, "opens": None}
            for one in findings
            if hidden.isdisjoint(_report_ids(one))
        ]

    def _can_open(self, link):
        if not link:
            return False
        is_document = link["method"] == "open_documents"
        model = link["args"][0] if is_document else link["model"]
        return self.env[model]._abstract or self.env[model].has_access("read")


def _report_ids(finding):
    """Of the KPI that a finding speaks of."""
    link = finding["opens"] or {"model": ""}
    return link["args"][0] if link["model"] == "kpi.report" else []
