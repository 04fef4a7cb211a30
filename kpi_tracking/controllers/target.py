from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, row, verify_unchanged
from odoo.addons.kpi_base.schemas.base import Page

from ..schemas.target import (
    TargetChange,
    TargetIn,
    TargetOut,
    TargetQuery,
    TargetsQuery,
)

MODEL = "kpi.target"
PATH = "/api/kpi/targets"
ONE = f"{PATH}/<kpi_id:target_id>"


class KpiTargetApi(http.Controller):
    """Targets, each from a day on."""

    @route(PATH, summary="Targets", query=TargetsQuery, response=Page[TargetOut])
    def list_targets(self, query):
        return read_page(MODEL, query)

    @route(ONE, summary="One target", query=TargetQuery, response=TargetOut)
    def get_target(self, target_id, query):
        return row(find_record(MODEL, target_id), query)

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
        find_record("kpi.report", body.report_id)
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
        target = verify_unchanged(find_record(MODEL, target_id), TargetQuery())
        target.write(body.model_dump(exclude_unset=True))
        return row(target, TargetQuery())

    @route(ONE, methods=["DELETE"], summary="Remove a target")
    def remove_target(self, target_id):
        """With “If-Match” only if nobody has changed it since."""
        verify_unchanged(find_record(MODEL, target_id), TargetQuery()).unlink()
