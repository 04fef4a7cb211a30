from math import inf

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_tracking_analytics.analytics.reliability import (
    are_apart,
    wilson_interval,
)
from odoo.addons.kpi_tracking_analytics.models.change import Move, Reading

from ..analytics.data_models.customer_models import SLOW_SHARE
from ..analytics.data_models.kpi_models import CODES
from .kpi_bi_analysis_page import _document_model
from .page import Page, opens

MOST_FINDINGS = 5  # some may be of KPIs that a reader does not see
MOST_SHOWN = 3
LEAST_COHORT = 20  # customers of whom a share says something
# whose unusual changes are told
METRICS = (
    *CODES, "operating_margin", "customer_acquisition", "churn_rate", "nrr"
)  # fmt: skip


class KpiBiAnalysis(models.AbstractModel):
    """What changed: a few sentences on what is unusual, found by each run.

    Another analysis adds to it by ``_find_in_<name>(result)``, which yields ``(weight,
    kind, facts, opens)``: how unusual it is (1 = just so), which sentence of ``_say``
    with what in it, and what it opens, as a row of a page does.
    """

    _inherit = "kpi.bi.analysis"

    def _analyse_findings(self, company):
        found = [*self._find_kpi_changes()]
        for name in self._list_analyses():
            result = self.env["kpi.bi.result"]._find_latest(company, name)
            find = getattr(self, f"_find_in_{name}", None)
            if find and result:
                found += find(result)
        found.sort(key=lambda one: -one[0])
        figures = {"found": [rest for _weight, *rest in found[:MOST_FINDINGS]]}
        return self._store_figures(company, "findings", figures)

    def _find_kpi_changes(self):
        """Unusual changes between the last two closed periods of the company's KPIs."""
        for report in self._find_metrics(METRICS).values():
            calendar = report.definition_id.calendar_id
            running = calendar._period(report.frequency, calendar._today())
            last = calendar._period(
                report.frequency, fields.Date.subtract(running.start, days=1)
            )
            before = fields.Date.subtract(last.start, days=1)
            days = [str(before), str(last.start)]
            try:
                move = report._measure_move(*report._find_compared(*days))
            except UserError:
                continue  # a change that is too large to be a number
            is_known = move.is_unusual and abs(move.ratio) < inf
            if is_known and not _may_be_chance(move.before, move.after):
                values = move.before.value, move.after.value
                facts = [report.id, days, values, move.ratio, move.seam]
                link = opens("kpi.report", "action_explain_change", report.ids)
                yield abs(move.ratio), "kpi", facts, link

    def _find_in_purchases(self, result):
        """Documents that were changed past themselves."""
        if moved := (result.checks or {}).get("moved"):
            link = self._opens_documents(_document_model(result), moved["ids"])
            yield inf, "moved", {"count": moved["count"]}, link

    def _find_in_customers(self, result):
        """More customers are silent than usual pauses explain."""
        states = result._get_figures()["states"]
        count = sum(states.values()) - states["churned"]
        if count < LEAST_COHORT:
            return
        usual, slow = 1 - SLOW_SHARE, states["slowing"]
        if wilson_interval(slow, count)[0] > usual:
            share = slow / count
            facts = {"count": slow, "share": share, "usual": usual}
            link = self._opens_customers("churn_state", "slowing")
            yield share / usual, "slowing", facts, link

    def _find_in_cohorts(self, result):
        """The newest cohort came back more, or less, than the earlier ones: the
        intervals of both shares are apart."""
        figures = result._get_figures()
        columns = (figures[name] for name in ("months", "sizes", "customers"))
        rows = [
            (month, size, row[1])
            for month, size, row in zip(*columns, strict=True)
            if len(row) > 1 and row[1] is not None
        ]
        if len(rows) < 2 or rows[-1][1] < LEAST_COHORT:
            return
        *earlier, (month, size, back) = rows
        _months, sizes, counts = zip(*earlier, strict=True)
        usual, newest = sum(counts) / sum(sizes), wilson_interval(back, size)
        if are_apart(newest, wilson_interval(sum(counts), sum(sizes))):
            near = newest[usual > newest[1]]
            share, company, first = back / size, result.company_id.id, f"{month}-01"
            weight = abs(share - usual) / max(abs(share - near), 0.01)
            facts = {"month": first, "share": share, "usual": usual}
            link = opens("kpi.bi.customer", "open_cohort", company, first, 1)
            yield weight, "cohort", facts, link

    def _say(self, kind, facts):
        """The sentence of a finding, in the language of its reader."""
        if kind == "kpi":
            return self._say_change(*facts)
        page = Page(self.env)
        return page.vformat(page.words("findings")["sentences"][kind], (), facts)

    def _say_change(self, report_id, days, values, ratio, seam):
        report = self.env["kpi.report"].browse(report_id)
        name = report.definition_id.calendar_id._period_label
        sides = [
            Reading(period, name(period), value, None, None)
            for period, value in zip(report._find_compared(*days), values, strict=True)
        ]
        return " ".join(report._say_move(Move(*sides, ratio, True, seam)))

    def _draw_findings(self, result, _reading):
        """Those that the user may know; what they open."""
        shown = [
            {
                "text": self._say(kind, facts),
                "opens": link if self._can_open(link) else None,
            }
            # once, sentences were stored
            for kind, facts, link in result._get_figures().get("found", [])[:MOST_SHOWN]
        ]
        if not shown:
            message = self.env._("No unusual values in your data.")
            return {"state": "no_data", "message": message}
        rows = [[one["text"]] for one in shown]
        return {"findings": shown, "table": {"heads": [""], "rows": rows}}

    def _can_open(self, link):
        if not link:
            return False
        is_document = link["method"] == "open_documents"
        model = link["args"][0] if is_document else link["model"]
        return self.env[model]._abstract or self.env[model].has_access("read")


def _may_be_chance(*sides):
    """Whether both are shares of so few records that their intervals overlap."""
    if any(one.method.measure != "share" or not one.weight for one in sides):
        return False
    shares = ((one.value / 100 * one.weight, one.weight) for one in sides)
    return not are_apart(*(wilson_interval(*share) for share in shares))
