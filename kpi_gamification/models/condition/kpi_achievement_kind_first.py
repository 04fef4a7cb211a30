from dataclasses import replace

from odoo import models
from odoo.tools import SQL


class KpiAchievementKindFirst(models.AbstractModel):
    """Ties share the first place; where nobody is behind, nobody is first."""

    _name = "kpi.achievement.kind.first"
    _inherit = ["kpi.achievement.kind"]
    _description = "First among colleagues"
    _uses = ("definition_id", "within")
    _is_count = False

    def _rows_sql(self, asked, condition):
        """As the kind says; of all, whoever it is asked for."""
        outcomes, asked = (
            self.env["kpi.gamification.outcome"],
            replace(asked, user_ids=()),
        )
        definition_id = condition["definition_id"] or 0
        return SQL(
            """
            SELECT user_id, 1.0 AS done, array_agg(DISTINCT id) AS ids
              FROM (
                SELECT fact.user_id, fact.id, fact.score,
                       max(fact.score) OVER same AS top,
                       min(fact.score) OVER same AS low
                  FROM (
                    SELECT fact.*, round(fact.achievement::numeric, 2) AS score
                      FROM (%(facts)s) AS fact
                     WHERE fact.achievement IS NOT NULL
                       AND fact.outcome <> 'p'
                  ) AS fact
                  JOIN kpi_membership AS member
                    ON member.user_id = fact.user_id
                   AND member.company_id = %(company_id)s
                   AND member.scope_type = %(within)s
                   AND member.date_from < %(stop)s
                   AND member.date_to >= %(stop)s
                WINDOW same AS (PARTITION BY member.scope_id)
              ) AS ranked
             WHERE score = top
               AND score > low
          GROUP BY user_id
            """,
            facts=outcomes._judgements_sql(asked, definition_id=definition_id),
            within=condition["within"],
            **asked.params,
        )

    def _say(self, condition):
        kpi = self._name_kpi(condition)
        if condition["within"] == "team":
            return self.env._("first in the team in %s", kpi)
        return self.env._("first in the department in %s", kpi)
