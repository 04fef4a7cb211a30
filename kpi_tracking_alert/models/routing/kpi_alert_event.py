from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.routing import SEVERITY_RANKS
from .people import PeopleFinder

# Channels that are rooms: nobody has one of their own.
ROOMS = ("slack", "teams")


def rank_sql(column):
    """How bad a severity is, as a number."""
    by_rank = sorted(SEVERITY_RANKS, key=SEVERITY_RANKS.get)
    return SQL("array_position(%s::varchar[], %s)", by_rank, column)


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
        """With what routing has to know of a new alert."""
        return {
            **super()._get_found_columns(),
            "flapping_since": self._flapping_sql(),
            "next_step_at": self._next_level_sql(SQL("given"), SQL("given.fired_at")),
        }

    @api.model
    def _flapping_sql(self):
        """Since when a new alert has begun and ended as often as its rule says.

        NULL where it has not, within the hours of the rule.
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

    def _route_fired(self):
        told_ids = self.env["kpi.alert.notice"]._add(
            SQL("%s UNION ALL %s", self._people_sql(), self._rooms_sql())
        )
        (self - self.browse(told_ids))._tell_somebody()

    def _people_sql(self):
        """Those whom the rule names, as far as they are there and of the company."""
        return SQL(
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
             WHERE event.id = ANY(%s)
               AND person.active
               AND person.share IS NOT TRUE
            """,
            self.ids,
        )

    def _rooms_sql(self):
        """The channels that the rule's ways name for alerts as bad as these.

        A way without one takes the first room of its kind that the company has.
        """
        return SQL(
            """
            SELECT DISTINCT event.id, 'fired', 0, NULL::int, room.id
              FROM kpi_alert_event AS event
              JOIN kpi_smart_alert AS rule ON rule.id = event.alert_id
        CROSS JOIN LATERAL (
                    SELECT rule.notification_channels AS kind, NULL::int AS room_id
                     UNION ALL
                    SELECT route.channel, route.channel_id
                      FROM kpi_alert_route AS route
                     WHERE route.alert_id = rule.id
                       AND %(asked)s <= %(severity)s
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
            asked=rank_sql(SQL("route.severity")),
            severity=rank_sql(SQL("event.severity")),
        )

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

    def _route_snoozed(self):
        """Nobody is told; ``next_step_at`` is its end."""

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
