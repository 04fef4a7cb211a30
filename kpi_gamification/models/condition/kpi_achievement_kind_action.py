from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL

AFTER = 3  # periods until it is asked what has changed: as many as the effect needs


class KpiAchievementKindAction(models.AbstractModel):
    """An action counts once: some periods after it took effect, when that is known."""

    _name = "kpi.achievement.kind.action"
    _inherit = ["kpi.achievement.kind"]
    _description = "Action after which the KPI moved"

    def _rows_sql(self, asked, condition):
        period = asked.calendar._period_before(asked.period, AFTER)
        people = Domain("assigned_to", "in", asked.user_ids)
        people = people if asked.user_ids else Domain.TRUE
        found = self.env["kpi.action.item"].search(
            Domain("status", "=", "completed")
            & Domain("company_id", "=", asked.company.id)
            & Domain("effective_date", ">=", period.start)
            & Domain("effective_date", "<", period.stop)
            & people
        )
        helped = [action.assigned_to.id for action in found if _has_helped(action)]
        return SQL(
            """
            SELECT user_id, count(*) AS done, '{}'::int[] AS ids
              FROM unnest(%s::int[]) AS fact(user_id)
             WHERE %s
          GROUP BY user_id
            """,
            helped,
            asked.evaluated_sql("fact", first=SQL("%s::date", period.start)),
        )

    def _say(self, condition):
        return self.env._(
            "actions done after which the KPI got better: %s",
            round(condition["least"]),
        )


def _has_helped(action):
    """Check whether the whole interval of the change is on the good side."""
    effect = action._get_effect()
    if action.report_id.direction == "higher":
        return effect["low"] is not None and effect["low"] > 0
    if action.report_id.direction == "lower":
        return effect["high"] is not None and effect["high"] < 0
    return False
