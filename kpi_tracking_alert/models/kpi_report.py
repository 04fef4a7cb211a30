from dataclasses import replace

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_list
from odoo.addons.kpi_base.engine.counts import say_count
from odoo.addons.kpi_base.schemas.base import GivenDay, Nothing
from odoo.addons.kpi_tracking.models.report.kpi_report import JUDGED

from .routing.people import is_out_of_reach

MOST_NAMED = 3  # of the rules that are on


class KpiReport(models.Model):
    """Alerts of a KPI: rules look at it when it moves; their end is told if it goes."""

    _inherit = "kpi.report"

    alert_event_ids = fields.One2many(
        "kpi.alert.event", "report_id", "Alerts", readonly=True
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

    def _get_verdicts(self):
        """As before, with the open alerts of its own periods that the user sees."""
        verdicts, counts = super()._get_verdicts(), self._count_open_alerts()
        return {
            report: replace(verdict, alert_counts=counts.get(report._origin.id, {}))
            for report, verdict in verdicts.items()
        }

    def _get_figures(self, situations_of, years):
        """As before, with the way to the open alerts of a period."""
        figures_of = super()._get_figures(situations_of, years)
        counts = self._count_open_alerts()
        for report, figures in figures_of.items():
            by_day = {
                day.isoformat(): count
                for day, count in counts.get(report._origin.id, {}).items()
            }
            for figure in figures:
                count = by_day.get(figure["start"])
                if count and figure["key"] in ("running", "closed"):
                    one, more = self.env._("1 alert"), self.env._("%s alerts")
                    text = say_count(count, one, more)
                    link = {"text": text, "method": "action_open_alerts"}
                    figure["links"].append({**link, "args": [figure["start"]]})
        return figures_of

    def _count_open_alerts(self):
        """Open alerts that the user sees: report id → first day → number.

        By one statement, of periods of each KPI's own length.
        """
        rows = self.env["kpi.alert.event"]._read_group(
            [("report_id", "in", self._origin.ids), ("state", "!=", "resolved")],
            ["report_id", "grain", "period_start:day"],
            ["__count"],
        )
        counts = {}
        for report, grain, start, count in rows:
            if grain == report.frequency:
                counts.setdefault(report.id, {})[start] = count
        return counts

    def action_open_alerts(self, period_start: GivenDay | Nothing = None):
        """Open the alerts of the KPI: the only one that is open, or their list.

        :param period_start: first day of the period of its own that they are about;
            default: those of all periods
        """
        self.ensure_one()
        xml_id = "kpi_tracking_alert.kpi_alert_event_action"
        domain = Domain("report_id", "=", self.id)
        if period_start:
            domain &= Domain("grain", "=", self.frequency)
            domain &= Domain("period_start", "=", fields.Date.to_date(period_start))
        events = self.env["kpi.alert.event"].search(
            domain & Domain("state", "!=", "resolved"), limit=2
        )
        if len(events) == 1:
            action = self.env["ir.actions.act_window"]._for_xml_id(xml_id)
            return {**action, "res_id": events.id, "views": [(False, "form")]}
        context = {"search_default_open": 1}
        return open_list(self.env, xml_id, [*domain], context=context)

    def action_alert_me(self):
        """Propose a rule of the user's own, by a channel that delivers."""
        self.ensure_one()
        rules = self.env["kpi.smart.alert"]
        is_awaited = self.status == "no_data" and self.target_ids
        is_rated = is_awaited or self.status in (*JUDGED, "not_due")
        is_mute = is_out_of_reach(self.env.user, ["email"])
        return rules._open_dialog(
            self.env._("Alert Me About %s", self.display_name),
            report_ids=self.ids,
            company_id=self.company_id.id,
            is_personal=True,
            notification_channels="inbox" if is_mute else "email",
            **rules._get_condition("off_target" if is_rated else "unusual", self),
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
            "title": self.env._("First alert"),
            "text": text,
            "button": self.env._("Alert Me"),
            "method": "action_alert_first",
        }
        return [*super()._first_steps(), alerts]

    @api.model
    def action_alert_first(self):
        """Propose an alert about a KPI of the company, if possible with a target."""
        of_company = Domain("company_id", "in", self.env.companies.ids)
        of_company &= Domain("scope_type", "=", "company")
        rated = of_company & Domain("target_ids", "!=", False)
        report = self.search(rated, limit=1) or self.search(of_company, limit=1)
        return report.action_alert_me() if report else self._list_action()

    @api.model
    def _find_done_steps(self):
        """A rule is on, of the company or of the user."""
        own = Domain("is_personal", "=", False) | Domain("owner_id", "=", self.env.uid)
        is_on = own & Domain("state", "=", "on")
        is_on &= Domain("company_id", "in", [*self.env.companies.ids, False])
        done = super()._find_done_steps()
        if self.env["kpi.smart.alert"].search_count(is_on, limit=1):
            done.add("alerts")
        return done

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
