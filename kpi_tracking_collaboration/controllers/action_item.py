from odoo import http

from odoo.addons.kpi_base.rest.problem import Problem
from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.rest.rows import read_values

from ..schemas import action_item as schemas

ACTIONS = Resource(
    "kpi.action.item", "/api/kpi/actions", schemas.ActionOut, "kpi_id:action_id"
)
ABOUT = ("alert_event_id", "discussion_id", "report_id")
UNSET = ("due_date", "expected_by", "expected_effect")  # can be taken away


class KpiActionApi(http.Controller):
    """Actions: who sees a KPI sees what is done about it."""

    list_actions = ACTIONS.list(
        "Actions",
        "report_id discussion_id assigned_to status is_overdue",
        sortable="due_date",
    )
    get_action = ACTIONS.read("One action")

    @ACTIONS.part(
        "effect", "What has changed since an action", response=schemas.EffectOut
    )
    def get_action_effect(self, item):
        """Once it is completed."""
        return item._get_effect()

    @ACTIONS.create(
        "Add an action",
        schemas.ActionIn,
        example={
            "report_id": 1,
            "description": "Call the ten largest customers",
            "due_date": "2027-01-15",
        },
    )
    def add_action(self, items, body):
        """It is done by the key's user unless assigned to somebody else."""
        values = read_values(body, items, UNSET)
        if values.keys().isdisjoint(ABOUT):
            raise Problem("invalid", "Say which KPI it is about.")
        return items.create(values)

    @ACTIONS.change(
        "Change an action", schemas.ActionChange, example={"status": "completed"}
    )
    def change_action(self, item, body):
        """With “If-Match” only if nobody has changed it since."""
        item.write(read_values(body, item, UNSET))
