from odoo import api, fields, models

from ...engine.series import as_json_numbers


class KpiReport(models.Model):
    """The period that somebody came from, on the form of a KPI.

    A screen that shows closed periods opens the form with ``kpi_period`` in the
    context, the first day of the period that it showed. The form has the latest one.
    """

    _inherit = "kpi.report"

    asked_period = fields.Json(
        compute="_compute_asked_period",
        exportable=False,
        help="Value and status of the period that the KPI was opened with.",
    )

    @api.depends("current_period_start", "current_value", "target_ids.value")
    @api.depends_context("kpi_period", "lang")
    def _compute_asked_period(self):
        day = self.env.context.get("kpi_period")
        for report in self:
            report.asked_period = report._describe_period(day)

    def _describe_period(self, first_day):
        """How the KPI stood in a period; False where that is its latest.

        :param first_day: of one of its own periods, as text; empty = none is asked for
        """
        calendar = self.definition_id.calendar_id
        if not first_day or not self._origin or not calendar:
            return False
        period = calendar._period(self.frequency, fields.Date.to_date(first_day))
        if period == self._current_period():
            return False
        series = self._series_in({self: [period]})[self._origin.id]
        row, at = series.row_of[self._origin.id], series.periods.index(period)
        (value,) = as_json_numbers(series.values[row, at : at + 1])
        (achievement,) = as_json_numbers(series.achievements[row, at : at + 1])
        return {
            "achievement": achievement,
            "band": str(series.bands[row, at]),
            "grain": self.frequency,
            "is_running": period.stop > calendar._today(),
            "label": calendar._period_label(period),
            "start": period.start.isoformat(),
            "status": str(series.statuses[row, at]),
            "value": value,
        }
