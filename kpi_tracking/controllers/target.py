from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.resource import Resource, answer_waiting
from odoo.addons.kpi_base.rest.rows import find_record
from odoo.addons.kpi_base.schemas.approval import ChangeOut
from odoo.addons.kpi_base.schemas.base import Filter

from ..schemas import report as schemas

TARGETS = Resource("/api/kpi/targets/<kpi_id:target_id>", schemas.TargetOut)


class KpiTargetApi(http.Controller):
    """Targets, each from a day on."""

    list_targets = TARGETS.list(
        "Targets", "report_id", sortable="date_from", code=Filter("definition_id.code")
    )
    get_target = TARGETS.get("One target")

    @TARGETS.post(
        "Set a target from a day on",
        schemas.TargetIn,
        proposal=ChangeOut,
        example={"report_id": 1, "date_from": "2026-01-01", "value": 120},
    )
    def create_target(self, targets, body):
        """For those who manage the KPI. Where targets need approval it is proposed."""
        find_record("kpi.report", body.report_id)
        values = body.model_dump(exclude_none=True, exclude={"reason"})
        made, change = targets._create_or_propose([values], _reason_of(body))
        return answer_waiting(change) or made or targets.browse(change.res_id)

    @TARGETS.change(
        "Change a target",
        schemas.TargetChange,
        proposal=ChangeOut,
        example={"value": 130, "reason": "A new customer"},
    )
    def change_target(self, target, body):
        """With “If-Match” only if it has not changed since. Where targets need
        approval it is proposed."""
        values = body.model_dump(exclude_unset=True, exclude={"reason"})
        return answer_waiting(target._write_or_propose(values, _reason_of(body)))

    @TARGETS.remove("Remove a target", proposal=ChangeOut)
    def remove_target(self, target):
        """With “If-Match” only if it has not changed since. Where targets need
        approval it is proposed."""
        return answer_waiting(target._unlink_or_propose(_reason_of(None)))


def _reason_of(body):
    """Why it is to change, for who approves it."""
    given = body and body.reason
    return given or request.env._("Sent by another system")
