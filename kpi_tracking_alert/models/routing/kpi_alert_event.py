import binascii
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import hash_sign, verify_hash_signed

from odoo.addons.kpi_base.roles import OFFICER

from ...engine.routing import SEVERITY_RANKS
from .people import PeopleFinder

CHANGES = [
    ("fired", "Opened"),
    ("acknowledged", "Acknowledged"),
    ("snoozed", "Snoozed"),
    ("reminded", "Reminded"),
    ("resolved", "Resolved"),
]
EMITTED = ("fired", "acknowledged", "resolved")
# Channels that are rooms: nobody has one of their own.
ROOMS = ("slack", "teams")
BATCH = 1000
DEFAULT_MINUTES = 60  # of auto-escalation without levels
MOST_NOTED = 20  # passed over at a step: a group may have hundreds
NEVER = -1
ROUND = 100_000  # minutes, more than any level: told apart are those after a snooze
CLOCK_SLACK = timedelta(minutes=1)
HOLD_EVERYBODY = ("silence", "flapping", "cooldown")
# Holds that leave the others to be told in time: of one person, and of who knows.
OWN_HOLDS = ("muted", "quiet", "flapping", "part_of")
SCOPE = "kpi_alert_acknowledge"
VALID_HOURS = 24 * 30
PATH = "/kpi/alert"


class KpiAlertEvent(models.Model):
    """Whom each change of an alert concerns; ``kpi.alert.notice`` says when they hear.

    A constant number of statements, however many alerts change at once.
    """

    _inherit = "kpi.alert.event"

    notice_ids = fields.One2many(
        "kpi.alert.notice", "event_id", "Notifications", readonly=True
    )
    change_ids = fields.One2many(
        "kpi.alert.change", "event_id", "History", readonly=True
    )
    flapping_since = fields.Datetime(
        "Frequent Changes Since",
        readonly=True,
        help="The alert changes too often to notify each time.",
    )
    escalated_minutes = fields.Integer(
        "Escalated After (Minutes)",
        required=True,
        readonly=True,
        default=NEVER,
        aggregator=None,
        exportable=False,
    )
    escalates_from = fields.Datetime(
        readonly=True,
        exportable=False,
    )
    reminder_count = fields.Integer("Reminders", readonly=True, aggregator=None)
    repeats_at = fields.Datetime(
        "Next Repeat",
        readonly=True,
        exportable=False,
        help="Next notification unless someone acknowledges the alert.",
    )
    notified_user_ids = fields.Many2many(
        "res.users",
        string="Notified",
        compute="_compute_notified_user_ids",
        exportable=False,
        help="People who received a message or see the alert only in Odoo.",
    )
    passed_over = fields.Json(
        string="Not Notified",
        readonly=True,
        groups=OFFICER,
        exportable=False,
    )
    hold_in_words = fields.Char(
        "Notifications on Hold", compute="_compute_hold_in_words", exportable=False
    )

    def _announce(self, change):
        """Note a change, a key of ``CHANGES``, and have others know, all at once."""
        self._tell_screens()
        if change in EMITTED:
            self.env["kpi.event"]._emit(f"alert.{change}", self)
        # Alerts are the engine's, whoever has changed them.
        events = self.sudo()
        self.env.flush_all()
        self.env["kpi.alert.change"]._log(events, change)
        if change == "acknowledged":
            events._plan_next_step()
        elif change != "snoozed":
            getattr(events, f"_route_{change}")()
        if change in ("acknowledged", "snoozed", "resolved"):
            # Its escalation covers no alert of a part of the KPI any more.
            self.env["kpi.alert.notice"]._wake("part_of")
        events.invalidate_recordset()
        self.env["kpi.timer"]._notify()

    @api.model
    def _flapping_since_sql(self):
        """Since when what is ``given`` has begun and ended as often as its rule says.

        Within the hours of the rule; NULL where it has not.
        """
        return SQL(
            """
            (SELECT coalesce(
                      (array_agg(past.flapping_since ORDER BY past.id DESC))[1],
                      given.fired_at)
               FROM kpi_smart_alert AS rule
          LEFT JOIN kpi_alert_event AS past
                 ON past.report_id = given.report_id
                AND past.alert_id = given.alert_id
              WHERE rule.id = given.alert_id
                AND rule.flapping_changes > 0
           GROUP BY rule.id
             HAVING 1 + count(*) FILTER (WHERE past.fired_at > %(start)s)
                      + count(*) FILTER (WHERE past.resolved_at > %(start)s)
                    >= rule.flapping_changes)
            """,
            start=SQL("given.fired_at - rule.flapping_hours * INTERVAL '1 hour'"),
        )

    def _named_sql(self):
        """Those whom the rule names, as far as they are there and of the company, as
        SELECT of event id, user id and channel id.

        And the channels that its ways name for alerts as bad as these: a way without
        one takes the first room of its kind that the company has.
        """
        return SQL(
            """
            SELECT event.id AS event_id, person.id AS user_id, NULL::int AS channel_id
              FROM kpi_alert_event AS event
              JOIN kpi_smart_alert AS rule ON rule.id = event.alert_id
              JOIN kpi_report AS report ON report.id = event.report_id
        CROSS JOIN LATERAL (
                    SELECT rule.owner_id AS id WHERE rule.is_personal
                     UNION
                    SELECT report.owner_id
                     WHERE rule.tell_responsible AND rule.is_personal IS NOT TRUE
                     UNION
                    SELECT also.res_users_id
                      FROM kpi_smart_alert_user_rel AS also
                     WHERE also.kpi_smart_alert_id = rule.id
                       AND rule.is_personal IS NOT TRUE
                   ) AS whom
              JOIN res_users AS person ON person.id = whom.id
              JOIN res_company_users_rel AS works
                ON works.user_id = person.id AND works.cid = report.company_id
             WHERE event.id = ANY(%(ids)s)
               AND person.active
               AND person.share IS NOT TRUE
         UNION ALL
            SELECT DISTINCT event.id, NULL::int, room.id
              FROM kpi_alert_event AS event
              JOIN kpi_smart_alert AS rule ON rule.id = event.alert_id
        CROSS JOIN LATERAL (
                    SELECT rule.notification_channels AS kind, NULL::int AS room_id
                     UNION ALL
                    SELECT route.channel, route.channel_id
                      FROM kpi_alert_route AS route
                     WHERE route.alert_id = rule.id
                       AND array_position(%(ranked)s::varchar[], route.severity)
                           <= array_position(%(ranked)s::varchar[], event.severity)
                   ) AS way
        CROSS JOIN LATERAL (
                    SELECT id
                      FROM kpi_alert_channel AS room
                     WHERE room.active
                       AND (room.company_id = event.company_id
                            OR room.company_id IS NULL)
                       AND (room.id = way.room_id
                            OR way.room_id IS NULL
                               AND way.kind IN %(rooms)s
                               AND room.kind = way.kind)
                  ORDER BY room.company_id NULLS LAST, room.name, room.id
                     LIMIT 1
                   ) AS room
             WHERE event.id = ANY(%(ids)s)
               AND rule.is_personal IS NOT TRUE
            """,
            ids=self.ids,
            rooms=ROOMS,
            ranked=sorted(SEVERITY_RANKS, key=SEVERITY_RANKS.get),
        )

    def _route_fired(self):
        """Those whom the rule names."""
        rows = "SELECT event_id, 'fired', 0, user_id, channel_id FROM (%s) AS named"
        told_ids = self.env["kpi.alert.notice"]._add(SQL(rows, self._named_sql()))
        (self - self.browse(told_ids))._tell_somebody()

    def _tell_somebody(self, change="fired", blind=()):
        """Those who made the rule, else the administrators, where nobody is told.

        :param blind: pairs (event id, user id) of those who were told, and can see it
            no more
        """
        known = self.env["kpi.alert.notice"].search(
            [("event_id", "in", self.ids), ("state", "!=", "dropped")]
        )
        untold = self - known.filtered(
            lambda notice: (notice.event_id.id, notice.user_id.id) not in blind
        ).mapped("event_id")
        if untold:
            people = PeopleFinder(untold, fields.Datetime.now())
            found = {event: people.find_in_charge(event) for event in untold}
            untold._tell_found(found, change)

    def _route_reminded(self):
        """Whoever was told or looks after it, and, as long as nobody does, whom the
        rule names by now. Who is still to be told something of it hears that once.

        :return: ids of the alerts that somebody is told of
        """
        self.env.flush_all()
        rows = SQL(
            """
            SELECT event.id, 'reminded', coalesce(event.reminder_count, 0) + 1,
                   whom.user_id, whom.channel_id
              FROM (
                SELECT event_id, user_id, channel_id
                  FROM kpi_alert_notice
                 WHERE event_id = ANY(%(ids)s) AND state = 'told'
             UNION
                SELECT id, assignee_id, NULL
                  FROM kpi_alert_event
                 WHERE id = ANY(%(ids)s) AND assignee_id IS NOT NULL
             UNION
                (%(named)s)
              ) AS whom
              JOIN kpi_alert_event AS event ON event.id = whom.event_id
             WHERE NOT EXISTS (
                     SELECT FROM kpi_alert_notice AS waiting
                      WHERE waiting.event_id = event.id
                        AND waiting.state = 'waiting'
                        AND waiting.user_id IS NOT DISTINCT FROM whom.user_id
                        AND waiting.channel_id IS NOT DISTINCT FROM whom.channel_id)
            """,
            ids=self.ids,
            named=self.filtered(lambda event: event.state == "firing")._named_sql(),
        )
        return self.env["kpi.alert.notice"]._add(rows)

    def _get_told(self):
        """Return the people who were told, whoever asks."""
        # Who was told is for all who see the alert.
        notices = self.sudo().notice_ids
        return notices.filtered(lambda notice: notice.state == "told").user_id

    def _route_resolved(self):
        """Whoever knows of it; who was still to be told hears nothing."""
        statement = """
            UPDATE kpi_alert_notice
               SET state = 'dropped', due_at = NULL
             WHERE event_id = ANY(%s) AND state = 'waiting' AND change <> 'resolved'
        """
        self.env.cr.execute(SQL(statement, self.ids))
        self.env["kpi.alert.notice"]._add(
            SQL(
                """
                SELECT DISTINCT event.id, 'resolved', 0, notice.user_id,
                       notice.channel_id
                  FROM (
                    SELECT id, id AS known_id
                      FROM kpi_alert_event
                     WHERE id = ANY(%(ids)s)
                 UNION ALL
                    SELECT event.id, known.id
                      FROM kpi_alert_event AS event
                      JOIN kpi_alert_event AS known
                        ON known.report_id = event.report_id
                       AND known.alert_id = event.alert_id
                       AND known.flapping_since = event.flapping_since
                     WHERE event.id = ANY(%(ids)s)
                  ) AS event
                  JOIN kpi_alert_notice AS notice
                    ON notice.event_id = event.known_id
                   AND notice.state = 'told'
                   AND notice.change <> 'resolved'
                """,
                ids=self.ids,
            )
        )

    @api.model
    def _next_level_sql(self, alert, start, told_minutes=NEVER):
        """When the next level of the rule of SQL ``alert`` is due, from SQL ``start``
        on and past SQL ``told_minutes``; NULL: there is none.
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

    def _plan_next_step(self):
        """Set when the next level of each is due, and when it is told again."""
        self.env.flush_all()
        self.env.cr.execute(
            self._plan_next_step_sql(SQL("SELECT unnest(%s)", self.ids))
        )
        self.invalidate_recordset()

    @api.model
    def _plan_next_step_sql(self, ids_sql):
        """UPDATE of alerts that were told or acknowledged now: from now on counts when
        they are told again.
        """
        return SQL(
            """
            UPDATE kpi_alert_event AS event
               SET repeats_at = plan.repeats_at,
                   next_step_at = CASE event.state
                     WHEN 'firing' THEN LEAST(%(level_at)s, plan.repeats_at)
                     WHEN 'acknowledged' THEN plan.reminds_at
                     WHEN 'snoozed' THEN event.snoozed_until
                   END
              FROM (
                SELECT same.id,
                       CASE WHEN same.state = 'firing' AND rule.repeat_hours > 0
                            THEN %(now)s + rule.repeat_hours * INTERVAL '1 hour'
                        END AS repeats_at,
                       CASE WHEN rule.remind_after_hours > 0
                            THEN %(now)s + rule.remind_after_hours * INTERVAL '1 hour'
                        END AS reminds_at
                  FROM kpi_alert_event AS same
             LEFT JOIN kpi_smart_alert AS rule ON rule.id = same.alert_id
                 WHERE same.id IN (%(ids)s)
              ) AS plan
             WHERE event.id = plan.id
            """,
            level_at=self._next_level_sql(
                SQL("event"),
                SQL("coalesce(event.escalates_from, event.fired_at)"),
                SQL("event.escalated_minutes"),
            ),
            now=fields.Datetime.now(),
            ids=ids_sql,
        )

    @api.model
    def _sweep_steps(self):
        """Take the steps that are due, and that no other sweep holds.

        Those too of what fired in the future, and reminders further ahead than their
        rule plans them: a clock was wrong then, or is now, or the rule has changed.

        :return: when the next one is due, or None
        """
        now = fields.Datetime.now()
        self.env.flush_all()
        statement = """
            SELECT event.id
              FROM kpi_alert_event AS event
         LEFT JOIN kpi_smart_alert AS rule ON rule.id = event.alert_id
             WHERE event.state <> 'resolved'
               AND (event.next_step_at <= %(now)s
                    OR event.state = 'firing'
                       AND event.next_step_at IS NOT NULL
                       AND (coalesce(event.escalates_from, event.fired_at)
                            > %(ahead)s
                            OR event.repeats_at > %(ahead)s
                               + rule.repeat_hours * INTERVAL '1 hour')
                    OR event.state = 'acknowledged'
                       AND event.next_step_at > %(ahead)s
                           + rule.remind_after_hours * INTERVAL '1 hour')
          ORDER BY event.next_step_at, event.id
             LIMIT %(batch)s
        FOR UPDATE OF event SKIP LOCKED
        """
        rows = self.env.execute_query(
            SQL(statement, now=now, ahead=now + CLOCK_SLACK, batch=BATCH)
        )
        self.invalidate_model()
        due = self.browse([event_id for (event_id,) in rows])
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

    def _step_acknowledged(self):
        """Tell again: it was acknowledged, and goes on."""
        now = fields.Datetime.now()
        due = self.filtered(lambda event: event.next_step_at <= now)
        due._remind()
        self._plan_next_step()  # anew from now, where a clock was wrong

    def _step_snoozed(self):
        """End a snooze: what was acknowledged before stays so."""
        acknowledged = self.filtered("acknowledged_at")
        acknowledged.state = "acknowledged"
        (self - acknowledged).write(
            {
                "state": "firing",
                "escalates_from": fields.Datetime.now(),
                "escalated_minutes": NEVER,
            }
        )
        self.snoozed_until = False
        self._remind()
        self._plan_next_step()

    def _remind(self):
        self._announce("reminded")
        self._count_reminder()

    def _count_reminder(self):
        """Count one more, by one statement."""
        statement = """
            UPDATE kpi_alert_event SET reminder_count = coalesce(reminder_count, 0) + 1
             WHERE id = ANY(%s)
        """
        self.env.cr.execute(SQL(statement, self.ids))
        self.invalidate_recordset(["reminder_count"])

    def _step_firing(self):
        """Tell the next level, or all again, as nobody has acknowledged it.

        Where nobody of a level is there, the one after it; after the last the
        administrators.
        """
        now = fields.Datetime.now()
        early = self.filtered(lambda event: event._get_start() > now + CLOCK_SLACK)
        early.escalates_from = now  # a clock went wrong, and is right again
        # Nobody was told of them, as something holds for everybody.
        own = Domain("event_id", "in", (self - early).ids)
        is_held = Domain("change", "=", "fired") & Domain("state", "=", "waiting")
        is_held &= Domain("hold_reason", "not in", OWN_HOLDS)
        notices = self.env["kpi.alert.notice"]
        known = notices.search(Domain("state", "=", "told") & own).event_id
        held_up = notices.search(is_held & own).event_id - known
        people, told = PeopleFinder(self, now), {}
        for event in self - early - held_up:
            for minutes, levels in event._list_levels(now):
                event.escalated_minutes = minutes
                told[event] = people.find(event, levels)
                if told[event]:
                    break
            else:
                if event in told:
                    told[event] = people.find_administrators(event)
        self._tell_found(told, "escalated")
        for event, passed_over in people.passed_over.items():
            event._note_passed_over(passed_over, now)
        again = self.filtered(
            lambda event: event.repeats_at and event.repeats_at <= now
        )
        again.browse(again._route_reminded())._count_reminder()
        self._plan_next_step()
        held_up.next_step_at = False

    def _note_passed_over(self, pairs, now):
        """Keep who was passed over (user id, why), once for each reason."""
        noted, at = self.passed_over or [], fields.Datetime.to_string(now)
        known = {(each["user_id"], each["why"]) for each in noted}
        new = [pair for pair in dict.fromkeys(pairs) if pair not in known]
        if new:
            self.passed_over = noted + [
                {"user_id": user_id, "why": why, "at": at}
                for user_id, why in new[:MOST_NOTED]
            ]

    def _get_start(self):
        """What the minutes of levels count from."""
        return self.escalates_from or self.fired_at

    def _list_levels(self, now):
        """(minutes, levels) not told yet, soonest first; what is due counts as one.

        None where none is due.
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
        if not due:
            return []
        later = (left - due).sorted("after_minutes").grouped("after_minutes")
        return [(max(due.mapped("after_minutes")), due), *later.items()]

    def _tell_found(self, people, change):
        """Have people told, by one statement; event → ``res.users``."""
        rows = []
        for event, users in people.items():
            step = event.reminder_count
            if change == "escalated":
                step = step * ROUND + event.escalated_minutes
            rows += [SQL("%s", (event.id, change, step, user.id)) for user in users]
        if rows:
            found = SQL(
                "SELECT *, NULL::int FROM (VALUES %s) AS row", SQL(", ").join(rows)
            )
            self.env["kpi.alert.notice"]._add(found)
            self._tell_screens()

    @api.depends("notice_ids.state", "notice_ids.user_id")
    @api.depends_context("uid")
    def _compute_notified_user_ids(self):
        users = self.env["res.users"]
        # Not strangers' names.
        known = users.browse(self._get_told().ids)._filtered_access("read")
        for event in self:
            event.notified_user_ids = known & users.browse(event._get_told().ids)

    @api.depends("notice_ids.state", "notice_ids.hold_reason")
    @api.depends_context("lang")
    def _compute_hold_in_words(self):
        field = self.env["kpi.alert.notice"]._fields["hold_reason"]
        labels = dict(field._description_selection(self.env))
        for event in self:
            # Only what holds for all: who has muted a rule is their business.
            notices = event.sudo().notice_ids
            held = notices.filtered(lambda notice: notice.state == "waiting")
            reasons = set(held.mapped("hold_reason")).intersection(HOLD_EVERYBODY)
            event.hold_in_words = ", ".join(labels[each] for each in sorted(reasons))

    @api.model
    def _start_escalation(self, ids):
        """Have levels count from now, of alerts that people are told of only now.

        Levels that were to be told with it are told when their minutes are over.

        :return: ids of the notices that are no longer to be told
        """
        now = fields.Datetime.now()
        statement = SQL(
            """
            WITH started AS (
                UPDATE kpi_alert_event AS event
                   SET escalates_from = %(now)s, escalated_minutes = %(never)s,
                       next_step_at = %(level_at)s
                 WHERE event.id = ANY(%(ids)s)
                   AND event.state = 'firing'
                   AND (coalesce(event.escalates_from, event.fired_at)
                        < %(now)s - INTERVAL '30 seconds'
                        OR event.next_step_at IS NULL)
                   AND %(level_at)s IS NOT NULL
                   AND NOT EXISTS (SELECT FROM kpi_alert_notice AS told
                                    WHERE told.event_id = event.id
                                      AND told.state = 'told')
             RETURNING event.id
            )
            DELETE FROM kpi_alert_notice AS early
                  USING started
             WHERE early.event_id = started.id
               AND early.change = 'escalated'
               AND early.state = 'waiting'
         RETURNING early.id
            """,
            now=now,
            never=NEVER,
            level_at=self._next_level_sql(SQL("event"), SQL("%s", now)),
            ids=list(ids),
        )
        rows = self.env.execute_query(statement)
        self.invalidate_model()
        return {notice_id for (notice_id,) in rows}

    def _get_acknowledge_link(self, user):
        """Address of the page on which ``user`` can acknowledge these alerts."""
        # The secret of the database signs; nobody gets to see it.
        text = hash_sign(
            self.sudo().env, SCOPE, [*self.ids, user.id], expiration_hours=VALID_HOURS
        )
        return f"{self.browse().get_base_url()}{PATH}/{text}"

    @api.model
    def _open_acknowledge_link(self, text):
        """The alerts of a link, those of one KPI, as its person sees them, what waits
        first; empty where it opens none.
        """
        nothing = self.browse()
        try:
            *ids, user_id = verify_hash_signed(self.env, SCOPE, text) or (0, 0)
        except (binascii.Error, UnicodeError, ValueError, IndexError):
            return nothing
        user = self.env["res.users"].browse(user_id or ()).exists()
        if not (user and user.active and user._is_internal()):
            return nothing
        # Less, not more: as the person whose link it is, in all their companies.
        events = self.with_user(user).with_context(
            allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
        )
        events = events.search([("id", "in", ids)])
        return events.filtered(lambda each: each.can_act or each.state == "resolved")

    def _find_to_acknowledge(self):
        """Those that nobody has acknowledged, and that go on."""
        return self.filtered(lambda event: event.state in ("firing", "snoozed"))

    def _describe_page(self):
        """What the page of a link shows of these alerts, in its reader's words."""
        waiting = self._find_to_acknowledge()
        first, *others = waiting or self
        data = {"change": "fired", "step": 0}
        line = first._describe_line(data, others=[(each, data) for each in others])
        said = first._say_end() if first.state == "resolved" else ""
        # Who has seen to it is for all who are told of it.
        person = first.sudo().acknowledged_by_id.name
        if first.state == "acknowledged" and person:
            said = self.env._("%s has acknowledged this alert.", person)
        return {
            "title": line.title,
            "text": line.text,
            "facts": line.facts,
            "said": said,
            "can_acknowledge": bool(waiting),
            "url": first._get_link(),
        }


class KpiAlertChange(models.Model):
    """What happened to an alert, and who did it."""

    _name = "kpi.alert.change"
    _description = "KPI Alert History"
    _inherit = ["kpi.readonly.mixin"]
    _order = "changed_at desc, id desc"
    _rec_name = "change"
    _log_access = False

    event_id = fields.Many2one(
        "kpi.alert.event",
        "Alert",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    change = fields.Selection(CHANGES, required=True, readonly=True)
    changed_at = fields.Datetime("On", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users", "By", readonly=True, ondelete="set null", index="btree_not_null"
    )
    snoozed_until = fields.Datetime(readonly=True)

    @api.model
    def _log(self, events, change):
        """Note a change of all these alerts, by one statement."""
        person = None if self.env.uid == SUPERUSER_ID else self.env.uid
        statement = SQL(
            """
            INSERT INTO kpi_alert_change
                   (event_id, change, changed_at, user_id, snoozed_until)
            SELECT id, %(change)s, %(now)s, %(person)s,
                   CASE WHEN %(change)s = 'snoozed' THEN snoozed_until END
              FROM kpi_alert_event
             WHERE id = ANY(%(ids)s)
          ORDER BY id
            """,
            change=change,
            now=fields.Datetime.now(),
            person=person,
            ids=events.ids,
        )
        self.env.cr.execute(statement)
        self.invalidate_model()
