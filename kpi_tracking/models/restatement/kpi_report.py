from odoo import fields, models
from odoo.fields import Domain


class KpiReport(models.Model):
    """What is said of a value that was restated."""

    _inherit = "kpi.report"

    def _find_restatement(self, period):
        """The restatement of one period, or none."""
        return self.env["kpi.restatement"].search(
            Domain("report_id", "=", self.id)
            & Domain("grain", "=", period.grain)
            & Domain("period_start", "=", period.start),
            limit=1,
        )

    def _list_restated_within(self, shown):
        """What was restated in some periods, or in the KPI's own ones within them.

        :param shown: periods of one length, at least one
        :return: dict first day → dicts of ``label`` (of the own period),
            ``settled_value``, ``new_value`` (None = gone), ``settled_on`` (a day) and
            ``cause``, in words
        """
        restatements = self.env["kpi.restatement"]
        rows = restatements._list_restated(self.ids, shown[0].start)
        causes = restatements._get_cause_texts()
        calendar = self.definition_id.calendar_id
        found = {}
        for row in rows:
            period = next((each for each in shown if row.period_start in each), None)
            if period:
                own = calendar._period(self.frequency, row.period_start)
                settled = fields.Datetime.context_timestamp(self, row.settled_on)
                found.setdefault(period.start, []).append(
                    {
                        "label": calendar._period_label(own),
                        "settled_value": row.settled_value,
                        "new_value": row.new_value,
                        "settled_on": settled.date().isoformat(),
                        "cause": causes.get(row.cause, ""),
                    }
                )
        return found

    def _explain_restatement(self, period, explanation):
        """What a period had settled at, and records written since then as a hint.

        :param explanation: of its value, with its ``records``
        :return: dict of ``settled_value``, ``settled_on``, ``new_value`` (None = gone),
            ``cause``, ``cause_text``, and of the records ``model`` and ``ids``; None
            where the period is not restated
        """
        row = self._find_restatement(period)
        if not row:
            return None
        counted = explanation.get("records") or {"model": "", "ids": []}
        model, ids = counted["model"], counted["ids"]
        return {
            "settled_value": row.settled_value,
            "settled_on": row.settled_on,
            "new_value": None if row.is_gone else row.new_value,
            "cause": row.cause or "",
            "cause_text": self.env["kpi.restatement"]
            ._get_cause_texts()
            .get(row.cause, ""),
            "model": model,
            "ids": row._find_written_since(model, ids) if ids else [],
        }
