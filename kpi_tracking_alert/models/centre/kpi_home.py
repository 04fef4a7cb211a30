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
        items, alerted = [], set()
        for event in self._find_open_alerts(reports):
            report, day = event.report_id, event.fired_at.date()
            text = f"{report.name}: {event.reason}" if event.reason else report.name
            item = self._prepare_need("alert", event, text, day)
            items.append({**item, "report_id": report.id, "severity": event.severity})
            alerted.add(report.id)
        items += [
            item
            for item in super()._alert_items(reports)
            if item["kind"] != "off_target" or item["report_id"] not in alerted
        ]
        return items

    @api.model
    def _find_open_alerts(self, reports):
        """Open alerts of these KPIs, or of all where there are none, worst first."""
        domain = Domain("state", "!=", "resolved")
        if reports:
            domain &= Domain("report_id", "in", reports.ids)
        return self.env["kpi.alert.event"].search(domain, limit=MOST)

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
        """With the worst open alerts of the KPIs of the overview, and their number."""
        panels, events = super()._get_panels(), self._find_open_alerts(None)
        if not events:
            return panels
        rows = [event._prepare_item() for event in events[:MOST_ROWS]]
        return {**panels, PANEL: {"count": len(events), "rows": rows}}
