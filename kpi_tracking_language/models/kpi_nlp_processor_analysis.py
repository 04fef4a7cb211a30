from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine.conditions import keep
from .kpi_nlp_processor import MOST_ROWS, MOST_SAID, SCOPES
from .kpi_report import NoSuchPeriodError


class KpiNlpProcessor(models.AbstractModel):
    """Answers of what the analyses know: why, what comes next, what is unusual."""

    _inherit = "kpi.nlp.processor"

    def _answer_explain(self, asked):
        """Why a KPI moved, from the period before to the one that is meant."""
        intent = asked.intent
        report = self._find_reports(asked)
        if len(report) != 1:
            return self._ask_which(report, intent)
        span, compared = asked.take("period"), asked.take("compare_to")
        before, after = found = report._find_move(span, compared)
        try:
            change = report.explain_change(before.start, after.start)
        except UserError as error:
            return self._make_unclear(str(error), (), intent)
        rows = report._read_asked({report: found})
        said = self._say_direction(report, change, asked.take("direction"))
        said += change["sentences"] + report._say_largest_step(before, after, change)
        answer = self._make_answer(intent, rows, sentences=said, change=change)
        return {**answer, "answer": None}

    def _say_direction(self, report, change, direction):
        """That a KPI did not move as the question says."""
        moved = change["change"]
        if not direction or not moved or (moved > 0) == (direction == "up"):
            return []
        return [self._phrase(f"direction.not_{direction}", kpi=report.kpi_name)]

    def _answer_forecast(self, asked):
        """What the running and the coming periods will probably come to."""
        intent, span = asked.intent, asked.take("period")
        reports = self._find_reports(asked)
        if not reports or (len(reports) > 1 and not self._is_for_several(intent)):
            return self._ask_which(reports, intent)
        known = self.env["kpi.predictive.point"]._read_expected(reports.ids)
        points, said = [], []
        for report in reports:
            try:
                found = report._list_forecast(known.get(report.id), span)
            except NoSuchPeriodError as error:
                said.append(str(error))
                continue
            found = keep(found, asked.take_conditions("value"))
            points += found
            said += [report._say_forecast(point) for point in found[:MOST_SAID]]
        said = said or [self._phrase("none.meets")]
        if asked.take("compare_to") == "target":
            said += self._say_chances(reports)
        answer = self._make_answer(
            intent, [], sentences=said, forecast=points[:MOST_ROWS]
        )
        reading = ", ".join(
            dict.fromkeys(
                f"{report.kpi_name}, {report.scope_name}" for report in reports
            )
        )
        return {**answer, "reading": reading, "count": len(points)}

    def _say_chances(self, reports):
        forecasts = self.env["kpi.predictive.analytics"].search(
            [("kpi_id", "in", reports.ids)]
        )
        return [
            f"{one.kpi_id.kpi_name}, {one.period_label}: {one.chance_label}"
            for one in forecasts
            if one.chance_label
        ]

    def _answer_anomaly(self, asked):
        """Values that are out of the ordinary, the latest first."""
        intent, span = asked.intent, asked.take("period")
        reports = (
            self._find_reports(asked) if intent.metrics else self._find_listed(asked)
        )
        if intent.metrics and not reports:
            return self._ask_which(reports, intent)
        domain = Domain("report_id", "in", reports.ids) & Domain(
            "state", "!=", "dismissed"
        )
        if span:
            domain &= Domain("oddest_start", ">=", span.first)
            domain &= Domain("oddest_start", "<=", span.last)
        anomalies = self.env["kpi.anomaly"]
        count = anomalies.search_count(domain)
        found = [
            {**one._as_answer(), "report": one.report_id}
            for one in anomalies.search(domain, limit=MOST_ROWS)
        ]
        said = [
            self._phrase(
                "anomaly",
                kpi=one["report"].kpi_name,
                scope=one["report"].scope_name,
                text=one["description"],
            )
            for one in found
        ]
        said = said or [self._phrase("anomaly.none")]
        answer = self._make_answer(intent, [], sentences=said, anomalies=found)
        return {**answer, "count": count}

    def _ask_which(self, reports, intent):
        """Ask back where a question needs one KPI and means none or several."""
        kind = "which.several" if reports else "which.none"
        if not reports and intent.metrics and intent.group_by in SCOPES:
            kind = f"which.{intent.group_by}"
        return self._make_unclear(self._phrase(kind), reports, intent)
