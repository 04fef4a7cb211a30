import json

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.mail import generate_tracking_message_id

from odoo.addons.kpi_base.columns import add_generated_columns
from odoo.addons.kpi_base.engine.message import Action, Line, Message
from odoo.addons.kpi_base.engine.worktime import to_datetime
from odoo.addons.kpi_base.formatting import (
    format_moment,
    format_percent,
    format_percent_number,
)
from odoo.addons.kpi_base.outbox import DeliverySkipped

from ..fields import OptionalBoolean, TextList, split_texts
from ..schemas.request import AlertOut

# The words of the document that asked for them, which queries compare.
MESSAGES = {
    50: "⏳ 50% of SLA breach reminder have been sent",
    75: "⚠️ 75% of SLA breach reminder have been sent",
    100: "⏰ TAT breached - Immediate action required",
}


class KpiTatAlert(models.Model):
    """A reminder: one for each threshold of a clock, written when it is sent."""

    _name = "kpi.tat.alert"
    _description = "Turnaround Time Reminder"
    _table = "tat_alerts"
    _inherit = ["kpi.readonly.mixin"]
    _order = "alert_sent_at, threshold_percentage, id"
    _rec_name = "request_id"
    _kpi_measurable = True

    alert_id = fields.Integer("Alert ID", compute="_compute_alert_id", exportable=False)
    created_at = fields.Datetime("Created At", related="create_date", exportable=False)
    request_id = fields.Many2one(
        "kpi.tat.request", required=True, readonly=True, ondelete="cascade", index=True
    )
    level_id = fields.Many2one(
        "kpi.tat.level", required=True, readonly=True, ondelete="cascade"
    )
    approver_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict", index=True
    )
    alert_type = fields.Char(required=True, readonly=True)
    threshold_percentage = fields.Integer(
        "Time Used (%)", required=True, readonly=True, aggregator=None
    )
    tat_hours_allocated = fields.Float("Hours Allowed", digits=(12, 4), readonly=True)
    tat_hours_elapsed = fields.Float("Hours Elapsed", digits=(12, 4), readonly=True)
    tat_hours_remaining = fields.Float("Hours Left", digits=(12, 4), readonly=True)
    level_start_time = fields.Datetime("Asked", readonly=True)
    due_at = fields.Datetime("Reminder Due", readonly=True)
    alert_sent_at = fields.Datetime("Sent", required=True, readonly=True)
    expected_completion_time = fields.Datetime("Decision Due", readonly=True)
    alert_message = fields.Char(required=True, readonly=True)
    notification_sent = fields.Boolean("Delivered", readonly=True)
    notification_channels = TextList("Channels", readonly=True)
    is_breached = fields.Boolean("Overdue", readonly=True)
    was_completed_on_time = OptionalBoolean("Done on Time", readonly=True)
    completion_time = fields.Datetime("Done", readonly=True)
    metadata = fields.Json(readonly=True, exportable=False)
    delivery_id = fields.Many2one(
        "kpi.delivery",
        "Message",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )

    _alert_type_choices = models.Constraint(
        "CHECK (alert_type = 'TAT_' || threshold_percentage)",
        "The reminder type must match its threshold, e.g. TAT_50.",
    )
    _threshold_uniq = models.UniqueIndex(
        "(level_id, threshold_percentage)", "This reminder has already been sent."
    )
    _sent_idx = models.Index("(alert_sent_at)")

    def init(self):
        add_generated_columns(
            self.env, self._table, alert_id="id", created_at="create_date"
        )

    def _compute_alert_id(self):
        for record in self:
            record.alert_id = record.id

    @api.depends("request_id", "threshold_percentage")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for alert in self:
            request = alert.request_id.display_name
            alert.display_name = request and self.env._(
                "%(request)s, reminder at %(percent)s",
                request=request,
                percent=format_percent(self.env, alert.threshold_percentage / 100, 0),
            )

    def _describe(self):
        """List these reminders as ``AlertOut``; other records by their numbers."""
        rows = self.read([*AlertOut.model_fields], load=None)
        for row in rows:
            for name, value in row.items():
                if value is False and self._fields[name].type == "datetime":
                    row[name] = None
            row["metadata"] = row["metadata"] or {}
            row["notification_channels"] = split_texts(row["notification_channels"])
            if not row["completion_time"]:
                row["was_completed_on_time"] = None
        return rows

    @api.model
    def _announce(self, found, now):
        """Write the alerts, put their messages into the outbox, note them in chatter.

        All in the transaction that marks the clocks: neither is there without the
        other. The number of statements does not grow with them.

        :param found: list of ``Announcement``; those that were announced before by the
            same clock are left out
        """
        if not found:
            return
        new, former = self._replace_former(found)
        if not new:
            return
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id'))::int"
                " FROM generate_series(1, %s)",
                self._table,
                len(new),
            )
        )
        alert_ids = [alert_id for (alert_id,) in rows]
        delivery_of = self._queue_messages(new, alert_ids, now)
        self._insert(new, delivery_of, former, now)
        self._post_notes(new, now)

    @api.model
    def _replace_former(self, found):
        """Leave out what was announced, and make room for what begins anew.

        The clocks are locked by whoever announces them.

        :return: pair of those to announce, and (id of the clock, percent) → JSON text
            with the former reminders that were deleted for them
        """
        self.flush_model()
        self.env["kpi.tat.level"].flush_model(["level_start_time"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH sent AS (
                    SELECT alert.id, alert.level_id, alert.threshold_percentage,
                           alert.level_start_time < level.level_start_time AS is_former
                      FROM unnest(%s::int[], %s::int[]) AS found (level_id, percent)
                      JOIN tat_alerts AS alert
                        ON alert.level_id = found.level_id
                       AND alert.threshold_percentage = found.percent
                      JOIN approval_levels AS level ON level.id = alert.level_id
                ), former AS (
                    DELETE FROM tat_alerts AS alert
                          USING sent
                          WHERE alert.id = sent.id
                            AND sent.is_former
                      RETURNING alert.id,
                                COALESCE(alert.metadata -> 'former', '[]'::jsonb)
                                || jsonb_build_object(
                                    'alert_id', alert.id,
                                    'level_start_time', alert.level_start_time::text,
                                    'alert_sent_at', alert.alert_sent_at::text,
                                    'is_breached', alert.is_breached,
                                    'was_completed_on_time',
                                    alert.was_completed_on_time) AS story
                )
                SELECT sent.level_id, sent.threshold_percentage, former.story
                  FROM sent
             LEFT JOIN former ON former.id = sent.id
                """,
                [each.row.id for each in found],
                [each.reminder.percent for each in found],
            )
        )
        stories = {(level_id, percent): story for level_id, percent, story in rows}
        if rows:
            self.invalidate_model(flush=False)
        announced = {key for key, story in stories.items() if story is None}
        return (
            [each for each in found if _get_key(each) not in announced],
            {
                key: json.dumps({"former": story})
                for key, story in stories.items()
                if story
            },
        )

    @api.model
    def _insert(self, found, delivery_of, former, now):
        """Write the alerts of what was found, from the columns of the clocks.

        :param delivery_of: id of each new alert → id of its message
        :param former: of ``_replace_former``
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO tat_alerts
                       (id, request_id, level_id, approver_id, alert_type,
                        threshold_percentage, alert_message, tat_hours_allocated,
                        tat_hours_elapsed, tat_hours_remaining, level_start_time,
                        due_at, alert_sent_at, expected_completion_time,
                        notification_sent, notification_channels, is_breached,
                        metadata, delivery_id, create_uid, write_uid, create_date,
                        write_date)
                SELECT found.alert_id, level.request_id, level.id, level.approver_id,
                       'TAT_' || found.percent, found.percent, found.message,
                       round(level.allowed_seconds / 3600.0, 4),
                       round(found.elapsed / 3600.0, 4),
                       round((level.allowed_seconds - found.elapsed) / 3600.0, 4),
                       level.level_start_time,
                       to_timestamp(found.due) AT TIME ZONE 'UTC', %(now)s,
                       level.due_at, FALSE, '{email}',
                       found.elapsed > level.allowed_seconds,
                       jsonb_build_object('superseded', found.superseded::jsonb,
                           'is_test', COALESCE(request.is_test, FALSE))
                       || COALESCE(found.former::jsonb, '{}'),
                       found.delivery_id, %(uid)s, %(uid)s, %(written)s, %(written)s
                  FROM unnest(%(ids)s::int[], %(percents)s::int[], %(elapsed)s::int[],
                              %(due)s::bigint[], %(superseded)s::text[],
                              %(messages)s::text[], %(alert_ids)s::int[],
                              %(deliveries)s::int[], %(former)s::text[])
                       AS found (id, percent, elapsed, due, superseded, message,
                                 alert_id, delivery_id, former)
                  JOIN approval_levels AS level ON level.id = found.id
                  JOIN workflow_requests AS request ON request.id = level.request_id
             RETURNING 1
                """,
                now=now,
                uid=self.env.uid,
                written=self.env.cr.now(),
                ids=[each.row.id for each in found],
                percents=[each.reminder.percent for each in found],
                elapsed=[each.reading.elapsed for each in found],
                due=[each.moments[each.reminder.percent] for each in found],
                superseded=[_write_superseded(each) for each in found],
                messages=[say_reminder(each.reminder.percent) for each in found],
                alert_ids=list(delivery_of),
                deliveries=list(delivery_of.values()),
                former=[
                    former.get((each.row.id, each.reminder.percent)) for each in found
                ],
            )
        )
        for model in ("kpi.tat.request", "kpi.tat.level"):
            self.env[model].invalidate_model(["alert_ids"])

    @api.model
    def _queue_messages(self, found, alert_ids, now):
        """Put one message for each alert that is announced into the outbox.

        Quiet hours delay what is not overdue; those of express requests never wait.

        :return: id of each alert → id of its message
        """
        people = [each.row.approver_id.id for each in found]
        quiet = self.env["kpi.alert.quiet"]._find_quiet(set(people), now)

        def find_moment(each, person):
            can_wait = person in quiet and not each.reading.is_breached
            is_express = can_wait and each.row.request_id.priority == "express"
            return quiet[person] if can_wait and not is_express else None

        id_of = self.env["kpi.delivery"]._queue_by_key(
            [
                {
                    "key": f"tat:{alert_id}",
                    "user_id": person,
                    "subject": say_reminder(each.reminder.percent),
                    "company_id": each.row.company_id.id,
                    "scheduled_at": find_moment(each, person),
                    "renderer": self._name,
                    "lines": [
                        {
                            "res_model": "kpi.tat.request",
                            "res_id": each.row.request_id.id,
                            "data": {"alert": alert_id},
                        }
                    ],
                }
                for alert_id, person, each in zip(alert_ids, people, found, strict=True)
            ]
        )
        return {alert_id: id_of[f"tat:{alert_id}"] for alert_id in alert_ids}

    @api.model
    def _render_delivery(self, delivery, lines):
        """Write the reminder, unless the request was decided on meanwhile."""
        alert = self.search([("id", "in", [line.data["alert"] for line in lines])])
        if not alert.level_id._filter_open():
            raise DeliverySkipped(self.env._("Already decided."))
        request = alert.request_id
        fact_of = self._fields["expected_completion_time"]
        line = Line(
            request.display_name,
            tone="urgent" if alert.is_breached else "warning",
            facts=(
                (
                    fact_of._description_string(self.env),
                    format_moment(self.env, alert.expected_completion_time),
                ),
            ),
            url=request._get_screen_url(),
        )
        title = self.env._(
            "%(percent)s of the time used: %(request)s",
            percent=format_percent_number(self.env, alert.threshold_percentage),
            request=request.display_name,
        )
        if alert.is_breached:
            title = self.env._("Overdue: %s", request.display_name)
        action = Action(self.env._("Open Request"), request._get_screen_url())
        return Message(title, alert.alert_message, (line,), (action,))

    @api.model
    def _post_notes(self, found, now):
        """Note in the requests' chatter that reminders went out, by one statement."""
        thread, written = self.env["mail.thread"], self.env.cr.now()
        author_id, email = thread._message_compute_author()
        reply_to = thread._notify_get_reply_to(default=email, author_id=author_id)
        values = {
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
        self.env.execute_query(
            SQL(
                "INSERT INTO mail_message (res_id, body, %s)"
                " SELECT res_id, body, %s"
                "   FROM unnest(%s, %s::text[]) AS note (res_id, body)"
                " RETURNING 1",
                SQL(", ").join(map(SQL.identifier, values)),
                SQL(", ").join(SQL("%s", value) for value in values.values()),
                [each.row.request_id.id for each in found],
                self._write_notes(found),
            )
        )
        self.env["kpi.tat.request"].invalidate_model(["message_ids"])

    @api.model
    def _write_notes(self, found):
        """The text of each note; of what is overdue with the statement of its clock."""
        sent = self.env._("Reminder sent by system automatically")
        late = [each.row.id for each in found if each.reading.is_breached]
        statements = self.env["kpi.tat.level"].browse(late)._write_statements()
        texts = {
            percent: Markup("%s<br/>%s") % (say_reminder(percent), sent)
            for percent in {each.reminder.percent for each in found}
        }
        notes = []
        for each in found:
            text = texts[each.reminder.percent]
            if statement := statements.get(each.row.id):
                text = Markup("%s<br/>%s") % (text, statement)
            notes.append(text)
        return notes


class KpiDelivery(models.Model):
    """Delivered reminders say so."""

    _inherit = "kpi.delivery"

    def _mark(self, state, *details):
        result = super()._mark(state, *details)
        if state == "sent" and self.renderer == "kpi.tat.alert":
            self.env.execute_query(
                SQL(
                    "UPDATE tat_alerts SET notification_sent = TRUE"
                    " WHERE delivery_id = %s RETURNING id",
                    self.id,
                )
            )
        return result


def _get_key(announcement):
    return announcement.row.id, announcement.reminder.percent


def say_reminder(percent):
    """The words of a reminder; templates may have other percentages."""
    return MESSAGES.get(percent, f"⏳ {percent}% of SLA breach reminder have been sent")


def _write_superseded(announcement):
    """The thresholds that were passed with the announced one, as JSON."""
    moments = announcement.moments
    return json.dumps(
        [
            {
                "threshold_percentage": percent,
                "due_at": fields.Datetime.to_string(to_datetime(moments[percent])),
            }
            for percent in announcement.reminder.superseded
        ]
    )
