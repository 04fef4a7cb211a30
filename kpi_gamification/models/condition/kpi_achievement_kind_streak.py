from math import ceil

from odoo import models
from odoo.tools import SQL


class KpiAchievementKindStreak(models.AbstractModel):
    _name = "kpi.achievement.kind.streak"
    _inherit = ["kpi.achievement.kind"]
    _description = "Streak"
    _uses = ("definition_id", "least", "streak_type")

    def _rows_sql(self, asked, condition):
        """As the kind says: what the streak has of the next so many periods, which all
        of them are in the period that completes them, and only there.
        """
        streaks = self.env["kpi.performance.streak"]
        definition_id = condition["definition_id"] or None
        return SQL(
            """
            SELECT best.user_id, best.done,
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
                  FROM (SELECT streak.*, CASE
                               WHEN current_streak > 0 AND reached_date = %(start)s
                               THEN (current_streak - 1) %% %(least)s + 1
                               ELSE current_streak %% %(least)s END AS done
                          FROM (%(streaks)s) AS streak) AS fact
              ORDER BY user_id, done DESC, kpi_id
              ) AS best
            """,
            streaks=streaks._as_of_sql(asked, condition["streak_type"], definition_id),
            **asked.params,
            least=ceil(condition["least"]),
        )

    def _say(self, condition):
        count = round(condition["least"])
        in_a_row = self.env._("every %s periods in a row", count)
        periods = in_a_row if count > 1 else self.env._("every period")
        said = {
            "target_met": self.env._("%s on target", periods),
            "improvement": self.env._("%s better", periods),
            "consistency": self.env._("%s steady", periods),
            "excellence": self.env._("%s with the stretch reached", periods),
        }[condition["streak_type"]]
        if not condition["definition_id"]:
            return said
        kpi = self._name_kpi(condition)
        return self.env._("%(kpi)s: %(said)s", kpi=kpi, said=said)
