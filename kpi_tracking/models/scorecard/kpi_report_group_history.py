import numpy as np

from odoo import api, fields, models

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.fields import KnownFloat
from odoo.addons.kpi_base.schemas.base import Grain, Id, Nothing

from ...engine import status
from ...engine.scorecard import change, weighted_achievement
from ..report.kpi_report_chart import HISTORY_PERIODS


class KpiReportGroup(models.Model):
    """The history of a scorecard: each period as its KPIs were judged then."""

    _inherit = "kpi.report.group"

    has_trend = fields.Boolean(compute="_compute_trend")
    trend = KnownFloat(
        compute="_compute_trend",
        aggregator=False,
        known=lambda group: group.has_trend,
        help="Change in percentage points since the previous period, over the "
        "KPIs with a status in both.",
    )

    @api.depends("achievement", "achievement_cap", "counted_count")
    def _compute_trend(self):
        """Each KPI's latest value beside the one before, for all scorecards at once."""
        # The total holds KPIs that the viewer may not see.
        lines = self.sudo().line_ids.filtered("report_id.active")
        before = lines.report_id._previous_achievements()
        lines_of = lines.grouped("group_id")
        for group in self:
            own = lines_of.get(group._origin, lines.browse())
            points = change(
                own.report_id._current_achievements(),
                [before[line.report_id] for line in own],
                own.mapped("weight"),
                group.achievement_cap,
            )
            group.has_trend = points == points
            group.trend = points if group.has_trend else 0.0

    @api.model
    @api.readonly
    def get_history(self, group_id: Id | Nothing, grain: Grain | Nothing = None):
        """Weighted achievement of one scorecard by period, for its chart and table.

        :param grain: period length; default: the scorecard's own
        :return: dict with ``grain``, ``grains`` (that can be asked for, with labels)
            and ``points`` (oldest first); empty where the user may not see the
            scorecard
        """
        group = self.with_context(active_test=False).search([("id", "=", group_id)])
        if not group:
            return {}
        field = self.env["kpi.measurement"]._fields["grain"]
        labels = dict(field._description_selection(self.env))
        order = list(periods.GRAINS)
        grains = order[order.index(group.frequency) :]
        grain = grain if grain in grains else group.frequency
        return {
            "grain": grain,
            "grains": [[key, labels[key]] for key in grains],
            "points": group._history_points(grain),
        }

    def _history_points(self, grain):
        calendar = self._calendar()
        today = calendar._today()
        shown = self._history_periods(grain)
        # Archived KPIs counted while they were tracked.
        lines = self.sudo().with_context(active_test=False).line_ids
        achievements = lines.report_id._achievements_in(shown)
        score = weighted_achievement(
            achievements, lines.mapped("weight"), self.achievement_cap
        )
        known = (~np.isnan(score.percent)).tolist()
        if not any(known):
            return []
        statuses = status.status(score.percent)
        return [
            {
                "label": calendar._period_label(period),
                "start": period.start.isoformat(),
                "value": score.percent[at].item() if known[at] else None,
                "target": 100.0,
                "low": None,
                "high": None,
                "status": str(statuses[at]),
                "running": period.stop > today,
                "counted": int(score.counted[at]),
                "expected": len(lines),
                "incomplete": bool(score.counted[at] < len(lines)),
            }
            for at, period in enumerate(shown)
        ][known.index(True) :]

    def _history_periods(self, grain):
        """Periods of ``grain`` up to the running one, oldest first."""
        calendar = self._calendar()
        spec, today = calendar._spec(), calendar._today()
        last = calendar._period(grain, today)
        first = periods.previous(spec, last, HISTORY_PERIODS[grain] - 1)
        return periods.periods_between(spec, grain, first.start, last.start)

    def _calendar(self):
        """The company's calendar, made on first use, by whoever looks first."""
        # Who sees a scorecard need not be allowed to define calendars.
        return self.env["kpi.calendar"].sudo()._company_default(self.company_id)
