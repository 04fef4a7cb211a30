from odoo import http
from odoo.http import request

from ..schemas.base import Page
from ..schemas.measurement import (
    MeasurementOut,
    MeasurementsIn,
    MeasurementsOut,
    MeasurementsQuery,
    RemovalQuery,
)
from .rest.route import route
from .rest.rows import found, listed

MODEL = "kpi.measurement"
PATH = "/api/kpi/measurements"
BULK_BYTES = 4 * 2**20


class KpiMeasurementApi(http.Controller):
    """Values of KPIs, one per period."""

    @route(
        PATH,
        summary="Values",
        query=MeasurementsQuery,
        response=Page[MeasurementOut],
    )
    def list_measurements(self, query):
        return listed(MODEL, query)

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
        f"{PATH}/<kpi_id:measurement_id>",
        methods=["DELETE"],
        summary="Take a value away",
        query=RemovalQuery,
    )
    def remove_measurement(self, measurement_id, query):
        """It stays readable among the earlier values."""
        found(MODEL, measurement_id)._remove(query.reason)
