from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_tracking.models.report.kpi_report import JUDGED

MOST_NAMED = 3  # of the rules that are on


class KpiReport(models.Model):
    """Alerts of a KPI: rules look at it when it moves; their end is told if it goes."""

    _inherit = "kpi.report"

    alert_event_ids = fields.One2many(
        "kpi.alert.event", "report_id", "Alerts", readonly=True
    )
    open_alert_count = fields.Integer(
        "Open Alerts", compute="_compute_open_alerts", exportable=False
    )
    open_alerts_in_words = fields.Char(
        "Open Alerts Summary", compute="_compute_open_alerts", exportable=False
    )

    def write(self, vals):
        result = super().write(vals)
        if not {"active", "company_id", "department_id"}.isdisjoint(vals):
            self.env["kpi.smart.alert"]._mark(self.ids)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_end_alerts(self):
        """End their alerts; what is still to be told of it goes to the outbox."""
        # Alerts are the engine's; the right to delete the KPIs was asked for.
        env = self.sudo().env
        events = env["kpi.alert.event"].search([("report_id", "in", self.ids)])
        events._resolve("kpi", self.env._("It was deleted."))
        notices = env["kpi.alert.notice"].search(
            [
                ("event_id", "in", events.ids),
                ("change", "=", "resolved"),
                ("state", "=", "waiting"),
            ]
        )
        now = fields.Datetime.now()
        asked = SQL("SELECT * FROM kpi_alert_notice WHERE id = ANY(%s)", notices.ids)
        quiet = env["kpi.alert.quiet"]._find_quiet(notices.user_id.ids, now)
        for delivery in notices._queue_messages(notices._fetch_waiting(asked, now)):
            delivery._settle(quiet.get(delivery.user_id.id))
        env["kpi.webhook"]._settle_events(self)

    @api.depends("alert_event_ids.state")
    @api.depends_context("uid", "lang")
    def _compute_open_alerts(self):
        events = self.env["kpi.alert.event"].search(
            [("report_id", "in", self.ids), ("state", "!=", "resolved")]
        )
        by_report = events.grouped("report_id")
        for report in self:
            own = by_report.get(report)
            report.open_alert_count = len(own or ())
            report.open_alerts_in_words = own and own[0]._say_with_others(len(own) - 1)

    def _get_verdicts(self):
        """As before, with the open alerts of its own periods that the user sees."""
        verdicts = super()._get_verdicts()
        rows = self.env["kpi.alert.event"]._read_group(
            [("report_id", "in", self._origin.ids), ("state", "!=", "resolved")],
            ["report_id", "grain", "period_start:day"],
            ["__count"],
        )
        counts = {}
        for report, grain, start, count in rows:
            if grain == report.frequency:
                counts.setdefault(report.id, {})[start] = count
        return {
            report: replace(verdict, alert_counts=counts.get(report._origin.id, {}))
            for report, verdict in verdicts.items()
        }

    def action_open_alerts(self):
        """Open the alerts of the KPI: the only one that is open, else their list."""
        self.ensure_one()
        xml_id = "kpi_tracking_alert.kpi_alert_event_action"
        events = self.env["kpi.alert.event"].search(
            [("report_id", "=", self.id), ("state", "!=", "resolved")], limit=2
        )
        if len(events) == 1:
            action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
            return {**action, "res_id": events.id, "views": [(False, "form")]}
        context = {"search_default_open": 1}
        return open_list(
            self.env, xml_id, [("report_id", "=", self.id)], context=context
        )

    def action_alert_me(self):
        """Propose a rule of the user's own about this KPI."""
        self.ensure_one()
        proposed = {"alert_type": "anomaly_detected"}
        if self.status in JUDGED:
            # Makes sense whatever the KPI's direction.
            proposed = {
                "alert_type": "threshold_breach",
                "compared": "achievement",
                "condition": "below",
                "threshold": 90.0,
            }
        return self.env["kpi.smart.alert"]._open_dialog(
            report_ids=self.ids,
            company_id=self.company_id.id,
            is_personal=True,
            **proposed,
        )

    @api.model
    def _first_steps(self):
        """Say which rules are on: some come with ready KPIs."""
        rules = self._find_rules_on()
        names = rules[:MOST_NAMED].mapped("name")
        text = self.env._("Rules notify owners when a KPI needs attention.")
        if names:
            more = len(rules) - len(names)
            text = self.env._("Active rules: %s.", ", ".join(names))
            if more:
                text = self.env._(
                    "Active rules: %(names)s and %(count)s more.",
                    names=", ".join(names),
                    count=more,
                )
        alerts = {
            "key": "alerts",
            "title": self.env._("Turn on alerts"),
            "text": text,
            "button": self.env._("Open Alert Rules"),
            "action": "kpi_tracking_alert.kpi_smart_alert_action",
        }
        *before, people = super()._first_steps()
        return [*before, alerts, people]

    @api.model
    def _find_done_steps(self):
        """A rule is on."""
        is_on = {"alerts"} if self._find_rules_on() else set()
        return super()._find_done_steps() | is_on

    @api.model
    def _find_rules_on(self):
        companies = [*self.env.companies.ids, False]
        return self.env["kpi.smart.alert"].search(
            [
                ("state", "=", "on"),
                ("is_personal", "=", False),
                ("company_id", "in", companies),
            ]
        )
