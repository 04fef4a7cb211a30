from datetime import timedelta
from typing import Annotated

from pydantic import Field

from odoo import api, fields, models
from odoo.tools import SQL

MOST_DAYS = 3660
Days = Annotated[int, Field(ge=1, le=MOST_DAYS)]


class KpiSmartAlert(models.Model):
    """How good rules are: whether people need what they are told."""

    _inherit = "kpi.smart.alert"

    @api.readonly
    def get_quality(self, days: Days = 90):
        """Figures of these rules over the last days, by three statements.

        Of alerts that the user may see. Medians are in seconds, None where nothing was
        acknowledged or resolved.

        :return: dict rule id → dict of ``fired``, ``open``, ``acknowledge_seconds``,
            ``resolve_seconds`` (medians), ``alarm_seconds`` (time in alarm, added up),
            ``useless_ratio`` (share of the reasons given that say so; None = none was
            given), ``reasons`` (dicts of ``name`` and ``count``, most frequent first)
            and ``receivers`` (dicts of ``user_id``, ``name``, ``told``,
            ``acknowledged``, ``acknowledge_seconds``)
        """
        self.check_access("read")
        now = fields.Datetime.now()
        since = now - timedelta(days=days)
        self.env.flush_all()
        seen = self._seen_events_sql(since)
        empty = {"reasons": [], "receivers": [], "useless_ratio": None}
        found = {row["id"]: {**row, **empty} for row in self._sum_up(seen, since, now)}
        useless = {}
        for rule_id, name, is_useless, count in self._count_reasons(seen):
            found[rule_id]["reasons"].append({"name": name, "count": count})
            total, bad = useless.get(rule_id, (0, 0))
            useless[rule_id] = total + count, bad + (count if is_useless else 0)
        for rule_id, (total, bad) in useless.items():
            found[rule_id]["useless_ratio"] = bad / total
        for row in self._measure_receivers(seen):
            found[row.pop("id")]["receivers"].append(row)
        return found

    def _seen_events_sql(self, since):
        """Alerts of these rules that the user may see, as far as they reach in time."""
        events = self.env["kpi.alert.event"]
        query = events._search(
            [
                ("alert_id", "in", self.ids),
                "|",
                ("resolved_at", "=", False),
                ("resolved_at", ">", since),
            ]
        )
        return SQL("SELECT * FROM kpi_alert_event WHERE id IN %s", query.subselect())

    def _sum_up(self, seen, since, now):
        return self.env.execute_query_dict(
            SQL(
                """
                WITH event AS (%(seen)s)
                SELECT rule.id,
                       count(event.id) FILTER (
                         WHERE event.fired_at >= %(since)s) AS fired,
                       count(event.id) FILTER (
                         WHERE event.state <> 'resolved') AS open,
                       percentile_cont(0.5) WITHIN GROUP (
                         ORDER BY extract(epoch FROM acknowledged_at - fired_at)
                       ) AS acknowledge_seconds,
                       percentile_cont(0.5) WITHIN GROUP (
                         ORDER BY extract(epoch FROM resolved_at - fired_at)
                       ) AS resolve_seconds,
                       coalesce(sum(extract(
                         epoch FROM coalesce(resolved_at, %(now)s)
                                    - greatest(fired_at, %(since)s)
                       )), 0)::float8 AS alarm_seconds
                  FROM unnest(%(ids)s::int[]) AS rule (id)
             LEFT JOIN event ON event.alert_id = rule.id
              GROUP BY rule.id
                """,
                seen=seen,
                since=since,
                now=now,
                ids=self.ids,
            )
        )

    def _count_reasons(self, seen):
        name = self.env["kpi.alert.reason"]._field_to_sql("reason", "name")
        return self.env.execute_query(
            SQL(
                """
                WITH event AS (%s)
                SELECT event.alert_id, %s, reason.is_useless, count(*) AS times
                  FROM event
                  JOIN kpi_alert_reason AS reason ON reason.id = event.reason_id
              GROUP BY event.alert_id, reason.id
              ORDER BY event.alert_id, times DESC, reason.id
                """,
                seen,
                name,
            )
        )

    def _measure_receivers(self, seen):
        return self.env.execute_query_dict(
            SQL(
                """
                WITH event AS (%s)
                SELECT event.alert_id AS id, told.user_id, person.name,
                       count(*) AS told,
                       count(*) FILTER (
                         WHERE event.acknowledged_by_id = told.user_id
                       ) AS acknowledged,
                       percentile_cont(0.5) WITHIN GROUP (
                         ORDER BY CASE WHEN event.acknowledged_by_id = told.user_id
                                  THEN extract(epoch FROM event.acknowledged_at
                                                          - event.fired_at) END
                       ) AS acknowledge_seconds
                  FROM event
                  JOIN (
                    SELECT DISTINCT event_id, user_id
                      FROM kpi_alert_notice
                     WHERE state = 'told'
                       AND change IN ('fired', 'escalated')
                       AND user_id IS NOT NULL
                  ) AS told ON told.event_id = event.id
                  JOIN res_users AS login ON login.id = told.user_id
                  JOIN res_partner AS person ON person.id = login.partner_id
              GROUP BY event.alert_id, told.user_id, person.name
              ORDER BY event.alert_id, count(*) DESC, told.user_id
                """,
                seen,
            )
        )
