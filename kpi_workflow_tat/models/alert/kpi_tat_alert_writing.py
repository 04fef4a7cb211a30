import json

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.worktime import to_datetime

# The words of the document that asked for them, which queries compare.
MESSAGES = {
    50: "⏳ 50% of SLA breach reminder have been sent",
    75: "⚠️ 75% of SLA breach reminder have been sent",
    100: "⏰ TAT breached - Immediate action required",
}


def say_reminder(percent):
    """The words of a reminder; templates may have other percentages."""
    return MESSAGES.get(percent, f"⏳ {percent}% of SLA breach reminder have been sent")


class KpiTatAlert(models.Model):
    """Writing the alerts of a sweep: all of a batch by one statement."""

    _inherit = "kpi.tat.alert"

    @api.model
    def _draw_ids(self, count):
        """Ids of so many new alerts: their messages are written first."""
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id'))::int"
                " FROM generate_series(1, %s)",
                self._table,
                count,
            )
        )
        return [alert_id for (alert_id,) in rows]

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
                ids=[each.clock.id for each in found],
                percents=[each.reminder.percent for each in found],
                elapsed=[each.reading.elapsed for each in found],
                due=[each.clock.moments[each.reminder.percent] for each in found],
                superseded=[_write_superseded(each) for each in found],
                messages=[say_reminder(each.reminder.percent) for each in found],
                alert_ids=list(delivery_of),
                deliveries=list(delivery_of.values()),
                former=[
                    former.get((each.clock.id, each.reminder.percent)) for each in found
                ],
            )
        )
        for model in ("kpi.tat.request", "kpi.tat.level"):
            self.env[model].invalidate_model(["alert_ids"])


def _write_superseded(announcement):
    """The thresholds that were passed with the announced one, as JSON."""
    moments = announcement.clock.moments
    if not announcement.reminder.superseded:
        return "[]"
    return json.dumps(
        [
            {
                "threshold_percentage": percent,
                "due_at": fields.Datetime.to_string(to_datetime(moments[percent])),
            }
            for percent in announcement.reminder.superseded
        ]
    )
