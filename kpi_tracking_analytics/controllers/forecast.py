from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page

from ..schemas.forecast import (
    AnomaliesOut,
    ForecastOut,
    ForecastsQuery,
    TrendOut,
)

# Those of archived KPIs are shown no more, nor worked out.
FOLLOWED = [("kpi_id.active", "=", True), ("kpi_id.definition_id.active", "=", True)]
ONE = "/api/kpi/reports/<kpi_id:report_id>"


class KpiForecastApi(http.Controller):
    """What was worked out of the values of KPIs; for reading only."""

    @route(
        "/api/kpi/forecasts",
        summary="What KPIs will probably come to",
        query=ForecastsQuery,
    )
    def list_forecasts(self, query):
        """At the end of their running periods. Those with the least chance of their
        targets come first."""
        return read_page("kpi.predictive.analytics", query, FOLLOWED)

    @route(f"{ONE}/forecast", summary="Forecast of a KPI", response=ForecastOut)
    def get_forecast(self, report_id):
        """Of the running period and those to come. A forecast is worked out minutes
        after its values have changed; “is_stale” says that it will be."""
        return self._find("kpi.predictive.analytics", report_id)._as_answer()

    @route(f"{ONE}/trend", summary="Trend of a KPI", response=TrendOut)
    def get_trend(self, report_id):
        """Of the closed periods."""
        return self._find("kpi.trend.analysis", report_id)._as_answer()

    @route(f"{ONE}/anomalies", summary="Unusual values of a KPI", response=AnomaliesOut)
    def get_anomalies(self, report_id):
        """Of the latest periods, newest first, without those that somebody has
        called usual."""
        report = find_record("kpi.report", report_id)
        found = request.env["kpi.anomaly"].list_of(report.id)
        return {"report_id": report.id, "anomalies": found}

    def _find(self, model, report_id):
        """What was worked out of a KPI that the key's user sees."""
        report = find_record("kpi.report", report_id)
        found = request.env[model].search([("kpi_id", "=", report.id)])
        if not found:
            raise Problem("not-found")
        return found
