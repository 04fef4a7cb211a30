from markupsafe import Markup

from odoo import api, models
from odoo.tools import SQL
from odoo.tools.mail import generate_tracking_message_id

from .kpi_tat_alert_writing import say_reminder


class KpiTatAlert(models.Model):
    """Lines in the chatter of requests: which reminder went out, by which clock."""

    _inherit = "kpi.tat.alert"

    @api.model
    def _post_notes(self, found, now):
        """Tell in the requests' chatter that reminders went out.

        As Odoo's ``_message_log_batch``, which notifies nobody either, by one
        statement.
        """
        values = self._prepare_note_values(now)
        self.env.execute_query(
            SQL(
                "INSERT INTO mail_message (res_id, body, %s)"
                " SELECT res_id, body, %s"
                "   FROM unnest(%s, %s::text[]) AS note (res_id, body)"
                " RETURNING 1",
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(SQL("%s", value) for value in values.values()),
                [each.clock.request_id for each in found],
                self._write_notes(found),
            )
        )
        self.env["kpi.tat.request"].invalidate_model(["message_ids"])

    @api.model
    def _prepare_note_values(self, now):
        """Column → value that all notes have alike."""
        thread, written = self.env["mail.thread"], self.env.cr.now()
        author_id, email = thread._message_compute_author()
        reply_to = thread._notify_get_reply_to(default=email, author_id=author_id)
        return {
            "model": "kpi.tat.request",
            "message_type": "notification",
            "subtype_id": self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note"),
            "author_id": author_id,
            "email_from": email,
            "reply_to": reply_to[False],
            "message_id": generate_tracking_message_id("message-notify"),
            "is_internal": True,
            "email_add_signature": False,
            "date": now,
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
            "create_date": written,
            "write_date": written,
        }

    @api.model
    def _write_notes(self, found):
        """The text of each note; of what is overdue with the statement of its clock."""
        sent = self.env._("Reminder sent by system automatically")
        late = [each.clock.id for each in found if each.reading.is_breached]
        statements = self.env["kpi.tat.level"].browse(late)._write_statements()
        texts = {
            percent: Markup("%s<br/>%s") % (say_reminder(percent), sent)
            for percent in {each.reminder.percent for each in found}
        }
        notes = []
        for each in found:
            text = texts[each.reminder.percent]
            if statement := statements.get(each.clock.id):
                text = Markup("%s<br/>%s") % (text, statement)
            notes.append(text)
        return notes
