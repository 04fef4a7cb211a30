from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.counts import say_count

from ..routing.kpi_alert_event_screen import KPI_COUNT

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

    def _get_first_kinds(self):
        first = super()._get_first_kinds()
        return {role: ("alert", *kinds) for role, kinds in first.items()}

    @api.model
    def _list_waiting(self):
        alerts = SQL("SELECT FROM kpi_alert_event WHERE state <> 'resolved'")
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
            "context": {
                "search_default_mine": 1,
                "search_default_firing": 1,
                "search_default_open": 0,  # of the action: would list the others too
            },
        }
        return [waiting, *super()._list_counted(role)]

    def _list_news(self, day, needs):
        """With the KPIs whose open alerts are new, the worst first."""
        news = super()._list_news(day, needs)
        if "alert" in self._find_idle_kinds():
            return news
        is_new = Domain("fired_at", ">=", self._get_first_moment(day))
        events = self.env["kpi.alert.event"]
        events = events.search_fetch(IS_OPEN & is_new, ["report_id"], limit=MOST)
        if not events:
            return news
        title = say_count(
            len(events.report_id),
            self.env._("1 KPI has a new alert"),
            self.env._("%s KPIs have new alerts"),
        )
        text = self._name_first(events.report_id.mapped("name"))
        return [self._prepare_news("alert", title, text, events, "worse"), *news]
