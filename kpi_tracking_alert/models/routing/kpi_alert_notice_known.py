from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import api, models
from odoo.tools import SQL

from ...engine.routing import LOOK_AGAIN, SEVERITY_RANKS, Known

BATCH = 20_000  # notices of one pass: as many as memory should hold
CLOCK_SLACK = timedelta(minutes=1)
CLOCK_FAR = timedelta(hours=1)  # past the furthest moment that the code sets
TOLD_OF = ("fired", "escalated")  # changes that say that something is wrong


@dataclass(frozen=True)
class Waiting:
    """A notice that is due, and what decides about it; moments are UTC.

    :param has_room: whether a channel such as a Slack channel is told, too
    :param has_quiet: whether its receiver has quiet hours, at some time
    """

    id: int
    event_id: int
    change: str
    step: int
    user_id: int | None
    channel_id: int | None
    alert_id: int | None
    rule_name: str
    report_id: int
    company_id: int
    severity: str
    state: str
    is_personal: bool
    is_muted: bool
    snoozed_until: datetime | None
    silenced_until: datetime | None
    cooldown_until: datetime | None
    flapping_until: datetime | None
    knows_flapping: bool
    has_newer: bool
    has_room: bool
    has_quiet: bool

    @property
    def receiver(self) -> tuple[int | None, int | None]:
        return self.user_id, self.channel_id

    @property
    def rank(self) -> int:
        return SEVERITY_RANKS[self.severity]

    def known(self, quiet_until: datetime | None, is_part: bool) -> Known:
        return Known(
            change=self.change,
            severity=self.severity,
            state=self.state,
            is_muted=self.is_muted,
            snoozed_until=self.snoozed_until,
            silenced_until=self.silenced_until,
            cooldown_until=self.cooldown_until,
            flapping_until=self.flapping_until,
            knows_flapping=self.knows_flapping,
            has_newer=self.has_newer,
            quiet_until=quiet_until,
            is_part=is_part,
        )


class KpiAlertNotice(models.Model):
    """What decides about notices, read by a constant number of statements."""

    _inherit = "kpi.alert.notice"

    @api.model
    def _claim_waiting(self, now):
        """List of ``Waiting`` that is due and no other sweep holds.

        A moment further ahead than the code sets was set by a clock that went wrong.
        """
        return self._fetch_waiting(
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

    @api.model
    def _fetch_waiting(self, notices_sql, now):
        """List of ``Waiting``, in order of receivers, by one statement.

        What ended in the future did so while a clock was wrong, and holds nothing.

        :param notices_sql: SELECT of whole notices
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH asked AS MATERIALIZED (%(notices)s),
                silenced AS (%(silenced)s)
                SELECT notice.id, notice.event_id, notice.change, notice.step,
                       notice.user_id, notice.channel_id, event.alert_id,
                       event.rule_name, event.report_id, event.company_id,
                       event.severity, event.state,
                       event.personal_user_id IS NOT NULL OR rule.is_personal IS TRUE,
                       EXISTS (SELECT FROM kpi_alert_mute AS mute
                                WHERE mute.alert_id = event.alert_id
                                  AND mute.user_id = notice.user_id),
                       event.snoozed_until, silenced.until,
                       CASE WHEN before.resolved_at <= %(ahead)s
                            THEN before.resolved_at
                                 + rule.alert_cooldown_minutes * INTERVAL '1 minute'
                        END,
                       CASE WHEN course.last_at <= %(ahead)s
                            THEN course.last_at
                                 + rule.flapping_hours * INTERVAL '1 hour'
                        END,
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
                            AND told.channel_id IS NOT DISTINCT FROM notice.channel_id),
                       coalesce(course.last_id > event.id, FALSE),
                       EXISTS (SELECT FROM kpi_alert_notice AS room
                                WHERE room.event_id = event.id
                                  AND room.channel_id IS NOT NULL),
                       EXISTS (SELECT FROM kpi_alert_quiet
                                WHERE user_id = notice.user_id)
                  FROM asked AS notice
                  JOIN kpi_alert_event AS event ON event.id = notice.event_id
             LEFT JOIN kpi_smart_alert AS rule ON rule.id = event.alert_id
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
                silenced=self._silenced_sql(now),
                notices=notices_sql,
                ahead=now + CLOCK_SLACK,
            )
        )
        return [Waiting(*row) for row in rows]

    @api.model
    def _silenced_sql(self, now):
        """KPIs that a silence holds for now, and until when."""
        return SQL(
            """
            SELECT report.id AS report_id, max(silence.date_to) AS until
              FROM kpi_alert_silence AS silence
              JOIN kpi_report AS report ON report.company_id = silence.company_id
              JOIN kpi_definition AS definition
                ON definition.id = report.definition_id
             WHERE silence.active
               AND silence.date_from <= %(now)s
               AND silence.date_to > %(now)s
               AND (report.id IN (
                     SELECT kpi_report_id FROM kpi_alert_silence_report_rel
                      WHERE kpi_alert_silence_id = silence.id)
                    OR definition.id IN (
                     SELECT tagged.kpi_definition_id
                       FROM kpi_alert_silence_tag_rel AS chosen
                       JOIN %(tagged)s AS tagged
                         ON tagged.kpi_tag_id = chosen.kpi_tag_id
                      WHERE chosen.kpi_alert_silence_id = silence.id))
          GROUP BY report.id
            """,
            now=now,
            tagged=SQL.identifier(
                self.env["kpi.definition"]._fields["tag_ids"].relation
            ),
        )

    @api.model
    def _find_parts(self, waiting, telling):
        """Ids of the notices about parts of KPIs whose alert their receiver knows of.

        An escalation counts as one where anybody knows of that alert.

        :param waiting: list of ``Waiting``
        :param telling: those of it that would be told now, but for this
        """
        asked = [each for each in waiting if each.change in TOLD_OF]
        above = self._map_ancestors(asked)
        if not above:
            return set()
        ancestors = set().union(*above.values())
        known = {}  # (KPI, receiver or None = anybody) → rank of the worst alert
        for each in telling:
            if each.report_id in ancestors and each.change in TOLD_OF:
                _note_worst(known, each.report_id, each.receiver, each.rank)
        for report_id, severity, *receiver in self._fetch_told(ancestors):
            rank = SEVERITY_RANKS[severity]
            _note_worst(known, report_id, tuple(receiver), rank)
        return {
            each.id
            for each in asked
            if any(
                known.get((parent_id, _asked_receiver(each)), -1) >= each.rank
                for parent_id in above.get(each.report_id, ())
            )
        }

    @api.model
    def _map_ancestors(self, waiting):
        """KPI id → ids of the KPIs above it."""
        reports = self.env["kpi.report"].browse({each.report_id for each in waiting})
        above = {}
        for report_id, parent_id in reports._list_ancestor_pairs() if reports else ():
            above.setdefault(report_id, set()).add(parent_id)
        return above

    @api.model
    def _fetch_told(self, report_ids):
        """Who knows of the open alerts of these KPIs."""
        return self.env.execute_query(
            SQL(
                """
                SELECT event.report_id, event.severity, notice.user_id,
                       notice.channel_id
                  FROM kpi_alert_event AS event
                  JOIN kpi_alert_notice AS notice ON notice.event_id = event.id
                 WHERE event.report_id = ANY(%s)
                   AND event.state <> 'resolved'
                   AND notice.state = 'told'
                """,
                list(report_ids),
            )
        )


def _note_worst(known, report_id, receiver, rank):
    for whoever in (receiver, None):
        key = report_id, whoever
        known[key] = max(known.get(key, -1), rank)


def _asked_receiver(notice):
    return None if notice.change == "escalated" else notice.receiver
