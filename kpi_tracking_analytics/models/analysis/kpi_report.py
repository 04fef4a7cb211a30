from dataclasses import asdict
from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.kpi_base.schemas.base import Grain, Id, Nothing
from odoo.addons.kpi_tracking.engine.status import Judged

from .kpi_predictive_expected import SHOWN


class KpiReport(models.Model):
    """The chart of a KPI goes on with what is expected of it."""

    _inherit = "kpi.report"

    predictive_ids = fields.One2many("kpi.predictive.analytics", "kpi_id")
    trend_ids = fields.One2many("kpi.trend.analysis", "kpi_id")

    def _get_period_label(self, day):
        """Name of the KPI's own period that holds a day."""
        calendar = self.definition_id.calendar_id
        return calendar._period_label(calendar._period(self.frequency, day))

    def action_open_forecast(self):
        """Open how the forecast was made, and what the past looks like."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Forecast"),
            "res_model": "kpi.predictive.analytics",
            "res_id": self.predictive_ids.id,
            "views": [(False, "form")],
        }

    @api.model
    @api.readonly
    def get_history(self, report_id: Id | Nothing, grain: Grain | Nothing = None):
        """As before; running and coming points have ``expected``, coming ones also
        ``coming``: dict of ``value``, and the limits ``low`` and ``high`` of 80 %.
        """
        history = super().get_history(report_id, grain)
        report = self.with_context(active_test=False).browse(report_id)
        if not history.get("points") or history["grain"] != report.frequency:
            return history
        known = self.env["kpi.predictive.point"]._read_expected(report.ids)
        if report.id not in known:
            return history
        expected = {
            start.isoformat(): point.as_json()
            for start, point in known[report.id].points.items()
        }
        shown = history["points"]
        for point in shown:
            if point["running"] and point["start"] in expected:
                point["expected"] = expected[point["start"]]
        shown += report._list_coming(shown[-1]["start"], expected)
        return history

    def _list_coming(self, last, expected):
        """Points of the periods after the last one shown.

        Those that have closed without a value are there, so that time runs evenly;
        where they would be more than what is expected, nothing of it is shown.
        """
        if not expected or last >= max(expected):
            return []
        calendar, grain = self.definition_id.calendar_id, self.frequency
        days = (fields.Date.to_date(day) for day in (last, max(expected)))
        periods = calendar._periods(grain, *days)[1:]
        missing = sum(each.start.isoformat() not in expected for each in periods)
        if missing > SHOWN[grain]:
            return []
        last_day = periods[-1].stop - timedelta(days=1)
        judged = self._get_judged_values(grain, periods[0].start, last_day)[self]
        return [
            {
                **asdict(judged.get(period.start, Judged())),
                "label": calendar._period_label(period),
                "start": period.start.isoformat(),
                "due": 1.0,
                "judged_value": None,
                "today": None,
                "seam": "",
                "change_reason": "",
                "running": False,
                "incomplete": False,
                "restated": [],
                **_describe_coming(expected.get(period.start.isoformat())),
            }
            for period in periods
        ]


def _describe_coming(expected):
    """Of a period that has closed nothing is expected any more."""
    return {"coming": True, "expected": expected} if expected else {}
