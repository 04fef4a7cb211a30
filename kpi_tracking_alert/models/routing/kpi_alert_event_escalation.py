from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .people import PeopleFinder

BATCH = 1000
DEFAULT_MINUTES = 60  # of auto-escalation without levels
NEVER = -1
ROUND = 100_000  # minutes, more than any level: told apart are those after a snooze
CLOCK_SLACK = timedelta(minutes=1)


class KpiAlertEvent(models.Model):
    """Steps that come by themselves: escalations, reminders, the end of a snooze."""

    _inherit = "kpi.alert.event"

    escalated_minutes = fields.Integer(
        "Escalated After (Minutes)",
        required=True,
        readonly=True,
        default=NEVER,
        aggregator=None,
        exportable=False,
        help="Minutes of the last level that was told.",
    )
    escalates_from = fields.Datetime(
        readonly=True,
        exportable=False,
        help="What the minutes of levels count from. Empty = since it fired.",
    )
    reminder_count = fields.Integer("Reminders", readonly=True, aggregator=None)

    @api.model
    def _next_level_sql(self, alert, start, told_minutes=NEVER):
        """When the next level of an alert's rule is due; NULL: there is none.

        :param alert: SQL name of what has its ``alert_id``
        :param start: SQL of the moment that the levels count from
        :param told_minutes: SQL of the minutes of the last level that was told
        """
        return SQL(
            """
            (SELECT %(start)s + INTERVAL '1 minute' * coalesce(
                      min(level.after_minutes)
                        FILTER (WHERE level.after_minutes > %(told)s),
                      CASE WHEN count(level.id) = 0
                                AND rule.auto_escalation
                                AND %(told)s < %(default)s
                           THEN %(default)s END)
               FROM kpi_smart_alert AS rule
          LEFT JOIN kpi_alert_level AS level ON level.alert_id = rule.id
              WHERE rule.id = %(alert)s.alert_id
                AND rule.is_personal IS NOT TRUE
           GROUP BY rule.id)
            """,
            alert=alert,
            start=start,
            told=told_minutes,
            default=DEFAULT_MINUTES,
        )

    def _plan_escalation(self):
        """Set when the next level of each is due, by one statement."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_alert_event AS event
                   SET next_step_at = %(moment)s
                 WHERE event.id = ANY(%(ids)s)
                """,
                moment=self._next_level_sql(
                    SQL("event"),
                    SQL("coalesce(event.escalates_from, event.fired_at)"),
                    SQL("event.escalated_minutes"),
                ),
                ids=self.ids,
            )
        )

    def _plan_reminder(self):
        """Set when those who acknowledged are told again, by one statement."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_alert_event AS event
                   SET next_step_at = %(now)s
                       + rule.remind_after_hours * INTERVAL '1 hour'
                  FROM kpi_smart_alert AS rule
                 WHERE rule.id = event.alert_id
                   AND rule.remind_after_hours > 0
                   AND event.id = ANY(%(ids)s)
                """,
                now=fields.Datetime.now(),
                ids=self.ids,
            )
        )

    @api.model
    def _sweep_steps(self):
        """Take the steps that are due; when the next one is, or None."""
        due = self._claim_due(fields.Datetime.now())
        for state, events in due.grouped("state").items():
            getattr(events, f"_step_{state}")()
        if len(due) == BATCH:
            return fields.Datetime.now()
        ((moment,),) = self.env.execute_query(
            SQL(
                "SELECT min(next_step_at) FROM kpi_alert_event"
                " WHERE state <> 'resolved' AND next_step_at IS NOT NULL"
            )
        )
        return moment

    @api.model
    def _claim_due(self, now):
        """Alerts whose next step is due, that no other sweep holds.

        Those too that fired in the future, and reminders further ahead than their rule
        plans them: a clock was wrong then, or is now.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT event.id
                  FROM kpi_alert_event AS event
                 WHERE event.state <> 'resolved'
                   AND (event.next_step_at <= %(now)s
                        OR event.state = 'firing'
                           AND event.next_step_at IS NOT NULL
                           AND coalesce(event.escalates_from, event.fired_at)
                               > %(ahead)s
                        OR event.state = 'acknowledged' AND EXISTS (
                           SELECT
                             FROM kpi_smart_alert AS rule
                            WHERE rule.id = event.alert_id
                              AND event.next_step_at > %(ahead)s
                                  + rule.remind_after_hours * INTERVAL '1 hour'))
              ORDER BY event.next_step_at, event.id
                 LIMIT %(batch)s
            FOR UPDATE SKIP LOCKED
                """,
                now=now,
                ahead=now + CLOCK_SLACK,
                batch=BATCH,
            )
        )
        self.invalidate_model()
        return self.browse([event_id for (event_id,) in rows])

    def _step_acknowledged(self):
        """Tell again: it was acknowledged, and goes on."""
        now = fields.Datetime.now()
        due = self.filtered(lambda event: event.next_step_at <= now)
        (self - due).next_step_at = False  # planned anew from now
        due._remind()
        self.env.flush_all()
        self._plan_reminder()

    def _step_snoozed(self):
        """End a snooze: what was acknowledged before stays so."""
        acknowledged = self.filtered("acknowledged_at")
        acknowledged.write({"state": "acknowledged", "snoozed_until": False})
        (self - acknowledged).write(
            {
                "state": "firing",
                "snoozed_until": False,
                "escalates_from": fields.Datetime.now(),
                "escalated_minutes": NEVER,
            }
        )
        self._remind()
        acknowledged._plan_reminder()
        (self - acknowledged)._plan_escalation()

    def _remind(self):
        self.next_step_at = False
        for count, events in self.grouped("reminder_count").items():
            events.reminder_count = count + 1
        self._announce("reminded")

    def _step_firing(self):
        """Tell the next level, as nobody has acknowledged it.

        Where nobody is there, the level after it; after the last the administrators.
        """
        now = fields.Datetime.now()
        early = self.filtered(lambda event: event._get_start() > now + CLOCK_SLACK)
        early.write({"escalates_from": now})  # a clock went wrong, and is right again
        held_up = (self - early)._filter_held_up()
        people = PeopleFinder(self, now)
        told, last = {}, held_up
        for event in self - early - held_up:
            for minutes, levels in event._list_levels(now):
                event.escalated_minutes = minutes
                told[event] = people.find(event, levels)
                if told[event]:
                    break
            else:
                if event in told:
                    told[event] = people.find_administrators(event)
                last |= event
        for step, events in self.grouped(_get_step).items():
            found = {event: told[event] for event in events if event in told}
            self._tell_found(found, "escalated", step)
        self._note_passed_over(people.passed_over)
        self.env.flush_all()
        (self - last)._plan_escalation()
        self.invalidate_recordset()
        last.next_step_at = False

    def _get_start(self):
        """What the minutes of levels count from."""
        return self.escalates_from or self.fired_at

    def _list_levels(self, now):
        """Pairs (minutes, levels) that have not been told, soonest first.

        Those that have become due together count as one.
        """
        rule = self.alert_id
        levels = rule.level_ids
        if not levels and rule.auto_escalation:
            levels = levels.new({"whom": "manager", "after_minutes": DEFAULT_MINUTES})
        elapsed = (now - self._get_start()).total_seconds() / 60
        left = levels.filtered(
            lambda level: level.after_minutes > self.escalated_minutes
        )
        due = left.filtered(lambda level: level.after_minutes <= elapsed)
        later = (left - due).sorted("after_minutes").grouped("after_minutes")
        pairs = [(max(due.mapped("after_minutes")), due)] if due else []
        return [*pairs, *later.items()]

    def _tell_found(self, people, change, step):
        """Have people told, by one statement.

        :param people: dict event → ``res.users``
        """
        pairs = [
            (event.id, user.id) for event, users in people.items() for user in users
        ]
        if pairs:
            event_ids, user_ids = map(list, zip(*pairs, strict=True))
            self.env["kpi.alert.notice"]._add(
                SQL(
                    "SELECT event_id, %s, %s, user_id, NULL::int"
                    " FROM unnest(%s::int[], %s::int[]) AS pair (event_id, user_id)",
                    change,
                    step,
                    event_ids,
                    user_ids,
                )
            )


def _get_step(event):
    """Minutes of the level that was reached, told apart from those before a snooze."""
    return event.reminder_count * ROUND + event.escalated_minutes
