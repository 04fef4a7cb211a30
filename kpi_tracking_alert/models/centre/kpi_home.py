from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

PANEL = "kpi_tracking_alert.alerts"
MOST_ROWS = 5
MOST = 100


class KpiHome(models.AbstractModel):
    """Alerts on the overview, and before all else that calls for attention."""

    _inherit = "kpi.home"

    @api.model
    def _alert_items(self, reports=None):
        """List KPIs with open alerts first, and none of them as off track besides."""
        items, alerted = [], self._find_open_alerts(reports).grouped("report_id")
        for report, (event, *others) in alerted.items():
            text = f"{report.name}: {event._say_with_others(len(others))}"
            item = self._prepare_need("alert", event, text, event.fired_at.date())
            items.append({**item, "report_id": report.id, "severity": event.severity})
        known = {item["report_id"] for item in items}
        return items + [
            item
            for item in super()._alert_items(reports)
            if item["kind"] != "off_target" or item["report_id"] not in known
        ]

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
    def _list_waiting(self):
        alerts = SQL("SELECT FROM kpi_alert_event WHERE state = 'firing'")
        return {**super()._list_waiting(), "alert": alerts}

    @api.model
    def _list_counted(self, role):
        waiting = {
            "kind": "alert",
            "model": "kpi.alert.event",
            "domain": self.env["kpi.alert.event"]._get_waiting_domain(),
            "number": SQL(
                "COUNT(DISTINCT %s)", SQL.identifier("kpi_alert_event", "report_id")
            ),
            "text": self.env._("KPIs with alerts to acknowledge: %s"),
            "action": "kpi_tracking_alert.kpi_alert_event_action",
            "context": {"search_default_mine": 1, "search_default_firing": 1},
        }
        return [waiting, *super()._list_counted(role)]

    @api.model
    def _get_panels(self):
        """With the KPIs whose open alerts are the worst, and the number of alerts."""
        panels, events = super()._get_panels(), self._find_open_alerts(None)
        if not events:
            return panels
        is_open = Domain("state", "!=", "resolved")
        count = len(events) if len(events) < MOST else events.search_count(is_open)
        shown = [*events.grouped("report_id").values()][:MOST_ROWS]
        rows = events.browse().concat(*shown)._prepare_items()
        return {**panels, PANEL: {"count": count, "rows": rows}}
