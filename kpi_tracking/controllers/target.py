from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.proposal import answer_waiting
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, row, verify_unchanged
from odoo.addons.kpi_base.schemas.change import ChangeOut

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

    @route(PATH, summary="Targets", query=TargetsQuery)
    def list_targets(self, query):
        return read_page(MODEL, query)

    @route(ONE, summary="One target", query=TargetQuery)
    def get_target(self, target_id, query):
        return row(find_record(MODEL, target_id), query)

    @route(
        PATH,
        methods=["POST"],
        summary="Set a target from a day on",
        body=TargetIn,
        response=TargetOut,
        status=201,
        proposal=ChangeOut,
        example={"report_id": 1, "date_from": "2026-01-01", "value": 120},
    )
    def create_target(self, body):
        """For those who manage the KPI. Where targets need approval it is proposed."""
        find_record("kpi.report", body.report_id)
        values = body.model_dump(exclude_none=True, exclude={"reason"})
        targets = request.env[MODEL]
        made, change = targets._create_or_propose([values], _reason_of(body))
        target = made or targets.browse(change.res_id)
        return answer_waiting(change) or row(target, TargetQuery())

    @route(
        ONE,
        methods=["PATCH"],
        summary="Change a target",
        body=TargetChange,
        response=TargetOut,
        proposal=ChangeOut,
        example={"value": 130, "reason": "A new customer"},
    )
    def change_target(self, target_id, body):
        """With “If-Match” only if nobody has changed it since. Where targets need
        approval it is proposed."""
        target = verify_unchanged(find_record(MODEL, target_id), TargetQuery())
        values = body.model_dump(exclude_unset=True, exclude={"reason"})
        change = target._write_or_propose(values, _reason_of(body))
        return answer_waiting(change) or row(target, TargetQuery())

    @route(ONE, methods=["DELETE"], summary="Remove a target", proposal=ChangeOut)
    def remove_target(self, target_id):
        """With “If-Match” only if nobody has changed it since. Where targets need
        approval it is proposed."""
        target = verify_unchanged(find_record(MODEL, target_id), TargetQuery())
        return answer_waiting(target._unlink_or_propose(_reason_of(None)))


def _reason_of(body):
    """Why it is to change, for who approves it."""
    given = body and body.reason
    return given or request.env._("Sent by another system")
