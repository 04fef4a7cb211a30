from odoo import http

from odoo.addons.kpi_base.rest.resource import Resource
from odoo.addons.kpi_base.schemas.base import LATEST_FIRST, Filter

from ..schemas import alert as schemas

ALERTS = Resource("/api/kpi/alerts/<kpi_id:alert_id>", schemas.AlertOut)
REASONS = Resource("/api/kpi/alert-reasons", schemas.AlertReasonOut)


class KpiAlertApi(http.Controller):
    """Alerts: people who are notified of one may decide on it."""

    get_alert = ALERTS.get("One alert")
    list_alert_reasons = REASONS.list("Reasons to resolve an alert")

    @ALERTS.list(
        "Alerts",
        "state severity report_id",
        sortable="severity state opened_at resolved_at",
        is_open=schemas.IS_OPEN,
        is_mine=Filter(
            "is_mine", "=", bool, "Sent to the key's user, or theirs to look after"
        ),
        sort=LATEST_FIRST,
    )
    def alerts(self, query):
        """Those that are open, the newest first."""

    @ALERTS.act("acknowledge", "Acknowledge an alert")
    def acknowledge_alert(self, event):
        """No further notifications are sent for it."""
        event.action_acknowledge()

    @ALERTS.act(
        "snooze",
        "Snooze an alert",
        schemas.SnoozeIn,
        example={"until": "2027-01-04T08:00:00Z"},
    )
    def snooze_alert(self, event, body):
        """Nothing more is sent of it until then, unless it is over before."""
        event.action_snooze(body.until)

    @ALERTS.act(
        "resolve",
        "Resolve an alert",
        schemas.ResolutionIn,
        example={"note": "The order was booked late"},
    )
    def resolve_alert(self, event, body):
        """Its rule alerts again with the next period that breaks it."""
        event.action_resolve(body.reason_id or False, body.note)
