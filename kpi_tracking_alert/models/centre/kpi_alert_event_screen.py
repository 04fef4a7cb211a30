from collections import defaultdict

from odoo import api, fields, models


class KpiAlertEvent(models.Model):
    """Dialogs and ways around an alert."""

    _inherit = "kpi.alert.event"

    can_open_rule = fields.Boolean(compute="_compute_can_open_rule", exportable=False)
    sparkline = fields.Json("Trend", compute="_compute_sparkline", exportable=False)

    @api.depends("alert_id")
    @api.depends_context("uid")
    def _compute_can_open_rule(self):
        seen = self.alert_id._filtered_access("read")
        for event in self:
            event.can_open_rule = event.alert_id in seen

    @api.depends("grain", "period_start", "report_id.sparkline")
    def _compute_sparkline(self):
        """The periods that end with the judged one, by one read for all alerts.

        Of a KPI whose periods have another length by now, those it has today.
        """
        # Who sees an alert sees the KPI's trend.
        alerts = self.sudo()
        shown = {event: event._get_shown_periods() for event in alerts}
        wanted = defaultdict(set)
        for event, found in shown.items():
            if found:
                wanted[event.report_id].update(found)
        periods_of = {report: list(found) for report, found in wanted.items()}
        trends = alerts.report_id._get_trends(periods_of)
        points_of = {
            report: dict(zip(found, trends[report], strict=True))
            for report, found in periods_of.items()
        }
        for event, found in shown.items():
            report = event.report_id
            if not found:
                event.sparkline = report.sparkline
                continue
            today = report.definition_id.calendar_id._today()
            event.sparkline = {
                "running": found[-1].stop > today,
                "points": [points_of[report][period] for period in found],
            }

    def _get_shown_periods(self):
        """Periods of its chart; empty where the KPI has no such ones any more."""
        calendar = self.report_id.definition_id.calendar_id
        if not calendar or self.grain != self.report_id.frequency:
            return []
        judged = calendar._period(self.grain, self.period_start)
        return self.report_id._get_periods_until(judged)

    def action_open_snooze(self):
        """Ask until when."""
        return self._open_dialog("kpi.alert.snooze", self.env._("Snooze"))

    def action_open_resolve(self):
        """Ask for the reason."""
        return self._open_dialog("kpi.alert.resolve", self.env._("Resolve"))

    def _open_dialog(self, model, name):
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_event_ids": self.ids},
        }

    def action_explain(self):
        """Open what explains the value."""
        self.ensure_one()
        return self.report_id.action_explain_period(self.grain, self.period_start)

    def action_open_kpi(self):
        """Open the KPI at the period of the alert."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "kpi.report",
            "res_id": self.report_id.id,
            "views": [(False, "form")],
            "context": {"kpi_period": fields.Date.to_string(self.period_start)},
        }

    def action_open_records(self):
        """Open the records behind the value, as far as the user may read them.

        Where there are none, the KPI at the period of the alert.
        """
        self.ensure_one()
        period = fields.Date.to_string(self.period_start)
        found = self.report_id.get_explanation(period, self.grain).get("records")
        if not found or not found["ids"]:
            return self.action_open_kpi()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "%(kpi)s: %(period)s",
                kpi=self.report_id.name,
                period=self.period_label,
            ),
            "res_model": found["model"],
            "domain": [("id", "in", found["ids"])],
            "context": {"active_test": False, "create": False},
            "views": [(False, "list"), (False, "form")],
        }

    def action_open_rule(self):
        """Open the rule."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "kpi.smart.alert",
            "res_id": self.alert_id.id,
            "views": [(False, "form")],
        }

    def _say_with_others(self, count):
        """The alert in one line, and how many there are beside it."""
        self.ensure_one()
        # Who sees an alert reads who has it.
        assignee = self.sudo().assignee_id.name
        said = self.reason or self.rule_name
        if assignee:
            said = self.env._(
                "%(alert)s · assigned to %(name)s", alert=said, name=assignee
            )
        if not count:
            return said
        return self.env._("%(alert)s · and %(count)s more", alert=said, count=count)
