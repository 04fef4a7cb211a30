from odoo import fields, models
from odoo.tools.misc import format_date

from odoo.addons.kpi_base.engine.message import Action, Line, Message

TONES = {"off_target": "critical", "at_risk": "warning", "on_target": "good"}


class KpiReviewMeeting(models.Model):
    """Minutes by email: to each receiver what they may see."""

    _inherit = "kpi.review.meeting"

    minutes_sent_at = fields.Datetime("Minutes Sent", readonly=True, copy=False)

    def action_send_minutes(self):
        """Mail the minutes to participants and organiser, once more if asked again."""
        self.ensure_one()
        self.check_access("write")
        # Who takes part is told, whatever of them may be read.
        meeting = self.sudo()
        meeting.minutes_sent_at = now = fields.Datetime.now()
        people = (meeting.participant_ids | meeting.user_id).filtered("active")
        told = [meeting, *meeting.line_ids, *meeting.action_items]
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{self._name}/{self.id}/{now}/{person.id}",
                    "user_id": person.id,
                    "company_id": meeting.company_id.id,
                    "subject": self.env._("Minutes: %s", self.name),
                    "res_model": self._name,
                    "res_id": self.id,
                    "renderer": self._name,
                    "lines": [
                        {"res_model": each._name, "res_id": each.id} for each in told
                    ],
                }
                for person in people
            ]
        )
        self.env["kpi.event"]._emit("meeting.minutes", self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("Minutes are sent to: %s", len(people)),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _note_minutes(self, minutes, is_sent=True):
        """Write minutes, where some are given, and mail them."""
        self.check_access("write")
        if minutes is not None:
            self.minutes = minutes
        if is_sent:
            self.action_send_minutes()

    def _write_minutes(self, lines):
        """The minutes, as the reader may see them."""
        found = {
            model: self.env[model].browse(some.mapped("res_id"))
            for model, some in lines.grouped("res_model").items()
        }
        topics = found.get("kpi.review.meeting.line", ())
        items = found.get("kpi.action.item", ())
        return Message(
            self.env._("Minutes: %s", self.name),
            text="\n".join(filter(None, [self._say_when(), self.minutes])),
            lines=(
                *(topic._describe_line() for topic in topics),
                *(item._describe_decided() for item in items),
            ),
            actions=(Action(self.env._("Open Meeting"), self._get_url()),),
            url=self._get_url(),
        )


class KpiReviewMeetingLine(models.Model):
    """An item of the agenda in the minutes."""

    _inherit = "kpi.review.meeting.line"

    def _describe_line(self):
        report = self.report_id
        facts = ()
        if report.has_value:
            value = report.definition_id._format_rounded(report.current_value)
            facts = ((report.period_label, value),)
        is_kpi = not (self.alert_event_id or self.action_item_id)
        text = [] if is_kpi else [report.display_name]
        text += [self.note] if self.note else []
        return Line(
            self.name, "\n".join(text), TONES.get(report.status, ""), facts=facts
        )


class KpiActionItem(models.Model):
    """An action in the minutes."""

    _inherit = "kpi.action.item"

    def _describe_decided(self):
        # Who sees an action reads who does it.
        facts = [(self.env._("Assigned To"), self.sudo().assigned_to.name)]
        if self.due_date:
            facts.append((self.env._("Due"), format_date(self.env, self.due_date)))
        name = self.env._("Action: %s", self.name)
        return Line(name, self.report_id.display_name, facts=tuple(facts))
