from typing import Annotated

from pydantic import Field

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record
from odoo.addons.kpi_base.schemas.base import Filter

from ..schemas import forecast as schemas
from ..schemas.change import ChangeOut, ChangeQuery

# Those of archived KPIs are shown no more, nor worked out.
FOLLOWED = [("kpi_id.active", "=", True), ("kpi_id.definition_id.active", "=", True)]
ONE = "/api/kpi/reports/<kpi_id:report_id>"
FORECASTS = Resource(
    "kpi.predictive.analytics", "/api/kpi/forecasts", schemas.ForecastRow
)


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

    @route(f"{ONE}/forecast", summary="Forecast of a KPI", response=schemas.ForecastOut)
    def get_forecast(self, report_id):
        """Of the running period and those to come. A forecast is worked out minutes
        after its values have changed; “is_stale” says that it will be."""
        return self._find("kpi.predictive.analytics", report_id)._as_answer()

    @route(f"{ONE}/trend", summary="Trend of a KPI", response=schemas.TrendOut)
    def get_trend(self, report_id):
        """Of the closed periods."""
        return self._find("kpi.trend.analysis", report_id)._as_answer()

    @route(
        f"{ONE}/anomalies",
        summary="Unusual values of a KPI",
        response=schemas.AnomaliesOut,
    )
    def get_anomalies(self, report_id):
        """Of the latest periods, newest first, without those that somebody has
        called usual."""
        report = find_record("kpi.report", report_id)
        found = request.env["kpi.anomaly"].list_of(report.id)
        return {"report_id": report.id, "anomalies": found}

    @route(
        f"{ONE}/change",
        summary="What a KPI's change is made of",
        query=ChangeQuery,
        response=ChangeOut,
    )
    def explain_change(self, report_id, query):
        """Between two of its periods. Parts that the key's user may not see are one
        with what is left."""
        report = find_record("kpi.report", report_id)
        return report.explain_change(query.from_, query.to, query.split_by)

    def _find(self, model, report_id):
        """What was worked out of a KPI that the key's user sees."""
        report = find_record("kpi.report", report_id)
        found = request.env[model].search([("kpi_id", "=", report.id)])
        if not found:
            raise Problem("not-found")
        return found
