from datetime import timedelta
from typing import Annotated

from pydantic import Field

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.schemas.base import Id

from .outlook_numbers import get_numbers

Days = Annotated[int, Field(ge=0, le=3660)]


class KpiPredictiveAnalytics(models.Model):
    """What people and programs ask of one KPI, worked out from its values of now."""

    _inherit = "kpi.predictive.analytics"

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
