from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.formatting import format_number


class KpiReport(models.Model):
    """How long somebody has been on target is said with their KPI."""

    _inherit = "kpi.report"

    streak = fields.Char(compute="_compute_streak", exportable=False)

    @api.depends("status", "current_period_start")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_streak(self):
        """Of others where they show it: the number, never how single periods went."""
        self.streak = False
        streaks = self.env["kpi.performance.streak"].search(
            Domain("kpi_id", "in", self.ids)
            & Domain("streak_type", "=", "target_met")
            & Domain("current_streak", ">", 1)
        )
        for each in streaks:
            said = each._say()
            if each.user_id == self.env.user and each._is_at_risk():
                said = self.env._("%s · at risk", said)
            each.kpi_id.with_env(self.env).streak = said

    def _say_correction(self, held, then, now):
        """What a value of a judgement ``held`` was, and is, as “Sales, May: 9 → 7”."""
        period = self.definition_id.calendar_id._period(held.grain, held.period_start)
        return self.env._(
            "%(kpi)s, %(period)s: %(then)s → %(now)s",
            kpi=self.kpi_name,
            period=self.definition_id.calendar_id._period_label(period),
            then=self._say_value(then),
            now=self._say_value(now),
        )

    def _say_value(self, value):
        if value is None:
            return self.env._("no value")
        return format_number(self.env, value, self.definition_id.decimals)

    def _build_grid_rows(self, columns, for_others=False):
        streaks = {report.id: report.streak for report in self}
        rows = super()._build_grid_rows(columns, for_others)
        return [{**row, "hint": streaks[row["report_id"]] or ""} for row in rows]
