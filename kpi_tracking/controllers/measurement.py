from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, row, verify_unchanged

from ..schemas.measurement import (
    MeasurementQuery,
    MeasurementsIn,
    MeasurementsOut,
    MeasurementsQuery,
    RemovalQuery,
    RestatementsQuery,
)

MODEL = "kpi.measurement"
PATH = "/api/kpi/measurements"
ONE = f"{PATH}/<kpi_id:measurement_id>"
BULK_BYTES = 4 * 2**20


class KpiMeasurementApi(http.Controller):
    """Values of KPIs, one per period."""

    @route(PATH, summary="Values", query=MeasurementsQuery)
    def list_measurements(self, query):
        return read_page(MODEL, query)

    @route(
        PATH,
        methods=["POST"],
        summary="Record up to 10,000 values",
        body=MeasurementsIn,
        response=MeasurementsOut,
        max_body_bytes=BULK_BYTES,
        example={
            "rows": [{"code": "visits", "day": "2026-01-31", "value": 12}],
            "reason": "Nightly export",
        },
    )
    def record_measurements(self, body):
        """For KPI officers. Each row is named by report or by code, and may replace a
        value; what is sent again changes nothing. A row that is refused keeps none of
        the others from being recorded: the answer tells of each what became of it."""
        return request.env[MODEL]._record_rows(body.rows, body.reason)

    @route(
        "/api/kpi/restatements",
        summary="Closed periods whose values changed after they had settled",
        query=RestatementsQuery,
    )
    def list_restatements(self, query):
        """By more than the KPI's tolerance. “new_value” is null where the value is
        gone. One that goes back to what it had settled at is left out again."""
        return read_page("kpi.restatement", query)

    @route(ONE, summary="One value", query=MeasurementQuery)
    def get_measurement(self, measurement_id, query):
        return row(find_record(MODEL, measurement_id), query)

    @route(ONE, methods=["DELETE"], summary="Remove a value", query=RemovalQuery)
    def remove_measurement(self, measurement_id, query):
        """It stays readable among the earlier values. With “If-Match” only if nobody
        has changed it since."""
        measurement = verify_unchanged(
            find_record(MODEL, measurement_id), MeasurementQuery()
        )
        measurement._remove(query.reason)
