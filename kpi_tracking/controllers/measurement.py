from datetime import datetime

from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.schemas.base import Day, Filter

from ..schemas import measurement as schemas

MEASUREMENTS = Resource(
    "/api/kpi/measurements/<kpi_id:measurement_id>", schemas.MeasurementOut
)
RESTATEMENTS = Resource("/api/kpi/restatements", schemas.RestatementOut)
FILTERS = {
    "code": Filter("report_id.definition_id.code"),
    "first": Filter("period_start", ">=", Day),
    "last": Filter("period_start", "<=", Day),
}
BULK_BYTES = 4 * 2**20


class KpiMeasurementApi(http.Controller):
    """Values of KPIs, one per period."""

    list_measurements = MEASUREMENTS.list(
        "Values", "report_id grain source", sortable="period_start", **FILTERS
    )
    get_measurement = MEASUREMENTS.get("One value")

    @route(
        MEASUREMENTS.path,
        methods=["POST"],
        summary="Record up to 10,000 values",
        body=schemas.MeasurementsIn,
        response=schemas.MeasurementsOut,
        max_body_bytes=BULK_BYTES,
        example={
            "rows": [{"code": "visits", "day": "2026-01-31", "value": 12}],
            "reason": "Nightly export",
        },
    )
    def record_measurements(self, body):
        """For KPI officers. Each row is named by report or by code, and may replace a
        value; what is sent again changes nothing. Rows that are refused do not stop
        the others: the answer has the result of each row."""
        return request.env[MEASUREMENTS.model]._record_rows(body.rows, body.reason)

    @RESTATEMENTS.list(
        "Closed periods whose values changed after they had settled",
        "report_id",
        sortable="period_start restated_on",
        since=Filter("restated_on", ">=", datetime, "Restated at this moment or later"),
        **FILTERS,
    )
    def list_restatements(self, query):
        """By more than the KPI's tolerance. “new_value” is null where the value is
        gone. One that goes back to what it had settled at is left out again."""

    @MEASUREMENTS.remove("Remove a value", query=schemas.RemovalQuery)
    def remove_measurement(self, measurement, query):
        """It stays readable among the earlier values. With “If-Match” only if it
        has not changed since."""
        measurement._remove(query.reason)
