from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.message import to_html
from odoo.addons.kpi_base.outbox import DeliverySkipped


class KpiReport(models.Model):
    """A KPI that is deleted takes its alerts along: their end is told before."""

    _inherit = "kpi.report"

    @api.ondelete(at_uninstall=False)
    def _unlink_end_alerts(self):
        # Alerts are the engine's; the right to delete the KPIs was asked for.
        events = (
            self.env["kpi.alert.event"].sudo().search([("report_id", "in", self.ids)])
        )
        events._resolve("kpi", self.env._("It was deleted."))
        notices = events.env["kpi.alert.notice"].search(
            [
                ("event_id", "in", events.ids),
                ("change", "=", "resolved"),
                ("state", "=", "waiting"),
            ]
        )
        now = fields.Datetime.now()
        asked = SQL("SELECT * FROM kpi_alert_notice WHERE id = ANY(%s)", notices.ids)
        waiting = notices._fetch_waiting(asked, now)
        quiet = events.env["kpi.alert.quiet"]._find_quiet(notices.user_id.ids, now)
        for delivery in notices._queue_messages(waiting):
            delivery._settle(quiet.get(delivery.user_id.id))
        # As above.
        self.env["kpi.webhook"].sudo()._settle_events(self)


class KpiAlertEvent(models.Model):
    """Alerts that are about to be gone."""

    _inherit = "kpi.alert.event"


class KpiDelivery(models.Model):
    """Messages that outlive what they are about."""

    _inherit = "kpi.delivery"

    def _settle(self, moment):
        """Keep what the message says now; it leads nowhere, as its records go.

        :param moment: UTC, when it is sent; None = at once
        """
        try:
            message = self._compose()
        except DeliverySkipped:
            self.unlink()
            return
        lines = tuple(replace(line, url="") for line in message.lines)
        message = replace(message, lines=lines, actions=(), url="")
        self.line_ids.unlink()
        self.write(
            {
                "renderer": False,
                "subject": message.title,
                "body": to_html(message),
                "scheduled_at": moment,
                "due_at": moment,
            }
        )
