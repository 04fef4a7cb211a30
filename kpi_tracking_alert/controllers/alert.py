from datetime import timezone

from odoo import http

from odoo.addons.kpi_base.rest.route import route
from odoo.addons.kpi_base.rest.rows import (
    find_record,
    read_page,
    row,
    verify_unchanged,
)

from ..schemas.alert import (
    AlertOut,
    AlertQuery,
    AlertReasonsQuery,
    AlertsQuery,
    ResolutionIn,
    SnoozeIn,
)

MODEL = "kpi.alert.event"
PATH = "/api/kpi/alerts"
ONE = f"{PATH}/<kpi_id:alert_id>"


def _find_unchanged(alert_id):
    return verify_unchanged(find_record(MODEL, alert_id), AlertQuery())


class KpiAlertApi(http.Controller):
    """Alerts: who is told of one may say what becomes of it."""

    @route(PATH, summary="Alerts", query=AlertsQuery)
    def alerts(self, query):
        """Those that are open, the newest first."""
        return read_page(MODEL, query)

    @route(ONE, summary="One alert", query=AlertQuery)
    def get_alert(self, alert_id, query):
        return row(find_record(MODEL, alert_id), query)

    @route(
        f"{ONE}/acknowledge",
        methods=["POST"],
        summary="Acknowledge an alert",
        response=AlertOut,
    )
    def acknowledge_alert(self, alert_id):
        """Nobody else is told of it any more."""
        event = _find_unchanged(alert_id)
        event.action_acknowledge()
        return row(event, AlertQuery())

    @route(
        f"{ONE}/snooze",
        methods=["POST"],
        summary="Snooze an alert",
        body=SnoozeIn,
        response=AlertOut,
        example={"until": "2027-01-04T08:00:00Z"},
    )
    def snooze_alert(self, alert_id, body):
        """Nothing more is sent of it until then, unless it is over before."""
        event = _find_unchanged(alert_id)
        event.action_snooze(body.until.astimezone(timezone.utc).replace(tzinfo=None))
        return row(event, AlertQuery())

    @route(
        f"{ONE}/resolve",
        methods=["POST"],
        summary="Resolve an alert",
        body=ResolutionIn,
        response=AlertOut,
        example={"note": "The order was booked late"},
    )
    def resolve_alert(self, alert_id, body):
        """Its rule alerts again with the next period that breaks it."""
        event = _find_unchanged(alert_id)
        event.action_resolve(body.reason_id or False, body.note)
        return row(event, AlertQuery())

    @route(
        "/api/kpi/alert-reasons",
        summary="Reasons to resolve an alert",
        query=AlertReasonsQuery,
    )
    def list_alert_reasons(self, query):
        return read_page("kpi.alert.reason", query)
