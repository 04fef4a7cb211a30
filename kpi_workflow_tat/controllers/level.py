from odoo import http
from odoo.http import request

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import find_record, read_page, row

from ..schemas.level import (
    AlertsOut,
    AlertsQuery,
    LevelQuery,
    LevelsQuery,
    StatementOut,
)

MODEL = "kpi.tat.level"
PATH = "/api/tat/levels"
ONE = f"{PATH}/<kpi_id:level_id>"
READ = "tat.read"


class KpiTatLevelApi(http.Controller):
    """Clocks, why they show what they show, and the reminders of them."""

    @route(PATH, scope=READ, summary="Levels and their clocks", query=LevelsQuery)
    def list_levels(self, query):
        """A level has a clock for each person and attempt."""
        return read_page(MODEL, query)

    @route(ONE, scope=READ, summary="One clock", query=LevelQuery)
    def get_level(self, level_id, query):
        return row(find_record(MODEL, level_id), query)

    @route(
        f"{ONE}/statement",
        scope=READ,
        summary="Clock statement of a level",
        response=StatementOut,
    )
    def get_level_statement(self, level_id):
        """Every stretch of time, counted or why not: they add up to the clock."""
        return {"items": find_record(MODEL, level_id).get_statement()}

    @route(
        f"{ONE}/alerts",
        scope=READ,
        summary="Reminders of a level",
        response=AlertsOut,
    )
    def list_level_alerts(self, level_id):
        """All, in the order sent."""
        return _describe(find_record(MODEL, level_id))

    @route(
        "/api/tat/requests/<kpi_id:request_id>/alerts",
        scope=READ,
        summary="Reminders of a request",
        query=AlertsQuery,
        response=AlertsOut,
    )
    def list_request_alerts(self, request_id, query):
        """All, or those of one level, in the order sent."""
        found = find_record("kpi.tat.request", request_id)
        if query.level_id:
            levels = found.level_ids.filtered(lambda one: one.id == query.level_id)
            found = find_record(MODEL, levels.id)
        return _describe(found)


def _describe(record):
    alerts = request.env["kpi.tat.alert"].search([("id", "in", record.alert_ids.ids)])
    return {"items": alerts._describe()}
