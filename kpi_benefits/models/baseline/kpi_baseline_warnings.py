from odoo import api, fields, models
from odoo.tools import format_date


class KpiBaseline(models.Model):
    """What makes a baseline a weak proof; shown, not refused."""

    _inherit = "kpi.baseline"

    warning = fields.Text(compute="_compute_warning", exportable=False)

    @api.depends_context("uid", "allowed_company_ids", "lang", "tz")
    @api.depends(
        "baseline_value",
        "target_value",
        "baseline_date",
        "baseline_count",
        "baseline_method",
        "control_baseline",
        "unit_value",
        "share_ids.share",
        "benefit_ids.period_ids.realized",
        "control_id",
        "adoption_id",
        "volume_id",
        "initiative_id.go_live_date",
    )
    def _compute_warning(self):
        seasons, too_large = self._find_seasons(), self._warn_of_too_large()
        for baseline in self:
            found = (
                baseline._warn_of_equal(),
                baseline._warn_of_late(),
                baseline._warn_of_season(seasons),
                baseline._warn_of_incomplete(),
                *too_large.get(baseline._origin, ()),
            )
            baseline.warning = "\n".join(filter(None, found))

    def _find_seasons(self):
        """KPI → number of its periods in a season, of those that have one."""
        trends = self.env["kpi.trend.analysis"].search(
            [
                ("kpi_id", "in", self.report_id.ids),
                ("seasonality_detected", "=", True),
                ("season_length", ">", 1),
            ]
        )
        return {one.kpi_id: one.season_length for one in trends}

    def _warn_of_equal(self):
        if self.baseline_value is False or self.baseline_value != self.target_value:
            return ""
        return self.env._("Baseline and target are equal: there is no progress.")

    def _warn_of_late(self):
        live = self.initiative_id.go_live_date
        if not live or not self.baseline_date or self.baseline_date < live:
            return ""
        return self.env._(
            "The baseline is of a time after going live on %s: part of the effect is "
            "in it already.",
            format_date(self.env, live),
        )

    def _warn_of_season(self, seasons):
        season = seasons.get(self.report_id._origin)
        if not season or (self.baseline_count or 1) >= season:
            return ""
        return self.env._(
            "This KPI has a season of %(season)s periods, and the baseline is of "
            "%(count)s. Use the average of a full season.",
            season=season,
            count=self.baseline_count or 1,
        )

    def _warn_of_incomplete(self):
        """Say what is missing for the benefit that it measures."""
        if not self.benefit_ids:
            return ""
        lacking = []
        if self.baseline_value is False:
            lacking.append(self.env._("the baseline"))
        if self.unit_value is False:
            lacking.append(self.env._("the value of one unit"))
        if not self.share_ids:
            lacking.append(self.env._("a share"))
        if self.control_id and self.control_baseline is False:
            lacking.append(self.env._("the baseline of the control"))
        if not lacking:
            return ""
        return self.env._(
            "The benefit cannot be measured yet. Missing: %s.", ", ".join(lacking)
        )
