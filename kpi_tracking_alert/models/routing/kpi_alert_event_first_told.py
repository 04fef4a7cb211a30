from odoo import api, fields, models
from odoo.tools import SQL

from .kpi_alert_event_escalation import NEVER

# Holds that leave the others to be told in time: of one person, and of who knows.
OWN_HOLDS = ("muted", "quiet", "flapping")


class KpiAlertEvent(models.Model):
    """Levels count from the first message: nobody acknowledges what nobody knows."""

    _inherit = "kpi.alert.event"

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
