from itertools import compress
from math import inf
from typing import Any, NamedTuple

from odoo import fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_tracking.engine.change import WINDOW
from odoo.addons.kpi_tracking.engine.finding import find_gap
from odoo.addons.kpi_tracking_analytics.analytics.reliability import wilson_interval
from odoo.addons.kpi_tracking_analytics.models.change import Move, Reading

from ..analytics.data_models.customer_models import SLOW_SHARE
from ..analytics.data_models.kpi_models import CODES
from ..analytics.significance import (
    compare_change,
    compare_counts,
    compare_shares,
    exceed_share,
    find_discoveries,
)
from .kpi_bi_analysis_page import _document_model
from .page import Page, opens

MOST_FINDINGS = 5  # some may be of KPIs that a reader does not see
MOST_SHOWN = 3
LEAST_COHORT = 20  # customers of whom a share says something
MISS = "missed"
MISSED = ("off_target", "at_risk")
COUNTED = ("count", "distinct", "customer_acquisition")
# whose unusual changes are told
METRICS = (
    *CODES, "operating_margin", "customer_acquisition", "churn_rate", "nrr"
)  # fmt: skip


class KpiBiAnalysis(models.AbstractModel):
    """What changed: a few sentences on what is unusual, found by each run, then on what
    missed its target.

    Another analysis adds to it by ``_find_in_<name>(result)``, which yields a
    ``Finding`` for all that it tests, unusual or not. Those that are more than chance
    are found among all of them together, so that at most a tenth of what is shown is
    chance, however many KPIs there are.
    """

    _inherit = "kpi.bi.analysis"

    def _analyse_findings(self, company):
        found = [*self._find_kpi_changes()]
        for name in self._list_analyses():
            result = self.env["kpi.bi.result"]._find_latest(company, name)
            find = getattr(self, f"_find_in_{name}", None)
            if find and result:
                found += find(result)
        is_found = find_discoveries([one.probability for one in found])
        found = [*compress(found, is_found)]
        found.sort(key=lambda one: -one.weight)
        told = {one.facts[0] for one in found if one.kind == "kpi"}
        found += sorted(self._find_missed(company, told), key=lambda one: -one.weight)
        rows = [(one.kind, one.facts, one.opens) for one in found[:MOST_FINDINGS]]
        figures = {"found": rows}
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
            if move.ratio is None or abs(move.ratio) == inf or not move.change:
                continue
            values = move.before.value, move.after.value
            facts = [report.id, days, values, move.ratio, move.seam]
            link = opens("kpi.report", "action_explain_change", report.ids)
            probability = self._measure_chance(report, move)
            yield Finding(probability, abs(move.ratio), "kpi", facts, link)

    def _find_missed(self, company, told):
        """KPIs of the company that were off track or at risk when their last period
        closed, the furthest from their target first.

        :param told: ids of those of which there is a finding already
        """
        reports = self.env["kpi.report"].search(
            [
                ("company_id", "=", company.id),
                ("scope_type", "=", "company"),
                ("target_ids", "!=", False),
                ("id", "not in", [*told]),
            ]
        )
        for report, verdict in reports._get_verdicts().items():
            closed = verdict.closed
            if closed and closed.judged.status in MISSED:
                gap = find_gap(closed) or 0.0
                facts = [report.id, str(closed.period.start)]
                link = opens("kpi.report", "action_explain_change", report.ids)
                yield Finding(0.0, -gap, MISS, facts, link)

    def _measure_chance(self, report, move):
        """Probability that a KPI changes so much by chance alone.

        By its own past, and for counts and shares by an exact test as well: small
        numbers change much by chance even where they have been steady so far. The test
        that is less sure decides.
        """
        if not move.is_unusual:
            return 1.0
        known = self.env["kpi.measurement"].search_count(
            [*report._facts(), ("period_start", "<", move.after.period.start)],
            limit=WINDOW + 1,
        )
        by_past = compare_change(move.ratio, known - 1)
        own = report.definition_id.external_measure
        return max(by_past, _compare_exactly(move.before, move.after, own))

    def _find_in_purchases(self, result):
        """Documents that were changed past themselves."""
        if moved := (result.checks or {}).get("moved"):
            link = self._opens_documents(_document_model(result), moved["ids"])
            yield Finding(0.0, inf, "moved", {"count": moved["count"]}, link)

    def _find_in_customers(self, result):
        """More customers are silent than usual pauses explain."""
        states = result._get_figures()["states"]
        count = sum(states.values()) - states["churned"]
        if count < LEAST_COHORT:
            return
        usual, slow = 1 - SLOW_SHARE, states["slowing"]
        share = slow / count
        facts = {"count": slow, "share": share, "usual": usual}
        link = self._opens_customers("churn_state", "slowing")
        chance = exceed_share(slow, count, usual)
        yield Finding(chance, share / usual, "slowing", facts, link)

    def _find_in_cohorts(self, result):
        """The newest cohort came back more, or less, than the earlier ones."""
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
        usual, share = sum(counts) / sum(sizes), back / size
        chance = compare_shares(int(sum(counts)), sum(sizes), int(back), size)
        weight = abs(share - usual) / max(wilson_interval(back, size)[1] - share, 0.01)
        facts = {"month": f"{month}-01", "share": share, "usual": usual}
        args = result.company_id.id, facts["month"], 1
        link = opens("kpi.bi.customer", "open_cohort", *args)
        yield Finding(chance, weight, "cohort", facts, link)

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

    def _say_missed(self, rows):
        """KPI id → how its period ended, in the words of the KPI's finding."""
        periods_of = {}
        for report_id, start in rows:
            report = self.env["kpi.report"].browse(report_id)
            calendar = report.definition_id.calendar_id
            periods_of[report] = [
                calendar._period(report.frequency, fields.Date.to_date(start))
            ]
        if not periods_of:
            return {}
        findings = self.env["kpi.report"]._get_findings(periods_of)
        return {
            report.id: self.env._(
                "%(kpi)s: %(finding)s.", kpi=report.definition_id.name, finding=finding
            )
            for report, said in findings.items()
            for finding in said.values()
        }

    def _draw_findings(self, result, _reading):
        """Those that the user may know; what they open."""
        found = result._get_figures().get("found", [])[:MOST_SHOWN]
        missed = self._say_missed(facts for kind, facts, _link in found if kind == MISS)
        shown = [
            {
                "text": missed[facts[0]] if kind == MISS else self._say(kind, facts),
                "opens": link if self._can_open(link) else None,
            }
            for kind, facts, link in found
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


class Finding(NamedTuple):
    """Something that was tested.

    :ivar probability: that it is chance
    :ivar weight: how unusual it is; 1 = just so
    :ivar kind, facts: the sentence of ``_say``, and what is in it
    :ivar opens: as a row of a page does
    """

    probability: float
    weight: float
    kind: str
    facts: Any
    opens: Any


def _compare_exactly(before, after, external_measure=""):
    """Probability of a change between two counts, or shares of records; else 0."""
    method = before.method
    if method.measure == "share" and before.weight and after.weight:
        cases = [
            number
            for one in (before, after)
            for number in (round(one.value / 100 * one.weight), round(one.weight))
        ]
        return compare_shares(*cases)
    is_count = method.computation == "records" and method.measure in COUNTED
    if is_count or external_measure in COUNTED:
        spans = [(one.period.stop - one.period.start).days for one in (before, after)]
        counts = round(before.value), round(after.value)
        if min(counts) >= 0:
            return compare_counts(*counts, spans[1] / sum(spans))
    return 0.0
