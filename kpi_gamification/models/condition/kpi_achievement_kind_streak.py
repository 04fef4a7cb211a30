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
            SELECT best.user_id, best.current_streak AS done,
                   -- looked up for those alone who have done enough
                   ARRAY(SELECT held.id
                           FROM kpi_target_value AS held
                          WHERE held.report_id = best.kpi_id
                            AND held.grain = %(grain)s
                            AND held.period_start BETWEEN best.streak_start_date
                                                  AND %(start)s)
                   AS ids
              FROM (
                SELECT DISTINCT ON (user_id) fact.*
                  FROM (%(streaks)s) AS fact
                 WHERE %(definition_id)s::int IS NULL
                    OR kpi_id IN (SELECT id FROM kpi_report
                                   WHERE definition_id = %(definition_id)s)
              ORDER BY user_id, current_streak DESC, kpi_id
              ) AS best
            """,
            streaks=streaks._as_of_sql(asked, condition["streak_type"]),
            **asked.params,
            definition_id=condition["definition_id"] or None,
        )

    @api.model
    def _say(self, condition):
        count = round(condition["least"])
        said = {
            "target_met": self.env._("%s periods in a row on target", count),
            "improvement": self.env._("%s periods in a row better", count),
            "consistency": self.env._("%s steady periods in a row", count),
            "excellence": self.env._(
                "%s periods in a row with the stretch reached", count
            ),
        }[condition["streak_type"]]
        if not condition["definition_id"]:
            return said
        kpi = self._name_kpi(condition)
        return self.env._("%(kpi)s: %(said)s", kpi=kpi, said=said)
