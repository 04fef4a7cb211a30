from odoo import api, models
from odoo.tools import SQL


class KpiAchievementKindStreak(models.AbstractModel):
    _name = "kpi.achievement.kind.streak"
    _inherit = ["kpi.achievement.kind"]
    _description = "Streak"
    _uses = ("definition_id", "least", "streak_type")

    @api.model
    def _rows_sql(self, asked, condition):
        streaks = self.env["kpi.performance.streak"]
        return SQL(
            """
            SELECT fact.user_id, max(fact.current_streak) AS done,
                   COALESCE(array_agg(held.id), '{}') AS ids
              FROM (%(streaks)s) AS fact
         LEFT JOIN kpi_target_value AS held
                ON held.report_id = fact.report_id
               AND held.grain = %(grain)s
               AND held.period_start BETWEEN fact.streak_start_date AND %(start)s
               AND fact.current_streak >= %(least)s
             WHERE %(of_definition)s
          GROUP BY fact.user_id
            """,
            streaks=streaks._as_of_sql(asked, condition["streak_type"]),
            grain=asked.grain,
            start=asked.start,
            least=condition["least"],
            of_definition=self._of_definition(condition),
        )

    @api.model
    def _say(self, condition):
        texts = {
            "count": round(condition["least"]),
            "kpi": self._name_kpi(condition) if condition["definition_id"] else "",
        }
        kinds = {
            "target_met": self.env._("%(count)s periods in a row on target", **texts),
            "improvement": self.env._("%(count)s periods in a row better", **texts),
            "consistency": self.env._("%(count)s steady periods in a row", **texts),
            "excellence": self.env._(
                "%(count)s periods in a row with the stretch reached", **texts
            ),
        }
        said = kinds[condition["streak_type"]]
        if not texts["kpi"]:
            return said
        return self.env._("%(kpi)s: %(said)s", kpi=texts["kpi"], said=said)
