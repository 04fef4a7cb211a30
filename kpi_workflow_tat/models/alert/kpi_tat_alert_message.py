from markupsafe import Markup

from odoo import api, models
from odoo.tools.misc import format_datetime

from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.outbox import DeliverySkipped


class KpiTatAlert(models.Model):
    """Messages of reminders: to who is asked, and in the request's chatter."""

    _inherit = "kpi.tat.alert"

    def _queue_messages(self, now):
        """Put one message for each into the outbox.

        Quiet hours delay what is not overdue; those of express requests never wait.
        """
        quiet = self.env["kpi.alert.quiet"]._find_quiet(self.approver_id.ids, now)
        queued = self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"tat:{alert.id}",
                    "user_id": alert.approver_id.id,
                    "subject": alert.alert_message,
                    "company_id": alert.request_id.company_id.id,
                    "scheduled_at": alert._can_wait()
                    and quiet.get(alert.approver_id.id)
                    or None,
                    "renderer": self._name,
                    "lines": [
                        {
                            "res_model": alert.request_id._name,
                            "res_id": alert.request_id.id,
                            "data": {"alert": alert.id},
                        }
                    ],
                }
                for alert in self
            ]
        )
        message_of = {message.key: message for message in queued}
        for alert in self:
            alert.delivery_id = message_of.get(f"tat:{alert.id}")

    def _can_wait(self):
        is_standard = self.request_id.priority == "standard"
        return is_standard and not self.is_breached

    def _post_note(self):
        """Tell in the request's chatter that the reminder went out."""
        body = Markup("%s<br/>%s") % (
            self.alert_message,
            self.env._("Reminder sent by system automatically"),
        )
        if self.is_breached:
            body += Markup("<br/>%s") % self.level_id._write_statement()
        self.request_id.message_post(body=body, subtype_xmlid="mail.mt_note")

    @api.model
    def _render_delivery(self, delivery, lines):
        """Write the reminder, unless the request was decided on meanwhile.

        :raises DeliverySkipped: it was
        """
        alert = self.search([("id", "in", [line.data["alert"] for line in lines])])
        if not alert.level_id._filter_open():
            raise DeliverySkipped(self.env._("It was decided on meanwhile."))
        request = alert.request_id
        fact_of = self._fields["expected_completion_time"]
        line = Line(
            request.display_name,
            tone="urgent" if alert.is_breached else "warning",
            facts=(
                (
                    fact_of._description_string(self.env),
                    format_datetime(self.env, alert.expected_completion_time),
                ),
            ),
            url=request._get_screen_url(),
        )
        title = self.env._(
            "%(percent)s %% of the time used: %(request)s",
            percent=alert.threshold_percentage,
            request=request.display_name,
        )
        if alert.is_breached:
            title = self.env._("Overdue: %s", request.display_name)
        action = Action(self.env._("Open Request"), request._get_screen_url())
        return Message(title, alert.alert_message, (line,), (action,))
