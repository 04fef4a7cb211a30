from bisect import bisect_right
from dataclasses import asdict
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine import periods
from odoo.addons.kpi_base.schemas.base import Grain, Id, Nothing

from ...engine.due import due_share
from ...engine.status import Judged

HISTORY_PERIODS = {"day": 60, "week": 53, "month": 24, "quarter": 12, "year": 10}


class KpiReport(models.Model):
    """The history of a KPI, in its own periods or in longer ones."""

    _inherit = "kpi.report"

    @api.model
    @api.readonly
    def get_history(self, report_id: Id | Nothing, grain: Grain | Nothing = None):
        """Values of one KPI with their targets, for its chart and table.

        :param grain: period length; default: the KPI's own
        :return: dict with ``grain``, ``grains`` (that can be asked for, with labels)
            and ``points`` (oldest first); empty where the user may not see the KPI.
            A point has the value of today, target and judgement as judged then, the
            ``judged_value``, the share ``due`` of its target that it is judged by, in
            ``today`` the judgement by today's target where that differs, else None,
            in ``seam`` what it says if the way of computing changes there, and in
            ``restated`` what the period had settled at where that is news
        """
        report = self.with_context(active_test=False).search([("id", "=", report_id)])
        if not report:
            return {}
        grains = report.definition_id._get_shown_grains()
        grain = grain if grain in grains else report.frequency
        field = self.env["kpi.measurement"]._fields["grain"]
        labels = dict(field._description_selection(self.env))
        return {
            "grain": grain,
            "grains": [[key, labels[key]] for key in grains],
            "points": report._history_points(grain),
        }

    def _history_points(self, grain):
        shown = self._history_periods(grain)
        if not shown:
            return []
        calendar = self.definition_id.calendar_id
        today = calendar._today()
        last_day = shown[-1].stop - timedelta(days=1)
        days = grain, shown[0].start, last_day
        then = self._get_judged_values(*days)[self]
        today_judged = self._get_judged_values(*days, as_judged=False)[self]
        incomplete = self._find_incomplete_periods(
            shown, today
        ) | self._find_unpriced_periods(shown)
        texts = self.env["kpi.definition"]._get_seam_texts()
        restated = self._list_restated_within(shown)
        reasons = self.definition_id._list_change_reasons()
        is_additive = self.aggregation_time == "sum"
        due = due_share(calendar._get_elapsed_ratios(shown), is_additive).tolist()
        points = [
            {
                "due": share,
                "label": calendar._period_label(period),
                "start": period.start.isoformat(),
                **_point(
                    then.get(period.start, Judged()),
                    today_judged.get(period.start, Judged()),
                    texts,
                ),
                "change_reason": next(
                    (reason for day, reason in reasons if day in period), ""
                ),
                "running": period.stop > today,
                "incomplete": period.start in incomplete,
                "restated": restated.get(period.start, []),
            }
            for period, share in zip(shown, due, strict=True)
        ]
        first = next((i for i, p in enumerate(points) if p["value"] is not None), 0)
        return points[first:]

    def _history_periods(self, grain):
        """Periods of ``grain`` up to that of the latest value, oldest first."""
        if not self.current_period_start:
            return []
        calendar = self.definition_id.calendar_id
        spec = calendar._spec()
        last = calendar._period(grain, self.current_period_start)
        try:
            first = periods.previous(spec, last, HISTORY_PERIODS[grain] - 1)
        except periods.PeriodError:  # the calendar begins in 1900
            first = last
        return periods.periods_between(spec, grain, first.start, last.start)

    def _parts_of(self, shown):
        """The KPI's own periods within ``shown``, and the index of each in it."""
        fine = self.definition_id.calendar_id._periods_within(self.frequency, shown)
        return fine, periods.indexes_in(shown, fine)

    def _find_incomplete_periods(self, shown, today):
        """First days of finished periods in which parts have no value."""
        if shown[0].grain in self.definition_id._grains():
            return set()
        fine, index = self._parts_of(shown)
        last_day = shown[-1].stop - timedelta(days=1)
        known = self._values(self.frequency, shown[0].start, last_day)[self]
        missing = {index[at] for at, part in enumerate(fine) if part.start not in known}
        return {shown[at].start for at in missing if shown[at].stop <= today}

    def _find_unpriced_periods(self, shown):
        """First days of the periods that lack records for want of a rate."""
        stored = self._facts(self.definition_id._get_fact_grain(shown[0].grain))
        facts = self.env["kpi.measurement"].search_fetch(
            stored
            & Domain("period_start", ">=", shown[0].start)
            & Domain("unpriced_count", ">", 0),
            ["period_start"],
        )
        starts = [period.start for period in shown]
        return {starts[bisect_right(starts, f.period_start) - 1] for f in facts}


def _point(then, today, seam_texts):
    """Value, target and judgement of a period, and those of today if they differ."""
    differs = then != today
    return {
        **asdict(then),
        "value": today.value,
        "judged_value": then.value,
        "today": asdict(today) if differs else None,
        "seam": seam_texts.get(then.seam, ""),
    }
