from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from odoo import api, models
from odoo.fields import Domain

from ...engine import periods, rollup, status

HISTORY_PERIODS = {"day": 60, "week": 53, "month": 24, "quarter": 12, "year": 10}
TARGETS = ("target", "baseline", "low", "high")


@dataclass(frozen=True)
class Course:
    """Values and targets of one KPI in consecutive periods.

    :param values: shape (periods,); NaN = no data
    :param targets: shape (4, periods): target, baseline, lowest and highest good value
    :param is_incomplete: shape (periods,): finished, but parts have no value
    """

    periods: list
    values: np.ndarray
    targets: np.ndarray
    is_incomplete: np.ndarray


class KpiReport(models.Model):
    """The course of a KPI over time, in its own periods or in longer ones."""

    _inherit = "kpi.report"

    @api.model
    @api.readonly
    def get_history(self, report_id, grain=None):
        """Values of one KPI with their targets, for its chart and table.

        :param grain: period length; default: the KPI's own
        :return: dict with ``grain``, ``grains`` (that can be asked for, with labels)
            and ``points`` (oldest first); empty where the user may not see the KPI
        """
        report = self.with_context(active_test=False).search([("id", "=", report_id)])
        if not report:
            return {}
        grains = report._history_grains()
        grain = grain if grain in grains else report.frequency
        field = self.env["kpi.measurement"]._fields["grain"]
        labels = dict(field._description_selection(self.env))
        return {
            "grain": grain,
            "grains": [[key, labels[key]] for key in grains],
            "points": report._history_points(grain),
        }

    def _history_grains(self):
        """Period lengths in which this KPI can be shown.

        An average is not shown in longer periods where nothing is known of the weights
        behind its values.
        """
        self.ensure_one()
        shown = self.definition_id._shown_grains()
        if self.aggregation_time != "average" or len(shown) == 1:
            return shown
        weighed = self.env["kpi.measurement"].search_count(
            self._facts() & Domain("weight", ">", 0), limit=1
        )
        return shown if weighed else shown[:1]

    def _history_points(self, grain):
        course = self._course(grain)
        if not course.periods:
            return []
        calendar = self.definition_id.calendar_id
        today = calendar._today()
        achieved, statuses = self._judged(course, today)
        points = [
            {
                "label": calendar._period_label(period),
                "start": period.start.isoformat(),
                "value": _number(course.values[at]),
                "target": _number(course.targets[0, at]),
                "low": _number(course.targets[2, at]),
                "high": _number(course.targets[3, at]),
                "achievement": _number(achieved[at]),
                "status": str(statuses[at]),
                "running": period.stop > today,
                "incomplete": bool(course.is_incomplete[at]),
            }
            for at, period in enumerate(course.periods)
        ]
        first = next((i for i, p in enumerate(points) if p["value"] is not None), 0)
        return points[first:]

    def _course(self, grain):
        """Values in ``grain``: kept ones, or rolled up from the KPI's own periods."""
        calendar = self.definition_id.calendar_id
        if not self.current_period_start:
            return Course([], np.empty(0), np.empty((4, 0)), np.empty(0, bool))
        last = calendar._period(grain, self.current_period_start)
        first = self._first_shown(calendar._spec(), last)
        shown = periods.periods_between(calendar._spec(), grain, first, last.start)
        if grain in self.definition_id._grains():
            values, _weights = self._known(shown)
            targets = self._targets_of(shown)
            return Course(shown, values, targets, np.zeros(len(shown), bool))
        return self._rolled_up(shown, calendar)

    def _first_shown(self, spec, last):
        try:
            count = HISTORY_PERIODS[last.grain]
            return periods.previous(spec, last, count - 1).start
        except periods.PeriodError:  # the calendar begins in 1900
            return last.start

    def _known(self, shown):
        """Values and weights of the facts of these periods; NaN where there is none."""
        facts = self.env["kpi.measurement"].search_fetch(
            self._facts(shown[0].grain)
            & Domain("period_start", ">=", shown[0].start)
            & Domain("period_start", "<=", shown[-1].start),
            ["period_start", "value", "weight"],
        )
        by_start = {fact.period_start: fact for fact in facts}
        known = [by_start.get(period.start) for period in shown]
        values = [fact.value if fact else np.nan for fact in known]
        weights = [fact.weight if fact else np.nan for fact in known]
        return np.array(values, float), np.array(weights, float)

    def _targets_of(self, shown):
        """Target, baseline and range of each period; NaN where there is none."""
        dated = self._dated_targets().get(self.id, [])
        result = np.full((len(TARGETS), len(shown)), np.nan)
        for at, period in enumerate(shown):
            held = next((row for row in dated if row[0] < period.stop), None)
            if held:
                result[:, at] = [np.nan if n is None else n for n in held[1:]]
        unused = [2, 3] if self.direction != "range" else [0, 1]
        result[unused] = np.nan
        return result

    def _rolled_up(self, shown, calendar):
        """The course of longer periods; an additive target is the sum of its parts."""
        fine = calendar._periods(self.frequency, shown[0].start, shown[-1].stop)
        fine = [period for period in fine if period.start < shown[-1].stop]
        starts = [period.start for period in shown]
        place = np.array([bisect_right(starts, period.start) - 1 for period in fine])
        values, weights = self._known(fine)
        rolled = rollup.roll_up_time(
            values[None, :],
            place,
            self.aggregation_time,
            weights=weights[None, :] if self.aggregation_time == "average" else None,
        )
        targets = self._targets_of(fine)
        firsts = np.searchsorted(place, np.arange(len(shown)))
        if self.aggregation_time == "sum":
            targets = np.add.reduceat(targets, firsts, axis=1)
        else:
            targets = targets[:, [*(firsts[1:] - 1), len(fine) - 1]]
        finished = np.array([period.stop <= calendar._today() for period in shown])
        return Course(
            shown, rolled.values[0], targets, rolled.is_incomplete[0] & finished
        )

    def _judged(self, course, today):
        """Achievement and status of each period, pro-rated where it still runs."""
        elapsed = np.array(
            [
                min(max((today - period.start).days + 1, 0) / period.days, 1.0)
                for period in course.periods
            ]
        )
        target, baseline, low, high = status.prorate(
            course.targets, elapsed[None, :], self.aggregation_time
        )
        achieved = status.achievement(
            course.values,
            target,
            baseline,
            direction=self.direction,
            range_low=low,
            range_high=high,
        )
        return achieved, status.status(achieved, value=course.values)


def _number(value):
    """A number that JSON can hold; None for NaN."""
    return None if np.isnan(value) else float(value)
