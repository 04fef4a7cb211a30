from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.drawing.gauge_geometry import without_extremes
from ...engine.drawing.zones import Aim
from ...engine.status import prorate
from ..core.kpi_target_evaluation import targets_in

AIMS = ("target", "baseline", "low", "high")


class KpiReport(models.Model):
    """A KPI as a gauge: the numbers, their scale and zones; screens format them."""

    _inherit = "kpi.report"

    gauge = fields.Json(
        compute="_compute_gauge",
        exportable=False,
        help="Empty where a number and its course say more: without target and zones.",
    )

    @api.depends(
        "sparkline",
        "status",
        "definition_id.gauge_widget_id",
        "target_ids.value",
        "target_ids.baseline",
        "target_ids.has_baseline",
        "target_ids.range_low",
        "target_ids.range_high",
    )
    def _compute_gauge(self):
        """All gauges by a constant number of queries."""
        aims = self._gauge_aims()
        names = self._entered_by()
        for report in self:
            whole, due = aims.get(report._origin.id, (Aim(), Aim()))
            drawn = report._drawn(whole, due)
            if drawn:
                drawn["who"] = names.get(report._origin.id, "")
            report.gauge = drawn

    def _drawn(self, whole, due):
        """The gauge of one KPI; False where it would say no more than the number."""
        widget = self.definition_id.gauge_widget_id
        zones = widget._zones(due)
        if not zones and not widget.has_fixed_scale:
            return False
        points = (self.sparkline or {}).get("points", [])
        value = self.current_value if self.has_value else None
        earlier = [p["value"] for p in points[:-1] if p["value"] is not None]
        usual = [whole.target, due.baseline, *without_extremes(earlier)]
        return {
            **widget._look(),
            **widget._scale(zones, usual, value),
            "zones": [zone.as_json() for zone in zones],
            "value": value,
            "target": due.target,
            "whole": None if whole.target == due.target else whole.target,
            "baseline": due.baseline,
            "previous": self.previous_value if self.has_previous else None,
        }

    def _gauge_aims(self):
        """What the latest values are judged by.

        :return: dict report id → ``Aim`` of the whole period, and of what is due of it
        """
        found = {}
        # Who sees a KPI sees its targets.
        reports = self._origin.sudo()
        groups = reports.grouped(
            lambda kpi: (kpi.definition_id.calendar_id, kpi.frequency)
        )
        for (calendar, frequency), same in groups.items():
            if not calendar:
                continue  # a definition that is being made
            current = calendar._period(frequency, calendar._today())
            shown = {kpi: kpi._current_period() or current for kpi in same}
            periods = sorted(set(shown.values()), key=lambda period: period.start)
            elapsed = dict(zip(periods, calendar._elapsed_ratios(periods), strict=True))
            targets = targets_in(same, periods)
            for row, kpi in enumerate(same):
                period = shown[kpi]
                column = periods.index(period)
                numbers = [getattr(targets, name)[row, column] for name in AIMS]
                found[kpi.id] = (
                    _aim(kpi.direction, numbers),
                    _aim(
                        kpi.direction,
                        prorate(numbers, elapsed[period], kpi.aggregation_time),
                    ),
                )
        return found

    def _entered_by(self):
        """Names of those who entered the latest values: dict report id → name."""
        self.env["kpi.report"].flush_model(["frequency"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT report.id, fact.recorded_by_id
                  FROM kpi_report AS report
                  JOIN kpi_measurement AS fact
                    ON fact.report_id = report.id
                   AND fact.grain = report.frequency
                   AND fact.period_start = report.current_period_start
                 WHERE report.id = ANY(%s)
                   AND fact.source IN ('manual', 'import')
                   AND fact.recorded_by_id IS NOT NULL
                """,
                self._origin.ids,
            )
        )
        users = self.env["res.users"].browse({user_id for _report, user_id in rows})
        # Who sees a value sees who entered it, also a colleague of another company.
        names = {user.id: user.display_name for user in users.sudo()}
        return {report_id: names[user_id] for report_id, user_id in rows}


def _aim(direction, numbers):
    known = (None if number != number else float(number) for number in numbers)
    return Aim(direction, *known)
