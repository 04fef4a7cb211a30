from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    read_values,
    row,
    verify_unchanged,
)

from ..schemas.action_item import (
    ActionChange,
    ActionIn,
    ActionOut,
    ActionQuery,
    ActionsQuery,
    EffectOut,
)

MODEL = "kpi.action.item"
PATH = "/api/kpi/actions"
ONE = f"{PATH}/<kpi_id:action_id>"
NAMED = {  # what a body names by id
    "alert_event_id": "kpi.alert.event",
    "discussion_id": "kpi.discussion",
    "report_id": "kpi.report",
}
UNSET = ("due_date", "expected_by", "expected_effect")  # can be taken away


def _prepare(body):
    """Values to write; null takes away what may be missing, and leaves the rest."""
    return read_values(body, NAMED, can_be_empty=UNSET)


class KpiActionApi(http.Controller):
    """Actions: who sees a KPI sees what is done about it."""

    @route(PATH, summary="Actions", query=ActionsQuery)
    def list_actions(self, query):
        return read_page(MODEL, query)

    @route(ONE, summary="One action", query=ActionQuery)
    def get_action(self, action_id, query):
        return row(find_record(MODEL, action_id), query)

    @route(
        f"{ONE}/effect",
        summary="What has changed since an action",
        response=EffectOut,
    )
    def get_action_effect(self, action_id):
        """Once it is completed."""
        return find_record(MODEL, action_id)._get_effect()

    @route(
        PATH,
        methods=["POST"],
        summary="Add an action",
        body=ActionIn,
        response=ActionOut,
        status=201,
        example={
            "report_id": 1,
            "description": "Call the ten largest customers",
            "due_date": "2027-01-15",
        },
    )
    def add_action(self, body):
        """It is done by the key's user unless assigned to somebody else."""
        values = _prepare(body)
        if not values.keys() & NAMED.keys():
            raise Problem("invalid", "Say which KPI it is about.")
        return row(request.env[MODEL].create(values), ActionQuery())

    @route(
        ONE,
        methods=["PATCH"],
        summary="Change an action",
        body=ActionChange,
        response=ActionOut,
        example={"status": "completed"},
    )
    def change_action(self, action_id, body):
        """With “If-Match” only if nobody has changed it since."""
        item = verify_unchanged(find_record(MODEL, action_id), ActionQuery())
        item.write(_prepare(body))
        return row(item, ActionQuery())
