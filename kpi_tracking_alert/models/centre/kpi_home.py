from odoo import api, models
from odoo.fields import Domain

PANEL = "kpi_tracking_alert.alerts"
MOST_ROWS = 5
MOST = 100


class KpiHome(models.AbstractModel):
    """Alerts on the overview, and before all else that calls for attention."""

    _inherit = "kpi.home"

    @api.model
    def _alert_items(self, reports=None):
        """List open alerts first; their KPIs are not listed as off track besides."""
        events = self._find_open_alerts(reports)
        alerted = set(events.report_id.ids)
        return [
            *(self._prepare_alert_item(event) for event in events),
            *(
                item
                for item in super()._alert_items(reports)
                if item["kind"] != "off_target" or item["report_id"] not in alerted
            ),
        ]

    @api.model
    def _find_open_alerts(self, reports):
        """Open alerts of KPIs, worst first.

        :param reports: KPIs that the user may see; none: all of them
        """
        domain = Domain("state", "!=", "resolved")
        if reports:
            domain &= Domain("report_id", "in", reports.ids)
        return self.env["kpi.alert.event"].search(domain, limit=MOST)

    @api.model
    def _prepare_alert_item(self, event):
        text = event.report_id.name
        if event.reason:
            text = f"{text}: {event.reason}"
        day = event.fired_at.date()
        item = self._prepare_need("alert", event, text, day)
        return {**item, "report_id": event.report_id.id, "severity": event.severity}

    @api.model
    @api.readonly
    def get_needs(self):
        """Alerts come before all else."""
        return sorted(super().get_needs(), key=lambda item: item["kind"] != "alert")

    @api.model
    def _list_counted(self, role):
        waiting = {
            "kind": "alert",
            "model": "kpi.alert.event",
            "domain": self.env["kpi.alert.event"]._get_waiting_domain(),
            "text": self.env._("Alerts to acknowledge: %s"),
            "action": "kpi_tracking_alert.kpi_alert_event_action",
            "context": {"search_default_mine": 1, "search_default_firing": 1},
        }
        return [waiting, *super()._list_counted(role)]

    @api.model
    def _get_panels(self):
        panels = super()._get_panels()
        alerts = self._list_alerts()
        return {**panels, PANEL: alerts} if alerts["count"] else panels

    @api.model
    def _list_alerts(self):
        """The worst open alerts of the KPIs of the overview.

        :return: dict of ``count`` and ``rows`` (as ``_prepare_item`` makes them)
        """
        events = self._find_open_alerts(None)
        rows = [event._prepare_item() for event in events[:MOST_ROWS]]
        return {"count": len(events), "rows": rows}
