from odoo import models
from odoo.tools import html2plaintext

from .kpi_nlp_processor import MOST_ROWS, MOST_SAID

WORST = 3


class KpiNlpProcessor(models.AbstractModel):
    """Answers about KPIs themselves, and summaries of all KPIs of a scope."""

    _inherit = "kpi.nlp.processor"

    def _answer_about(self, asked):
        """What a KPI means, how it is computed, its owner or source."""
        reports = self._find_reports(asked)
        if not reports:
            return self._ask_which(reports, asked.intent)
        kind = asked.take("about")
        say = getattr(self, f"_say_{kind}")
        said = [say(report) for report in reports[:MOST_SAID]]
        rows = reports[:MOST_ROWS]._read_asked(
            {report: report._find_asked_periods(None) for report in reports[:MOST_ROWS]}
        )
        answer = self._make_answer(asked.intent, rows, sentences=said)
        return {**answer, "answer": None}

    def _say_meaning(self, report):
        # What a KPI is made of is no secret to those who see it.
        definition = report.sudo().definition_id
        text = html2plaintext(definition.description or "").strip()
        if not text:
            return self._phrase("about.no_meaning", kpi=definition.name)
        return self._phrase("about.meaning", kpi=definition.name, text=text)

    def _say_formula(self, report):
        # What a KPI is made of is no secret to those who see it.
        definition = report.sudo().definition_id
        if definition.formula:
            words = {"kpi": definition.name, "text": definition.formula}
            return self._phrase("about.formula", **words)
        return self._say_source(report)

    def _say_source(self, report):
        # What a KPI is made of is no secret to those who see it.
        definition = report.sudo().definition_id
        labels = dict(
            definition._fields["computation"]._description_selection(self.env)
        )
        texts = [labels.get(definition.computation), definition.model_label]
        text = ", ".join(filter(None, texts))
        return self._phrase("about.source", kpi=definition.name, text=text)

    def _say_owner(self, report):
        # Who is responsible for a KPI is seen on it.
        owner = report.sudo().owner_id
        words = {"kpi": report.kpi_name, "scope": report.scope_name}
        if not owner:
            return self._phrase("about.no_owner", **words)
        return self._phrase("about.owner", person=owner.name, **words)

    def _say_target(self, report):
        (row,) = report._read_asked({report: report._find_asked_periods(None)})
        return report._say_answered(row)

    def _answer_summary(self, asked):
        """How many of the KPIs are on track, and which are furthest off."""
        reports = self._find_listed(asked)
        rows = reports._judge_listed(asked.take("period"), is_closed=True)
        rows = self._keep_rows(rows, asked)
        counts = {
            status: sum(row["status"] == status for row in rows)
            for status in ("on_target", "at_risk", "off_target")
        }
        missed = [
            row
            for row in rows
            if row["status"] in ("off_target", "at_risk")
            and row["achievement"] is not None
        ]
        missed.sort(key=lambda row: row["achievement"])
        whose = ", ".join(self._list_scopes(asked.intent.scope))
        whose = whose or self.env.company.name
        said = [self._phrase("summary", scope=whose, count=len(rows), **counts)]
        said += [row["report"]._say_answered(row) for row in missed[:WORST]]
        answer = self._make_answer(asked.intent, missed[:MOST_ROWS], sentences=said)
        return {**answer, "answer": None, "count": len(missed)}
