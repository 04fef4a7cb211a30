import numpy as np

from odoo import api, fields, models


class KpiPredictiveAnalytics(models.Model):
    """How good it was to plan: forecasts with what people had planned, and without."""

    _inherit = "kpi.predictive.analytics"

    plan_result = fields.Char(
        "Planned Events So Far",
        compute="_compute_plan_result",
        help="Closed periods for which something was planned: how far the forecast made"
        " before each was from what it came to.",
    )

    @api.depends("kpi_id", "made_on")
    def _compute_plan_result(self):
        points = self.env["kpi.predictive.point"].search(
            [
                ("report_id", "in", self.kpi_id.ids),
                ("is_latest", "=", False),
                ("plain_value", "!=", False),
            ],
            order="made_on",
        )
        by_report = points.grouped("report_id")
        for row in self:
            own = by_report.get(row.kpi_id, points.browse())
            row.plan_result = row._judge_plans(own) if own else ""

    def _judge_plans(self, points):
        """Mean errors with and without plans, in words; empty where none has ended.

        :param points: the earlier made first
        """
        self.ensure_one()
        latest = {point.period_start: point for point in points}
        rows = [
            (point.value, point.plain_value, value)
            for start, value in self._list_outcomes(min(latest), max(latest))
            if (point := latest.get(start))
        ]
        if not rows:
            return ""
        planned, plain, came = np.array(rows, float).T
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.kpi_id.sudo().definition_id
        errors = [np.abs(made - came).mean() for made in (planned, plain)]
        said = [kpi._format_rounded(float(each)) for each in errors]
        return self.env._(
            "Off by %(planned)s on average with what was planned, by %(plain)s without"
            " it (closed periods: %(count)s).",
            planned=said[0],
            plain=said[1],
            count=len(rows),
        )

    def _list_outcomes(self, first, last):
        """First day and value of each closed period that has one."""
        # Who sees a forecast sees the values of its KPI.
        kpi = self.kpi_id.sudo()
        today = kpi.definition_id.calendar_id._today()
        for series in kpi._series(kpi.frequency, first, last, with_targets=False):
            values = series.values[0].tolist()
            for period, value in zip(series.periods, values, strict=True):
                if period.stop <= today and value == value:
                    yield period.start, value
