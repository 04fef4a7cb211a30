from datetime import timedelta
from typing import Annotated

import numpy as np
from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.schemas.base import Id

from .numbers import PERCENT, get_numbers

Days = Annotated[int, Field(ge=0, le=3660)]


class KpiPredictiveAnalytics(models.Model):
    """What people and programs ask of one KPI, worked out from its values of now."""

    _inherit = "kpi.predictive.analytics"

    shown_result = fields.Char(
        "Forecasts So Far",
        compute="_compute_results",
        help="Closed periods: how far the forecast shown as each began was from what it"
        " came to.",
    )
    plan_result = fields.Char(
        "Planned Events So Far",
        compute="_compute_results",
        help="Closed periods for which something was planned: how far the forecast made"
        " before each was from what it came to.",
    )

    @api.model
    @api.readonly
    def predict_target_achievement(self, kpi_id: Id, days_ahead: Days = 30):
        """What a KPI will probably come to in the period of a day to come.

        :param kpi_id: of the ``kpi.report``
        :param days_ahead: days from today on; the period that holds that day is meant
        :return: dict of ``period_start`` and ``period_stop`` (dates in ISO format, the
            second is the first day after), ``value``, its 80 and 95 % limits
            ``low_80``, ``high_80``, ``low_95``, ``high_95``, ``achievement`` and
            ``target_probability`` (percent), ``confidence_score`` and ``origin``; None
            where something is not known
        :raises UserError: the day is further ahead than the KPI is forecast
        """
        report = self.env["kpi.report"].browse(kpi_id).exists()
        report.check_access("read")
        if not report:
            raise UserError(self.env._("There is no such KPI."))
        method = self.search([("kpi_id", "=", kpi_id)]).prediction_model
        # Who sees a KPI sees what comes of its values.
        seen = report.sudo()
        ((_series, found),) = self._list_analysed(
            seen.frequency, seen, method or "automatic"
        )
        calendar = seen.definition_id.calendar_id
        day = calendar._today() + timedelta(days=days_ahead)
        for place, period in enumerate(found.coming):
            if day in period:
                return _describe(found, place, period)
        raise UserError(
            self.env._(
                "This KPI is forecast up to %(last)s, not to %(day)s.",
                last=fields.Date.to_string(found.coming[-1].stop - timedelta(days=1)),
                day=fields.Date.to_string(day),
            )
        )

    @api.model
    @api.readonly
    def detect_performance_anomalies(self, kpi_id: Id):
        """Unusual values of a KPI: see ``kpi.anomaly.list_of``."""
        return self.env["kpi.anomaly"].list_of(kpi_id)

    @api.depends("kpi_id", "made_on")
    def _compute_results(self):
        points = self.env["kpi.predictive.point"].search(
            [
                ("report_id", "in", self.kpi_id.ids),
                ("is_latest", "=", False),
                ("value", "!=", False),
            ],
            order="made_on",
        )
        by_report = points.grouped("report_id")
        for row in self:
            own = by_report.get(row.kpi_id, points.browse())
            came = row._fetch_outcomes(own.mapped("period_start")) if own else {}
            known = own.filtered(lambda point, of=came: point.period_start in of)
            row.shown_result = row._judge_shown(known, came)
            row.plan_result = row._judge_plans(known, came)

    def _judge_shown(self, points, came):
        """Mean error of what was forecast of each period as it began, in words.

        :param came: first day → value, of the periods of all points
        """
        first = points.filtered(lambda point: point.period_start == point.made_on)
        if not first:
            return ""
        values = np.array([came[point.period_start] for point in first])
        errors = np.abs(np.array(first.mapped("value")) - values)
        said = {"error": self._say_error(errors), "count": len(first)}
        if not values.any():
            return self.env._(
                "Off by %(error)s on average (closed periods: %(count)s).", **said
            )
        share = max(0.0, 1 - errors.sum() / np.abs(values).sum())
        return self.env._(
            "Off by %(error)s on average, %(percent)s %% right (closed periods:"
            " %(count)s).",
            percent=round(PERCENT * share),
            **said,
        )

    def _judge_plans(self, points, came):
        """Mean errors with and without plans, in words; empty where none has ended.

        :param points: the earlier made first
        """
        latest = {
            point.period_start: point
            for point in points
            if point.plain_value is not False
        }
        if not latest:
            return ""
        rows = [
            (point.value, point.plain_value, came[start])
            for start, point in latest.items()
        ]
        planned, plain, values = np.array(rows, float).T
        return self.env._(
            "Off by %(planned)s on average with what was planned, by %(plain)s without"
            " it (closed periods: %(count)s).",
            planned=self._say_error(planned - values),
            plain=self._say_error(plain - values),
            count=len(rows),
        )

    def _say_error(self, errors):
        """Mean size of errors in the unit of the KPI."""
        # Who sees a KPI reads its numbers in its unit.
        kpi = self.kpi_id.sudo().definition_id
        return kpi._format_rounded(float(np.abs(errors).mean()))

    def _fetch_outcomes(self, starts):
        """First day → value, of closed periods between these that have one."""
        # Who sees a forecast sees the values of its KPI.
        kpi = self.kpi_id.sudo()
        today = kpi.definition_id.calendar_id._today()
        return {
            period.start: value
            for series in kpi._series(
                kpi.frequency, min(starts), max(starts), with_targets=False
            )
            for period, value in zip(
                series.periods, series.values[0].tolist(), strict=True
            )
            if period.stop <= today and value == value
        }


def _describe(found, place, period):
    confidence = {"confidence_score": found.forecast.confidence}
    numbers = {**get_numbers(found.outlook), **confidence}
    said = {name: float(array[0, place]) for name, array in numbers.items()}
    return {
        "period_start": period.start.isoformat(),
        "period_stop": period.stop.isoformat(),
        **{name: number if number == number else None for name, number in said.items()},
        "origin": str(found.forecast.labels[0]),
    }
