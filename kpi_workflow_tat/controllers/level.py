from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.resource import Resource

from ..schemas import level as schemas
from .request import REQUESTS

LEVELS = Resource(
    "kpi.tat.level",
    "/api/tat/levels",
    schemas.LevelOut,
    "kpi_id:level_id",
    scope="tat",
)


class KpiTatLevelApi(http.Controller):
    """Clocks, why they show what they show, and the reminders of them."""

    get_level = LEVELS.read("One clock")

    @LEVELS.list(
        "Levels and their clocks", "request_id approver_id clock decision tat_breached"
    )
    def list_levels(self, query):
        """A level has a clock for each person and attempt."""

    @LEVELS.part(
        "statement", "Clock statement of a level", response=schemas.StatementOut
    )
    def get_level_statement(self, level):
        """Every stretch of time, counted or why not: they add up to the clock."""
        return {"items": level.get_statement()}

    @LEVELS.part("alerts", "Reminders of a level", response=schemas.AlertsOut)
    def list_level_alerts(self, level):
        """All, in the order sent."""
        return _describe(level)

    @REQUESTS.part(
        "alerts",
        "Reminders of a request",
        query=schemas.AlertsQuery,
        response=schemas.AlertsOut,
    )
    def list_request_alerts(self, found, query):
        """All, or those of one level, in the order sent."""
        if query.level_id:
            levels = found.level_ids.filtered(lambda one: one.id == query.level_id)
            found = LEVELS.find(levels.id)
        return _describe(found)


def _describe(record):
    alerts = request.env["kpi.tat.alert"].search([("id", "in", record.alert_ids.ids)])
    return {"items": alerts._describe()}
