import binascii
from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import hash_sign, verify_hash_signed

from odoo.addons.kpi_base.roles import OFFICER

from ...engine.routing import SEVERITY_RANKS
from .people import PeopleFinder

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
        "kpi.alert.notice", "event_id", "Notices", readonly=True
    )
    change_ids = fields.One2many(
        "kpi.alert.change", "event_id", "History", readonly=True
    )
    flapping_since = fields.Datetime(
        "Changes Often Since",
        readonly=True,
        help="Since when it has begun and ended too often to be told of each time.",
    )
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
    told_user_ids = fields.Many2many(
        "res.users",
        string="Told",
        compute="_compute_told_user_ids",
        exportable=False,
        help="Who has been sent a message of it, or found it in Odoo where its rule"
        " sends none.",
    )
    passed_over = fields.Json(
        readonly=True,
        groups=OFFICER,
        exportable=False,
        help="Who was not told at a level, and why: dicts of user_id, why and at.",
    )
    hold_in_words = fields.Char(
        "Messages Wait", compute="_compute_hold_in_words", exportable=False
    )

    def _announce(self, change):
        result = super()._announce(change)
        # Alerts are the engine's, whoever has changed them.
        events = self.sudo()
        self.env.flush_all()
        self.env["kpi.alert.change"]._log(events, change)
        getattr(events, f"_route_{change}")()
        events.invalidate_recordset()
        self.env["kpi.timer"]._notify()
        return result

    @api.model
    def _get_found_columns(self):
        """With what routing has to know of a new alert.

        Since when it has begun and ended as often as its rule says, within the hours of
        the rule; NULL where it has not.
        """
        flapping = SQL(
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
        return {
            **super()._get_found_columns(),
            "flapping_since": flapping,
            "next_step_at": self._next_level_sql(SQL("given"), SQL("given.fired_at")),
        }

    def _route_fired(self):
        """Those whom the rule names, as far as they are there and of the company.

        And the channels that its ways name for alerts as bad as these: a way without
        one takes the first room of its kind that the company has.
        """
        named = SQL(
            """
            SELECT event.id, 'fired', 0, person.id, NULL::int
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
            SELECT DISTINCT event.id, 'fired', 0, NULL::int, room.id
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
        told_ids = self.env["kpi.alert.notice"]._add(named)
        (self - self.browse(told_ids))._tell_somebody()

    def _tell_somebody(self):
        """Those who made the rule, else the administrators, as nobody else is told."""
        if not self:
            return
        people = PeopleFinder(self, fields.Datetime.now())
        found = {
            event: people.find_rule_owner(event) or people.find_administrators(event)
            for event in self
        }
        self._tell_found(found, "fired", 0)

    def _find_untold(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT id
                  FROM kpi_alert_event AS event
                 WHERE id = ANY(%s)
                   AND NOT EXISTS (
                       SELECT FROM kpi_alert_notice
                        WHERE event_id = event.id AND state <> 'dropped')
                """,
                self.ids,
            )
        )
        return self.browse([event_id for (event_id,) in rows])

    def _route_acknowledged(self):
        """Plan when to tell again, as each rule says."""
        self._plan_reminder()
        self.env["kpi.alert.notice"]._wake("part_of")  # its escalation covers no part

    def _route_snoozed(self):
        """Nobody is told; ``next_step_at`` is its end."""
        self.env["kpi.alert.notice"]._wake("part_of")  # as above

    def _route_reminded(self):
        """Whoever was told, and whoever looks after it."""
        self.env["kpi.alert.notice"]._add(
            SQL(
                """
                SELECT event.id, 'reminded', event.reminder_count, whom.id, NULL::int
                  FROM kpi_alert_event AS event
            CROSS JOIN LATERAL (
                        SELECT event.assignee_id AS id
                         UNION
                        SELECT notice.user_id
                          FROM kpi_alert_notice AS notice
                         WHERE notice.event_id = event.id AND notice.state = 'told'
                       ) AS whom
                  JOIN res_users AS person ON person.id = whom.id
                 WHERE event.id = ANY(%s) AND person.active
                """,
                self.ids,
            )
        )

    def _route_resolved(self):
        """Whoever knows of it; who was still to be told hears nothing."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE kpi_alert_notice
                   SET state = 'dropped', due_at = NULL
                 WHERE event_id = ANY(%s) AND state = 'waiting' AND change <> 'resolved'
                """,
                self.ids,
            )
        )
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
        self.env["kpi.alert.notice"]._wake("part_of")

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
        """Take the steps that are due, and that no other sweep holds.

        Those too of what fired in the future, and reminders further ahead than their
        rule plans them: a clock was wrong then, or is now.

        :return: when the next one is due, or None
        """
        now = fields.Datetime.now()
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
        by_step = defaultdict(dict)
        for event, users in told.items():
            step = event.reminder_count * ROUND + event.escalated_minutes
            by_step[step][event] = users
        for step, found in by_step.items():
            self._tell_found(found, "escalated", step)
        self._note_passed_over(people.passed_over)
        self.env.flush_all()
        (self - last)._plan_escalation()
        self.invalidate_recordset()
        last.next_step_at = False

    def _note_passed_over(self, found):
        """Keep who was passed over, once for each reason.

        :param found: dict event → pairs (user id, why)
        """
        now = fields.Datetime.to_string(fields.Datetime.now())
        for event, pairs in found.items():
            noted = event.passed_over or []
            known = {(each["user_id"], each["why"]) for each in noted}
            new = [pair for pair in dict.fromkeys(pairs) if pair not in known]
            if new:
                event.passed_over = [
                    *noted,
                    *(
                        {"user_id": user_id, "why": why, "at": now}
                        for user_id, why in new[:MOST_NOTED]
                    ),
                ]

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

    @api.depends("notice_ids.state", "notice_ids.user_id")
    @api.depends_context("uid")
    def _compute_told_user_ids(self):
        users = self.env["res.users"]
        # Who was told is for all who see the alert, but for strangers' names.
        told = {
            event: event.sudo()
            .notice_ids.filtered(lambda notice: notice.state == "told")
            .user_id.ids
            for event in self
        }
        known = users.browse(set().union(*told.values()))._filtered_access("read")
        for event in self:
            event.told_user_ids = users.browse(told[event]) & known

    @api.depends("notice_ids.state", "notice_ids.hold_reason")
    @api.depends_context("lang")
    def _compute_hold_in_words(self):
        # Only what holds for all: who has muted a rule, or rests, is their business.
        notices = self.sudo().notice_ids.filtered(
            lambda notice: (
                notice.state == "waiting" and notice.hold_reason in HOLD_EVERYBODY
            )
        )
        labels = dict(notices._fields["hold_reason"]._description_selection(self.env))
        held = notices.grouped(lambda notice: notice.event_id.id)
        for event in self:
            found = held.get(event.id, notices.browse())
            reasons = sorted(set(found.mapped("hold_reason")))
            event.hold_in_words = ", ".join(labels[each] for each in reasons)

    def _filter_held_up(self):
        """Those that nobody was told of, as something holds for everybody."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT event_id
                  FROM kpi_alert_notice
                 WHERE event_id = ANY(%(ids)s)
              GROUP BY event_id
                HAVING bool_or(change = 'fired' AND state = 'waiting'
                               AND coalesce(hold_reason NOT IN %(own)s, TRUE))
                   AND NOT bool_or(state = 'told')
                """,
                ids=self.ids,
                own=OWN_HOLDS,
            )
        )
        return self.browse([event_id for (event_id,) in rows])

    @api.model
    def _start_escalation(self, ids):
        """Have levels count from now, of alerts whose first message leaves only now.

        Levels that were to be told with it are told when their minutes are over.

        :param ids: of the alerts that people are told of now
        :return: ids of the notices that are no longer to be told
        """
        rows = self.env.execute_query(
            SQL(
                """
                UPDATE kpi_alert_event AS event
                   SET escalates_from = %(now)s, escalated_minutes = %(never)s
                  FROM kpi_smart_alert AS rule
                 WHERE rule.id = event.alert_id
                   AND event.id = ANY(%(ids)s)
                   AND event.state = 'firing'
                   AND (coalesce(event.escalates_from, event.fired_at)
                        < %(now)s - INTERVAL '30 seconds'
                        OR event.next_step_at IS NULL)
                   AND (rule.auto_escalation
                        OR EXISTS (SELECT FROM kpi_alert_level AS level
                                    WHERE level.alert_id = rule.id))
                   AND NOT EXISTS (SELECT FROM kpi_alert_notice AS told
                                    WHERE told.event_id = event.id
                                      AND told.state = 'told')
             RETURNING event.id
                """,
                now=fields.Datetime.now(),
                never=NEVER,
                ids=list(ids),
            )
        )
        if not rows:
            return set()
        self.invalidate_model()
        started = self.browse(sorted(event_id for (event_id,) in rows))
        early = self.env.execute_query(
            SQL(
                """
                DELETE FROM kpi_alert_notice
                 WHERE event_id = ANY(%s) AND change = 'escalated' AND state = 'waiting'
             RETURNING id
                """,
                started.ids,
            )
        )
        started._plan_escalation()
        return {notice_id for (notice_id,) in early}

    def _get_acknowledge_link(self, user):
        """Address of the page on which ``user`` can acknowledge this alert."""
        self.ensure_one()
        # The secret of the database signs; nobody gets to see it.
        text = hash_sign(
            self.sudo().env, SCOPE, [self.id, user.id], expiration_hours=VALID_HOURS
        )
        return f"{self.get_base_url()}{PATH}/{text}"

    @api.model
    def _open_acknowledge_link(self, text):
        """The alert as the person of a link sees it; empty where the link opens none.

        :param text: as it stands in the address
        """
        nothing = self.browse()
        try:
            signed = verify_hash_signed(self.env, SCOPE, text)
        except (binascii.Error, UnicodeError, ValueError, IndexError):
            return nothing
        if not signed:
            return nothing
        event_id, user_id = signed
        user = self.env["res.users"].browse(user_id).exists()
        if not (user and user.active and user._is_internal()):
            return nothing
        # Less, not more: as the person whose link it is, in all their companies.
        event = (
            self.with_user(user)
            .with_context(
                allowed_company_ids=user.company_ids.ids, lang=user.lang, tz=user.tz
            )
            .search([("id", "=", event_id)])
        )
        return (
            event if event and (event.can_act or event.state == "resolved") else nothing
        )

    def _describe_page(self):
        """What the page of a link shows of this alert, in its reader's words."""
        self.ensure_one()
        line = self._describe_line({"change": "fired", "step": 0})
        said = self._say_end() if self.state == "resolved" else ""
        # Who has seen to it is for all who are told of it.
        person = self.sudo().acknowledged_by_id.name
        if self.state == "acknowledged" and person:
            said = self.env._("%s has acknowledged this alert.", person)
        return {
            "title": line.title,
            "text": line.text,
            "facts": line.facts,
            "said": said,
            "can_acknowledge": self.state in ("firing", "snoozed"),
            "url": self._get_link(),
        }
