from odoo import http
from odoo.http import request

from ..schemas.base import Page
from ..schemas.target import (
    TargetChange,
    TargetIn,
    TargetOut,
    TargetQuery,
    TargetsQuery,
)
from .rest.route import route
from .rest.rows import found, listed, row, unchanged

MODEL = "kpi.target"
PATH = "/api/kpi/targets"
ONE = f"{PATH}/<kpi_id:target_id>"


class KpiTargetApi(http.Controller):
    """Targets, each from a day on."""

    @route(PATH, summary="Targets", query=TargetsQuery, response=Page[TargetOut])
    def list_targets(self, query):
        return listed(MODEL, query)

    @route(ONE, summary="One target", query=TargetQuery, response=TargetOut)
    def get_target(self, target_id, query):
        return row(found(MODEL, target_id), query)

    @route(
        PATH,
        methods=["POST"],
        summary="Set a target from a day on",
        body=TargetIn,
        response=TargetOut,
        status=201,
        example={"report_id": 1, "date_from": "2026-01-01", "value": 120},
    )
    def create_target(self, body):
        """For those who manage the KPI."""
        found("kpi.report", body.report_id)
        target = request.env[MODEL].create(body.model_dump(exclude_none=True))
        return row(target, TargetQuery())

    @route(
        ONE,
        methods=["PATCH"],
        summary="Change a target",
        body=TargetChange,
        response=TargetOut,
        example={"value": 130},
    )
    def change_target(self, target_id, body):
        """With “If-Match” only if nobody has changed it since."""
        target = unchanged(found(MODEL, target_id), TargetQuery())
        target.write(body.model_dump(exclude_unset=True))
        return row(target, TargetQuery())

    @route(ONE, methods=["DELETE"], summary="Take a target away")
    def remove_target(self, target_id):
        """With “If-Match” only if nobody has changed it since."""
        unchanged(found(MODEL, target_id), TargetQuery()).unlink()
