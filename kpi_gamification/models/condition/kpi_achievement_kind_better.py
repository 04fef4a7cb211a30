from odoo import models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.percent import format_percent


class KpiAchievementKindBetter(models.AbstractModel):
    """A base of 0 or less has no percentage: nobody earns by it."""

    _name = "kpi.achievement.kind.better"
    _inherit = ["kpi.achievement.kind"]
    _description = "Better than before"
    _uses = ("definition_id", "least", "compared_with")
    _is_count = False

    def _rows_sql(self, asked, condition):
        outcomes = self.env["kpi.gamification.outcome"]
        period, definition_id = asked.period, condition["definition_id"] or 0
        if condition["compared_with"] == "year":
            base = periods.same_period_last_year(asked.calendar._spec(), period)
        else:
            base = asked.calendar._period_before(period)
        return SQL(
            """
            SELECT fact.user_id,
                   max(round((100 * fact.sign * (fact.value / base.value - 1))::numeric,
                             6)) AS done,
                   array_agg(fact.id) || array_agg(base.id) AS ids
              FROM (%(facts)s) AS fact
              JOIN (%(bases)s) AS base ON base.report_id = fact.report_id
             WHERE base.value > 0
               AND fact.value IS NOT NULL
               AND fact.outcome <> 'p'
          GROUP BY fact.user_id
            """,
            facts=outcomes._judgements_sql(asked, definition_id=definition_id),
            bases=outcomes._judgements_sql(
                asked, base.start, base.start, definition_id
            ),
        )

    def _say(self, condition):
        texts = {
            "kpi": self._name_kpi(condition),
            "percent": format_percent(self.env, condition["least"] / 100),
        }
        if condition["compared_with"] == "year":
            return self.env._("%(kpi)s %(percent)s better than a year ago", **texts)
        return self.env._("%(kpi)s %(percent)s better than the period before", **texts)
