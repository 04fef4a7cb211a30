from odoo import api, models
from odoo.tools import SQL


class KpiAchievementKindEarly(models.AbstractModel):
    """Values that were there before their period ended."""

    _name = "kpi.achievement.kind.early"
    _inherit = ["kpi.achievement.kind"]
    _description = "Entered early"

    @api.model
    def _rows_sql(self, asked, condition):
        return SQL(
            """
            SELECT report.user_id, count(*) AS done, '{}'::int[] AS ids
              FROM kpi_measurement AS fact
              JOIN kpi_report AS report ON report.id = fact.report_id
             WHERE report.company_id = %(company_id)s
               AND report.user_id IS NOT NULL
               AND fact.grain = %(grain)s
               AND fact.period_start = %(start)s
               AND fact.recorded_at < %(stop)s
          GROUP BY report.user_id
            """,
            **asked.params,
        )

    @api.model
    def _say(self, condition):
        return self.env._("values entered early: %s", round(condition["least"]))
