from odoo import models
from odoo.tools import SQL


class KpiAchievementKindCoached(models.AbstractModel):
    """Of a coaching only that it was signed: never with whom, nor improvement plans."""

    _name = "kpi.achievement.kind.coached"
    _inherit = ["kpi.achievement.kind"]
    _description = "Coached colleagues"

    def _rows_sql(self, asked, condition):
        return SQL(
            """
            SELECT fact.coach_id AS user_id, count(*) AS done, '{}'::int[] AS ids
              FROM (
                SELECT coach_id,
                       (GREATEST(coach_signed_at, employee_signed_at)
                        AT TIME ZONE 'UTC' AT TIME ZONE %(tz)s)::date AS day
                  FROM kpi_performance_coaching
                 WHERE state = 'signed'
                   AND coaching_type <> 'improvement_plan'
                   AND company_id = %(company_id)s
              ) AS fact
             WHERE fact.day >= %(start)s
               AND fact.day < %(stop)s
          GROUP BY fact.coach_id
            """,
            tz=asked.calendar._spec().tz,
            **asked.params,
        )

    def _say(self, condition):
        return self.env._("coachings signed: %s", round(condition["least"]))
