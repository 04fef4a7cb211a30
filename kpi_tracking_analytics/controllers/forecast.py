from typing import Annotated

from pydantic import Field

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.schemas.base import Filter
from odoo.addons.kpi_tracking.controllers.report import REPORTS

from ..schemas import forecast as schemas
from ..schemas.change import ChangeQuery, ValueChangeOut

# Those of archived KPIs are shown no more, nor worked out.
FOLLOWED = [("kpi_id.active", "=", True), ("kpi_id.definition_id.active", "=", True)]
FORECASTS = Resource("/api/kpi/forecasts", schemas.ForecastRow)


class KpiForecastApi(http.Controller):
    """What was worked out of the values of KPIs, and why one moved."""

    @FORECASTS.list(
        "What KPIs will probably come to",
        "kpi_id",
        sortable="target_probability confidence_score",
        code=Filter("kpi_id.definition_id.code"),
        chance_below=Filter(
            "target_probability",
            "<",
            Annotated[float, Field(ge=0, le=100)],
            "Chance of the target, in percent",
        ),
    )
    def list_forecasts(self, query):
        """At the end of their running periods. Those with the least chance of their
        targets come first."""
        return FOLLOWED

    @REPORTS.part("forecast", "Forecast of a KPI", response=schemas.ForecastOut)
    def get_forecast(self, report):
        """Of the running period and those to come. A forecast follows its values within
        minutes; until then “is_stale” is true."""
        return _describe_found("kpi.predictive.analytics", report)

    @REPORTS.part("trend", "Trend of a KPI", response=schemas.TrendOut)
    def get_trend(self, report):
        """Of the closed periods."""
        return _describe_found("kpi.trend.analysis", report)

    @REPORTS.part("anomalies", "Unusual values of a KPI", response=schemas.AnomaliesOut)
    def get_anomalies(self, report):
        """Of the latest periods, newest first, without those marked as
        usual."""
        found = request.env["kpi.anomaly"].list_of(report.id)
        return {"report_id": report.id, "anomalies": found}

    @REPORTS.part(
        "change",
        "What a KPI's change is made of",
        query=ChangeQuery,
        response=ValueChangeOut,
    )
    def explain_change(self, report, query):
        """Between two of its periods. Parts that the key's user cannot see are one
        with the remainder."""
        return report.explain_change(query.from_, query.to, query.split_by)


def _describe_found(model, report):
    """What was worked out of a KPI."""
    found = request.env[model].search([("kpi_id", "=", report.id)])
    if not found:
        raise Problem("not-found")
    return found._as_answer()
