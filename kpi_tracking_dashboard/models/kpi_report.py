from bisect import bisect_right

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.schemas.base import Grain, Id, Nothing

MAX_NOTES = 5  # below a chart, the latest ones


class KpiReport(models.Model):
    """What people noted about a KPI is on the chart of its form too."""

    _inherit = "kpi.report"

    @api.model
    @api.readonly
    def get_history(self, report_id: Id | Nothing, grain: Grain | Nothing = None):
        """As before, with the latest ``notes``: dicts as on the charts of tiles.

        Of ``place`` (of the point), ``date``, ``text`` and ``who``, earliest first.
        """
        history = super().get_history(report_id, grain)
        if history.get("points"):
            report = self.with_context(active_test=False).browse(report_id)
            history["notes"] = report._list_history_notes(history)
        return history

    def _list_history_notes(self, history):
        starts = [fields.Date.to_date(point["start"]) for point in history["points"]]
        calendar = self.definition_id.calendar_id
        stop = calendar._period(history["grain"], starts[-1]).stop
        notes = self.env["kpi.annotation"].search(
            Domain("report_id", "=", self.id)
            & Domain("date", ">=", starts[0])
            & Domain("date", "<", stop),
            limit=MAX_NOTES,
        )
        return [
            {
                "place": bisect_right(starts, note.date) - 1,
                "date": note.date.isoformat(),
                "text": note.text,
                # Readers of a note may know its author.
                "who": note.sudo().user_id.name,
            }
            for note in reversed(notes)
        ]
