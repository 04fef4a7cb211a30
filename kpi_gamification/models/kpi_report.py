from odoo import api, fields, models
from odoo.fields import Domain


class KpiReport(models.Model):
    """Whose KPI it is sees their streak there."""

    _inherit = "kpi.report"

    my_streak = fields.Char("Streak", compute="_compute_my_streak", exportable=False)

    @api.depends("user_id")
    @api.depends_context("uid", "lang")
    def _compute_my_streak(self):
        streaks = self.env["kpi.performance.streak"].search(
            Domain("kpi_id", "in", self.ids)
            & Domain("user_id", "=", self.env.uid)
            & Domain("streak_type", "=", "target_met")
            & Domain("current_streak", ">", 0)
        )
        self.my_streak = False
        for streak in streaks:
            streak.kpi_id.with_env(self.env).my_streak = self.env._(
                "%(current)s in a row on target, best %(best)s, freezes left: %(left)s",
                current=streak.current_streak,
                best=streak.best_streak,
                left=streak.freezes_left,
            )
