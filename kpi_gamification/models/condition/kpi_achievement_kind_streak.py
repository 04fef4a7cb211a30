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
            SELECT best.user_id, best.done,
                   -- looked up for those alone who have done enough
                   ARRAY(SELECT held.id
                           FROM kpi_target_value AS held
                          WHERE held.report_id = best.report_id
                            AND held.grain = %(grain)s
                            AND held.period_start BETWEEN best.since AND %(start)s)
                   AS ids
              FROM (
                SELECT fact.user_id, max(fact.current_streak) AS done,
                       (array_agg(fact.report_id ORDER BY fact.current_streak DESC,
                                  fact.report_id))[1] AS report_id,
                       (array_agg(fact.streak_start_date ORDER BY
                                  fact.current_streak DESC, fact.report_id))[1] AS since
                  FROM (%(streaks)s) AS fact
                 WHERE %(of_definition)s
              GROUP BY fact.user_id
              ) AS best
            """,
            streaks=streaks._as_of_sql(asked, condition["streak_type"]),
            grain=asked.grain,
            start=asked.start,
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
