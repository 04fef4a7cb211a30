from math import ceil

from odoo import models
from odoo.tools import SQL


class KpiAchievementKindEntry(models.AbstractModel):
    _name = "kpi.achievement.kind.entry"
    _inherit = ["kpi.achievement.kind"]
    _description = "Entered on time"

    def _rows_sql(self, asked, condition):
        """As the kind says: what the row of periods in time has of the next so many.

        A period with nothing due, or something still due, neither counts nor ends it.
        """
        return SQL(
            """
            SELECT user_id, '{}'::int[] AS ids,
                   CASE WHEN bool_or(is_hit AND period_start = %(start)s)
                        THEN (count(*) FILTER (WHERE is_hit) - 1) %% %(least)s + 1
                        ELSE count(*) FILTER (WHERE is_hit) %% %(least)s END AS done
              FROM (
                SELECT user_id, period_start,
                       is_in_time AND NOT bool_or(is_missed) OVER later AS is_hit
                  FROM (
                    SELECT due.user_id, due.period_start,
                           bool_or(due.state = 'on_time')
                           AND bool_and(due.state IN ('on_time', 'known'))
                             AS is_in_time,
                           bool_or(due.state IN ('late', 'overdue')) AS is_missed
                      FROM (%(dues)s) AS due
                     WHERE due.company_id = %(company_id)s
                       AND due.grain = %(grain)s
                       AND due.period_start <= %(start)s
                       AND due.user_id IS NOT NULL
                       AND %(evaluated)s
                  GROUP BY due.user_id, due.period_start
                  ) AS period
                WINDOW later AS (PARTITION BY user_id ORDER BY period_start DESC)
              ) AS counted
          GROUP BY user_id
            """,
            dues=self.env["kpi.entry.due"]._table_query,
            **asked.params,
            least=ceil(condition["least"]),
            evaluated=asked.evaluated_sql("due", first=SQL("due.period_start")),
        )

    def _say(self, condition):
        count = round(condition["least"])
        if count == 1:
            return self.env._("all entries on time")
        return self.env._("all entries on time, every %s periods in a row", count)
