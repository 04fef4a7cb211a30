from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..routing.kpi_alert_event_screen import KPI_COUNT

PANEL = "kpi_tracking_alert.alerts"
MOST_ROWS = 5
MOST = 100
IS_OPEN = Domain("state", "!=", "resolved")


class KpiHome(models.AbstractModel):
    """Alerts on the overview, and before all else that calls for attention."""

    _inherit = "kpi.home"

    @api.model
    def _alert_items(self, reports=None, browse=None):
        """List KPIs with open alerts first, and none of them as off track besides."""
        items, others = [], super()._alert_items(reports, browse)
        ids = [item["res_id"] for item in others if item["kind"] == "alert"]
        alerted = self.env["kpi.alert.event"].browse(ids).grouped("report_id")
        for report, (event, *more) in alerted.items():
            text = f"{report.name}: {event._say_with_others(len(more))}"
            item = self._prepare_need("alert", event, text, event.fired_at.date())
            cause = (report.definition_id.id, report.company_id.id)
            shown = {"report_id": report.id, "cause": cause}
            items.append({**item, **shown, "severity": event.severity})
        said = [(kind, kpi.id) for kind in ("alert", "off_target") for kpi in alerted]
        return items + [
            item for item in others if (item["kind"], item["report_id"]) not in said
        ]

    def _list_alerting(self, reports, within):
        events = self.env["kpi.alert.event"]
        columns = ("id", "report_id", "period_start", "grain", "period_start")
        any_ = SQL("SELECT FROM kpi_alert_event WHERE state <> 'resolved'")
        alerts = "alert", any_, events._name, within & IS_OPEN, events._order, columns
        return [alerts, *super()._list_alerting(reports, within)]

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
            "number": KPI_COUNT,
            "text": self.env._("KPIs with alerts to acknowledge: %s"),
            "action": "kpi_tracking_alert.kpi_alert_event_action",
            "context": {"search_default_mine": 1, "search_default_firing": 1},
        }
        return [waiting, *super()._list_counted(role)]

    @api.model
    def _get_panels(self):
        """With the KPIs whose open alerts are the worst, and the number of alerts."""
        panels = super()._get_panels()
        events = self.env["kpi.alert.event"].search(IS_OPEN, limit=MOST)
        if not events:
            return panels
        count = len(events) if len(events) < MOST else events.search_count(IS_OPEN)
        shown = events._group_by_kpi()[:MOST_ROWS]
        rows = events.browse().concat(*shown)._prepare_items()
        return {**panels, PANEL: {"count": count, "rows": rows}}
