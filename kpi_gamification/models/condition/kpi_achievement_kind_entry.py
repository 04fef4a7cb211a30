from odoo import api, models
from odoo.tools import SQL


class KpiAchievementKindEntry(models.AbstractModel):
    _name = "kpi.achievement.kind.entry"
    _inherit = ["kpi.achievement.kind"]
    _description = "Entered on time"

    @api.model
    def _rows_sql(self, asked, condition):
        count = round(condition["least"]) - 1
        first = asked.calendar._period_before(asked.period, count) or asked.period
        return SQL(
            """
            SELECT due.user_id,
                   CASE WHEN bool_and(due.state IN ('on_time', 'known'))
                        THEN count(DISTINCT due.period_start)
                             FILTER (WHERE due.state = 'on_time')
                        ELSE 0 END AS done,
                   '{}'::int[] AS ids
              FROM (%(dues)s) AS due
             WHERE due.company_id = %(company_id)s
               AND due.grain = %(grain)s
               AND due.period_start BETWEEN %(first)s AND %(start)s
               AND due.user_id IS NOT NULL
               AND %(evaluated)s
          GROUP BY due.user_id
            """,
            dues=self.env["kpi.entry.due"]._table_query,
            **asked.params,
            first=first.start,
            evaluated=asked.evaluated_sql("due", first=SQL("due.period_start")),
        )

    @api.model
    def _say(self, condition):
        count = round(condition["least"])
        if count == 1:
            return self.env._("all entries on time")
        return self.env._("all entries on time, %s periods in a row", count)
