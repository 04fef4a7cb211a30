from odoo import models
from odoo.tools import SQL


class KpiAchievementKindGreen(models.AbstractModel):
    _name = "kpi.achievement.kind.green"
    _inherit = ["kpi.achievement.kind"]
    _description = "All KPIs on target"

    def _rows_sql(self, asked, condition):
        return SQL(
            """
            SELECT fact.user_id,
                   CASE WHEN bool_and(fact.outcome IN ('h', 'x'))
                        THEN count(*) FILTER (WHERE fact.outcome = 'h')
                        ELSE 0 END AS done,
                   COALESCE(array_agg(fact.id) FILTER (WHERE fact.outcome = 'h'), '{}')
                   AS ids
              FROM (%s) AS fact
          GROUP BY fact.user_id
            """,
            self.env["kpi.gamification.outcome"]._judgements_sql(asked),
        )

    def _say(self, condition):
        return self.env._(
            "all KPIs on target, at least %s of them", round(condition["least"])
        )
