import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, unique

from ...engine.routing import DROP, LOOK_AGAIN, SEVERITY_RANKS, TELL, Known, decide
from .kpi_alert_event import ROOMS

CHANGES = [
    ("fired", "Opened"),
    ("escalated", "Escalated"),
    ("reminded", "Reminder"),
    ("resolved", "Resolved"),
]
STATES = [("waiting", "Waiting"), ("told", "Notified"), ("dropped", "Not Needed")]
HOLDS = [
    ("muted", "Rule Muted"),
    ("snoozed", "Alert Snoozed"),
    ("silence", "KPI Silenced"),
    ("flapping", "Frequent Changes"),
    ("cooldown", "Cooldown"),
    ("part_of", "Covered by Another Alert"),
    ("quiet", "Quiet Hours"),
]
BATCH = 20_000  # notices of one pass: as many as memory should hold
CLOCK_SLACK = timedelta(minutes=1)
CLOCK_FAR = timedelta(hours=1)  # past the furthest moment that the code sets
TOLD_OF = ("fired", "escalated")  # changes that say that something is wrong
LONGEST_KEY = 80  # characters that stand for what is told
MOST_LINES = 50  # of a message, one for each KPI; the alerts list the others
MOST_LEVELS = 8  # alerts of a KPI that a line has room for


class KpiAlertNotice(models.Model):
    """Somebody who is to be told of a change of an alert, or was.

    It is written with the change, so that nothing is lost when a process ends: a sweep
    of the timer takes what is due, and tells each person all of it by one message.
    """

    _name = "kpi.alert.notice"
    _description = "KPI Alert Notification"
    _inherit = ["kpi.readonly.mixin"]
    _order = "id desc"
    _rec_name = "change"
    _log_access = False

    event_id = fields.Many2one(
        "kpi.alert.event", "Alert", required=True, readonly=True, ondelete="cascade"
    )
    change = fields.Selection(CHANGES, required=True, readonly=True)
    step = fields.Integer(
        required=True,
        readonly=True,
        exportable=False,
    )
    user_id = fields.Many2one(
        "res.users", "Recipient", readonly=True, ondelete="cascade", index=True
    )
    channel_id = fields.Many2one(
        "kpi.alert.channel", readonly=True, ondelete="cascade", index=True
    )
    state = fields.Selection(
        STATES, "Status", required=True, readonly=True, default="waiting"
    )
    created_at = fields.Datetime("Since", required=True, readonly=True)
    # Who has muted a rule, or rests until when, is nobody else's business.
    due_at = fields.Datetime(
        "Next Check",
        readonly=True,
        groups="base.group_system",
        help="If blank, the message is sent immediately.",
    )
    hold_reason = fields.Selection(
        HOLDS, "Reason for Hold", readonly=True, groups="base.group_system"
    )
    notified_at = fields.Datetime("Notified On", readonly=True)

    _once_uniq = models.UniqueIndex(
        "(event_id, change, step, coalesce(user_id, 0), coalesce(channel_id, 0))",
        "This notification already exists.",
    )
    _waiting_idx = models.Index("(due_at NULLS FIRST) WHERE state = 'waiting'")
    _held_idx = models.Index("(hold_reason) WHERE state = 'waiting'")

    @api.model
    def _add(self, rows_sql):
        """Have people told, by one statement; who is to be told already is skipped.

        They may act on the alert from now on, before they are told, too.

        :param rows_sql: SELECT of event id, change, step, user id, channel id
        :return: ids of the alerts that somebody new is told of
        """
        statement = """
            WITH added AS (
                INSERT INTO kpi_alert_notice (event_id, change, step, user_id,
                                              channel_id, state, created_at)
                SELECT event_id, change, step, user_id, channel_id, 'waiting',
                       %(now)s
                  FROM (%(rows)s)
                       AS row (event_id, change, step, user_id, channel_id)
              ORDER BY event_id, change, step, user_id, channel_id
                    ON CONFLICT DO NOTHING
             RETURNING event_id, user_id
            ),
            told AS (
                INSERT INTO kpi_alert_event_told_rel
                       (kpi_alert_event_id, res_users_id)
                SELECT DISTINCT event_id, user_id
                  FROM added
                 WHERE user_id IS NOT NULL
                    ON CONFLICT DO NOTHING
            )
            SELECT DISTINCT event_id FROM added
        """
        rows = self.env.execute_query(
            SQL(statement, rows=rows_sql, now=fields.Datetime.now())
        )
        self.invalidate_model()
        return [event_id for (event_id,) in rows]

    @api.model
    def _wake(self, reason):
        """Decide anew about what waits for a reason that may be gone."""
        held = Domain("state", "=", "waiting") & Domain("hold_reason", "=", reason)
        # Notices are the engine's, whoever has changed the reason.
        notices = self.sudo().search(held & Domain("due_at", "!=", False))
        if notices:
            notices.due_at = False
            self.env["kpi.timer"]._notify()

    @api.model
    def _fetch_waiting(self, notices_sql, now):
        """List of ``Waiting``, in order of receivers, by one statement.

        What ended in the future did so while a clock was wrong, and holds nothing.

        :param notices_sql: SELECT of whole notices
        """
        self.env.flush_all()
        tags = self.env["kpi.definition"]._fields["tag_ids"].relation
        statement = SQL(
            """
            WITH asked AS MATERIALIZED (%(notices)s),
            silenced AS (
                SELECT report.id AS report_id, max(silence.date_to) AS until
                  FROM kpi_alert_silence AS silence
                  JOIN kpi_report AS report
                    ON report.company_id = silence.company_id
                 WHERE silence.active
                   AND silence.date_from <= %(now)s
                   AND silence.date_to > %(now)s
                   AND (report.id IN (
                         SELECT kpi_report_id FROM kpi_alert_silence_report_rel
                          WHERE kpi_alert_silence_id = silence.id)
                        OR report.definition_id IN (
                         SELECT tagged.kpi_definition_id
                           FROM kpi_alert_silence_tag_rel AS chosen
                           JOIN %(tagged)s AS tagged
                             ON tagged.kpi_tag_id = chosen.kpi_tag_id
                          WHERE chosen.kpi_alert_silence_id = silence.id))
              GROUP BY report.id
            )
            SELECT notice.id, notice.event_id, notice.change, notice.step,
                   notice.user_id, notice.channel_id, event.alert_id,
                   event.rule_name, event.report_id, event.company_id,
                   event.severity, event.state,
                   event.personal_user_id IS NOT NULL
                     OR rule.is_personal IS TRUE AS is_personal,
                   EXISTS (SELECT FROM kpi_alert_mute AS mute
                            WHERE mute.alert_id = event.alert_id
                              AND mute.user_id = notice.user_id) AS is_muted,
                   event.snoozed_until, silenced.until AS silenced_until,
                   CASE WHEN before.resolved_at <= %(ahead)s
                        THEN before.resolved_at
                             + rule.alert_cooldown_minutes * INTERVAL '1 minute'
                    END AS cooldown_until,
                   CASE WHEN course.last_at <= %(ahead)s
                        THEN course.last_at + INTERVAL '1 hour' * LEAST(
                             rule.flapping_hours::float
                               / nullif(rule.flapping_changes, 0),
                             nullif(rule.repeat_hours, 0))
                    END AS flapping_until,
                   event.flapping_since IS NOT NULL AND EXISTS (
                     SELECT
                       FROM kpi_alert_event AS past
                       JOIN kpi_alert_notice AS told ON told.event_id = past.id
                      WHERE past.report_id = event.report_id
                        AND past.alert_id = event.alert_id
                        AND past.flapping_since = event.flapping_since
                        AND told.state = 'told'
                        AND told.change <> 'resolved'
                        AND told.user_id IS NOT DISTINCT FROM notice.user_id
                        AND told.channel_id IS NOT DISTINCT FROM notice.channel_id
                   ) AS knows_flapping,
                   coalesce(course.last_id > event.id, FALSE) AS has_newer,
                   EXISTS (SELECT FROM kpi_alert_notice AS room
                            WHERE room.event_id = event.id
                              AND room.channel_id IS NOT NULL) AS has_room,
                   EXISTS (SELECT FROM kpi_alert_quiet
                            WHERE user_id = notice.user_id) AS has_quiet,
                   rule.notification_channels AS usual,
                   ARRAY(SELECT way.channel::text
                           FROM kpi_alert_route AS way
                          WHERE way.alert_id = event.alert_id
                            AND way.channel_id IS NULL
                            AND array_position(%(ranked)s, way.severity::text)
                                <= array_position(%(ranked)s, event.severity::text)
                        ) AS named,
                   login.notification_type = 'inbox' AS has_inbox,
                   room.kind AS room_kind, room.owner_id AS room_owner_id
              FROM asked AS notice
              JOIN kpi_alert_event AS event ON event.id = notice.event_id
         LEFT JOIN kpi_smart_alert AS rule ON rule.id = event.alert_id
         LEFT JOIN res_users AS login ON login.id = notice.user_id
         LEFT JOIN kpi_alert_channel AS room ON room.id = notice.channel_id
         LEFT JOIN silenced ON silenced.report_id = event.report_id
         LEFT JOIN LATERAL (
                    SELECT resolved_at
                      FROM kpi_alert_event AS past
                     WHERE past.report_id = event.report_id
                       AND past.alert_id = event.alert_id
                       AND past.id < event.id
                  ORDER BY id DESC
                     LIMIT 1
                   ) AS before ON TRUE
         LEFT JOIN LATERAL (
                    SELECT max(greatest(fired_at, resolved_at)) AS last_at,
                           max(id) AS last_id
                      FROM kpi_alert_event AS same
                     WHERE same.report_id = event.report_id
                       AND same.alert_id = event.alert_id
                       AND event.flapping_since IS NOT NULL
                   ) AS course ON TRUE
          ORDER BY notice.user_id, notice.channel_id, notice.id
            """,
            notices=notices_sql,
            now=now,
            tagged=SQL.identifier(tags),
            ahead=now + CLOCK_SLACK,
            ranked=[*SEVERITY_RANKS],
        )
        rows = self.env.execute_query_dict(statement)
        return [Waiting(**row) for row in rows]

    @api.model
    def _find_parts(self, waiting, telling):
        """Ids of the notices about parts of KPIs whose alert their receiver knows of,
        or would be told of now (``telling``).

        An escalation counts as one where that alert, which anybody knows of, is
        escalated itself: else nobody would hear that the part goes on.
        """
        asked = [each for each in waiting if each.change in TOLD_OF]
        reports = self.env["kpi.report"].browse({each.report_id for each in asked})
        above = defaultdict(set)
        for report_id, parent_id in reports._list_ancestor_pairs() if reports else ():
            above[report_id].add(parent_id)
        if not above:
            return set()
        statement = """
            SELECT event.report_id, event.severity,
                   event.state = 'firing' AND %s IS NOT NULL
                   OR EXISTS (SELECT FROM kpi_alert_notice AS level
                               WHERE level.event_id = event.id
                                 AND level.change = 'escalated'
                                 AND level.state <> 'dropped'),
                   notice.user_id, notice.channel_id
              FROM kpi_alert_event AS event
              JOIN kpi_alert_notice AS notice ON notice.event_id = event.id
             WHERE event.report_id = ANY(%s)
               AND event.state <> 'resolved'
               AND notice.state = 'told'
        """
        level_at = self.env["kpi.alert.event"]._next_level_sql(
            SQL("event"), SQL("event.fired_at"), SQL("event.escalated_minutes")
        )
        rows = self.env.execute_query(
            SQL(statement, level_at, list(set().union(*above.values())))
        )
        rows += [
            (each.report_id, each.severity, each.change == "escalated", *each.receiver)
            for each in telling
            if each.change in TOLD_OF
        ]
        # (KPI, receiver or None = whoever it is escalated to) → rank of the worst alert
        known = defaultdict(lambda: -1)
        for report_id, severity, is_escalated, *receiver in rows:
            for whoever in (tuple(receiver), *([None] if is_escalated else [])):
                rank = max(known[report_id, whoever], SEVERITY_RANKS[severity])
                known[report_id, whoever] = rank
        return {
            each.id
            for each in asked
            for whoever in [None if each.change == "escalated" else each.receiver]
            if any(
                known[up_id, whoever] >= each.rank for up_id in above[each.report_id]
            )
        }

    @api.model
    def _sweep_due(self):
        """Tell what is due and no other sweep holds; when to look again, or None.

        A moment further ahead than the code sets was set by a clock that went wrong.
        """
        now = fields.Datetime.now()
        waiting = self._fetch_waiting(
            SQL(
                """
                SELECT *
                  FROM kpi_alert_notice
                 WHERE state = 'waiting'
                   AND (due_at IS NULL OR due_at <= %(now)s OR due_at > %(far)s)
              ORDER BY user_id, channel_id, id
                 LIMIT %(batch)s
            FOR UPDATE SKIP LOCKED
                """,
                now=now,
                far=now + LOOK_AGAIN + CLOCK_FAR,
                batch=BATCH,
            ),
            now,
        )
        if waiting:
            self._decide(waiting, now)
        if len(waiting) == BATCH:
            return now
        ((is_now, moment),) = self.env.execute_query(
            SQL(
                "SELECT bool_or(due_at IS NULL), min(due_at) FROM kpi_alert_notice"
                " WHERE state = 'waiting'"
            )
        )
        return now if is_now else moment

    @api.model
    def _decide(self, waiting, now):
        """Decide about each ``Waiting``, and queue the messages of what is told now.

        Where nobody sees an alert, whoever made the rule is told, else administrators.
        """
        users = {each.user_id for each in waiting if each.has_quiet}
        quiet = self.env["kpi.alert.quiet"]._find_quiet(users, now)
        waiting = [
            replace(each, quiet_until=quiet.get(each.user_id)) for each in waiting
        ]
        telling = [each for each in waiting if decide(each, now) == TELL]
        parts = self._find_parts(waiting, telling)
        decided = {
            each: decide(replace(each, is_part=each.id in parts), now)
            for each in waiting
        }
        blind = self._find_blind([each for each in decided if decided[each] == TELL])
        decided.update(dict.fromkeys(blind, DROP))
        events = self.env["kpi.alert.event"]
        early = events._start_escalation(
            [
                each.event_id
                for each, what in decided.items()
                if what == TELL and each.change == "fired"
            ]
        )
        decided = {each: what for each, what in decided.items() if each.id not in early}
        self._store(decided, now)
        self._queue_messages([each for each, what in decided.items() if what == TELL])
        for change in ("fired", "reminded"):
            pairs = {(e.event_id, e.user_id) for e in blind if e.change == change}
            unseen = events.browse({event_id for event_id, _user_id in pairs})
            unseen._tell_somebody(change, pairs)

    @api.model
    def _find_blind(self, telling):
        """Those whose receivers may not see the alert: nobody tells them of it."""
        by_user = defaultdict(list)
        for each in telling:
            if each.user_id:
                by_user[each.user_id].append(each)
        blind = []
        for user_id, notices in by_user.items():
            ids = [each.event_id for each in notices]
            # As the person: their rights, in all their companies.
            own = self.env["kpi.alert.event"].with_user(user_id)
            own = own.with_context(allowed_company_ids=None)
            seen = set()
            if own.has_access("read"):  # by one statement, however many they are
                seen.update(own.search([("id", "in", ids)]).ids)
            has_left = (
                not own.env.user.active
            )  # the outbox says who was not told an end
            blind += [
                each
                for each in notices
                if each.event_id not in seen or has_left and each.change != "resolved"
            ]
        return blind

    @api.model
    def _store(self, decided, now):
        """Write what was decided, and when that is told again, by one statement."""
        states = {"tell": "told", "hold": "waiting", "drop": "dropped"}
        heard = SQL(
            "SELECT event_id FROM stored WHERE state = 'told' AND change <> 'resolved'"
        )
        statement = SQL(
            """
            WITH stored AS (
                UPDATE kpi_alert_notice AS notice
                   SET state = decided.state,
                       hold_reason = decided.reason,
                       due_at = decided.due_at,
                       notified_at = CASE WHEN decided.state = 'told' THEN %(now)s END
                  FROM unnest(%(ids)s::int[], %(states)s::varchar[],
                              %(reasons)s::varchar[], %(dues)s::timestamp[])
                       AS decided (id, state, reason, due_at)
                 WHERE decided.id = notice.id
             RETURNING notice.event_id, notice.state, notice.change
            )
            %(plan)s
            """,
            ids=[each.id for each in decided],
            states=[states[what.verdict] for what in decided.values()],
            reasons=[what.reason for what in decided.values()],
            dues=[what.due_at for what in decided.values()],
            now=now,
            plan=self.env["kpi.alert.event"]._plan_next_step_sql(heard),
        )
        self.env.cr.execute(statement)
        self.invalidate_model()
        self.env["kpi.alert.event"].invalidate_model()

    @api.model
    def _queue_messages(self, telling):
        """Put a message for each receiver and channel into the outbox; returns them."""
        known = {
            key for key, _label in self.env["kpi.delivery"]._fields["channel"].selection
        }
        messages = defaultdict(list)
        for each in telling:
            channels = (
                {each.room_kind} if each.channel_id else each.choose_channels(known)
            )
            for channel in sorted(channels & known):
                messages[(*each.receiver, channel)].append(each)
        return self.env["kpi.delivery"]._queue(
            [self._prepare_message(*key, notices) for key, notices in messages.items()]
        )

    @api.model
    def _prepare_message(self, user_id, room_id, channel, notices):
        """Values of ``kpi.delivery``: its text is written when it is sent."""
        told = ",".join(
            sorted(f"{each.event_id}.{each.change}.{each.step}" for each in notices)
        )
        if len(told) > LONGEST_KEY:
            told = hashlib.sha256(told.encode()).hexdigest()
        receiver = f"user{user_id}" if user_id else f"channel{room_id}"
        is_urgent = any(each.rank >= SEVERITY_RANKS["critical"] for each in notices)
        message = {
            "key": f"alert:{channel}:{receiver}:{told}",
            "channel": channel,
            "lane": "urgent" if is_urgent else "bulk",
            "subject": self._say_for_outbox(notices),
            "company_id": notices[0].company_id,
            "renderer": self._name,
            "lines": self._list_lines(notices),
        }
        if user_id:
            return {**message, "user_id": user_id}
        return {
            **message,
            "target_model": "kpi.alert.channel",
            "target_id": room_id,
            "reader_id": notices[0].room_owner_id,
        }

    @api.model
    def _say_for_outbox(self, notices):
        """What administrators, who may not see the KPIs, read in the outbox.

        The rules of the message's company are theirs to read, those that somebody has
        for themselves are not.
        """
        company_id = notices[0].company_id
        names = [
            each.rule_name
            for each in sorted(notices, key=_get_weight, reverse=True)
            if not each.is_personal and each.company_id == company_id
        ]
        first, *others = list(unique(names)) or [self.env._("personal rule")]
        begun = {each.event_id for each in notices if each.change != "resolved"}
        over = {each.event_id for each in notices} - begun
        counts = {"begun": len(begun), "over": len(over)}
        said = self.env._("Alerts: %(begun)s, resolved: %(over)s", **counts)
        if not over:
            said = self.env._("Alerts: %s", counts["begun"])
        elif not begun:
            said = self.env._("Alerts resolved: %s", counts["over"])
        words = {"said": said, "rule": first, "others": len(others)}
        if not others:
            return self.env._("%(said)s · %(rule)s", **words)
        return self.env._("%(said)s · %(rule)s and %(others)s more", **words)

    @api.model
    def _list_lines(self, notices):
        """Lines for the alerts of the worst KPIs, and for what has ended of others.

        Each knows of how many KPIs there are, and how many alerts have ended, where
        some have no room; and how many alerts of its KPI there are.
        """
        by_event, ids = {}, defaultdict(list)
        for each in sorted(notices, key=_get_weight):
            by_event[each.event_id] = each
            ids[each.event_id].append(each.id)
        by_kpi = defaultdict(list)
        for each in sorted(by_event.values(), key=_get_weight, reverse=True):
            by_kpi[each.report_id, each.change == "resolved"].append(each)
        totals, now = {}, fields.Datetime.now()
        if len(by_kpi) > MOST_LINES:
            over = [len(by_kpi[key]) for key in by_kpi if key[1]]
            totals = {"kpi_count": len(by_kpi) - len(over), "over_count": sum(over)}
        return [
            {
                "res_model": "kpi.alert.event",
                "res_id": each.event_id,
                "data": {
                    "change": each.change,
                    "step": each.step,
                    "alert_count": len(alerts),
                    "notices": ids[each.event_id],
                    "is_flapping": bool(each.flapping_until)
                    and each.flapping_until > now,
                    **totals,
                },
            }
            for alerts in [*by_kpi.values()][:MOST_LINES]
            for each in alerts[:MOST_LEVELS]
        ]


@dataclass(frozen=True, kw_only=True)
class Waiting(Known):
    """A notice that is due, and what decides about it.

    :param has_room: whether a channel such as a Slack channel is told, too
    :param has_quiet: whether its receiver has quiet hours, at some time
    :param usual: channel of the rule; None = the rule is gone
    :param named: channels that the rule names for the severity beside it
    :param has_inbox: whether its receiver handles notifications in Odoo
    """

    id: int
    event_id: int
    step: int
    user_id: int | None
    channel_id: int | None
    alert_id: int | None
    rule_name: str
    report_id: int
    company_id: int
    is_personal: bool
    has_room: bool
    has_quiet: bool
    usual: str | None
    named: list[str] = field(compare=False)  # as a list has no hash
    has_inbox: bool | None
    room_kind: str | None
    room_owner_id: int | None

    @property
    def receiver(self) -> tuple[int | None, int | None]:
        return self.user_id, self.channel_id

    @property
    def rank(self) -> int:
        return SEVERITY_RANKS[self.severity]

    def choose_channels(self, known: set[str]) -> set[str]:
        """Channels by which a person is told; none: they find it in Odoo only.

        By email where the rule is gone, or names only rooms and there is none. Who
        handles notifications in Odoo gets emails only of rules that name it for the
        severity, beside their usual channel.

        :param known: channels that an installed addon sends by
        """
        chosen = {self.usual or "email", *self.named}
        has_room = self.has_room and not self.is_personal
        # A channel whose addon has gone, and a room that is not there, lose nothing.
        lost = chosen - {*known, "inbox", *ROOMS}
        if lost or chosen <= set(ROOMS) and not has_room:
            chosen.add("email")
        if self.has_inbox and "email" not in self.named:
            chosen.discard("email")
        return chosen - set(ROOMS)


def _get_weight(notice):
    """What a message says first, and of an alert at all: what is wrong, the worst."""
    weights = {"escalated": 3, "fired": 2, "reminded": 1, "resolved": 0}
    is_over = notice.change == "resolved"
    return not is_over, notice.rank, weights[notice.change], -notice.event_id
