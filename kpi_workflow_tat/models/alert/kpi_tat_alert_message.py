from odoo import api, models
from odoo.tools.misc import format_datetime

from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.outbox import DeliverySkipped

from .kpi_tat_alert_writing import say_reminder


class KpiTatAlert(models.Model):
    """Messages of reminders to who is asked."""

    _inherit = "kpi.tat.alert"

    @api.model
    def _queue_messages(self, found, alert_ids, now):
        """Put one message for each alert that is announced into the outbox.

        Quiet hours delay what is not overdue; those of express requests never wait.

        :return: id of each alert → id of its message
        """
        people = {each.clock.approver_id for each in found}
        quiet = self.env["kpi.alert.quiet"]._find_quiet(people, now)
        id_of = self.env["kpi.delivery"]._queue_by_key(
            [
                {
                    "key": f"tat:{alert_id}",
                    "user_id": each.clock.approver_id,
                    "subject": say_reminder(each.reminder.percent),
                    "company_id": each.clock.company_id,
                    "scheduled_at": _can_wait(each)
                    and quiet.get(each.clock.approver_id)
                    or None,
                    "renderer": self._name,
                    "lines": [
                        {
                            "res_model": "kpi.tat.request",
                            "res_id": each.clock.request_id,
                            "data": {"alert": alert_id},
                        }
                    ],
                }
                for alert_id, each in zip(alert_ids, found, strict=True)
            ]
        )
        return {alert_id: id_of[f"tat:{alert_id}"] for alert_id in alert_ids}

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


def _can_wait(announcement):
    is_standard = announcement.clock.priority == "standard"
    return is_standard and not announcement.reading.is_breached
