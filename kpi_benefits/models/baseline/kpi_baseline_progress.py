from datetime import timedelta
from math import isfinite, nan

import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.postgres import array_text
from odoo.addons.kpi_base.fields import OptionalFloat

from ...engine.progress import measure_progress, name_trend

TRENDS = [
    ("improving", "Improving"),
    ("stable", "Stable"),
    ("declining", "Declining"),
]
PARTIAL = ("records", "formula")  # what is computed of periods that run


class KpiBaseline(models.Model):
    """How far a KPI has come from its baseline to its target, and where it is going."""

    _inherit = "kpi.baseline"

    last_value = OptionalFloat(
        compute="_compute_last_value", exportable=False, aggregator=False
    )
    last_period_start = fields.Date(
        "Last Period", compute="_compute_last_value", exportable=False
    )
    progress = OptionalFloat(
        compute="_compute_progress",
        exportable=False,
        aggregator=False,
        help="Share of the way from the baseline to the target. Below 0: worse than "
        "the baseline; above 100 %: beyond the target.",
    )
    trend = fields.Selection(TRENDS, compute="_compute_trend", exportable=False)

    @api.depends("report_id", "baseline_date")
    def _compute_last_value(self):
        found = self._find_last_values()
        for baseline in self:
            start, value = found.get(baseline.id, (False, False))
            baseline.last_period_start, baseline.last_value = start, value

    def _find_last_values(self):
        """Baseline id → first day and value of the last period that counts.

        Periods that run count where people enter values: what is computed is partial.
        """
        known = self.filtered("id").filtered("report_id")
        ids, reports, grains, firsts, stops = [], [], [], [], []
        for baseline in known:
            ids.append(baseline._origin.id or baseline.id)
            reports.append(baseline.report_id._origin.id)
            grains.append(baseline.frequency)
            firsts.append(baseline._get_first_counted_day())
            stops.append(baseline._get_counted_stop())
        rows = self.env.execute_query(
            SQL(
                """
                SELECT given.id, fact.period_start, fact.value
                  FROM unnest(%s::int4[], %s::int4[], %s::text[], %s::date[],
                              %s::date[])
                       AS given(id, report_id, grain, first, stop)
                  JOIN LATERAL (
                        SELECT period_start, value
                          FROM kpi_measurement
                         WHERE report_id = given.report_id
                           AND grain = given.grain
                           AND period_start >= given.first
                           AND period_start < given.stop
                      ORDER BY period_start DESC
                         LIMIT 1
                       ) AS fact ON TRUE
                """,
                *(array_text(each) for each in (ids, reports, grains, firsts, stops)),
            )
        )
        return {record_id: (start, value) for record_id, start, value in rows}

    def _get_first_counted_day(self, report=None):
        """Start of the first period that is not over by the day of the baseline.

        :param report: default: the KPI itself
        """
        period = self._find_period(self.baseline_date, report)
        is_over = period.stop <= self.baseline_date + timedelta(days=1)
        return period.stop if is_over else period.start

    def _get_counted_stop(self):
        """First day of the periods that do not count yet."""
        today = self.report_id.definition_id.calendar_id._today()
        period = self._find_period(today)
        return period.start if self.computation in PARTIAL else period.stop

    def _find_period(self, day, report=None):
        """The KPI's own period that holds a day."""
        definition = (report or self.report_id).definition_id
        return definition.calendar_id._period(definition.frequency, day)

    @api.depends("last_value", "baseline_value", "target_value")
    def _compute_progress(self):
        numbers = (
            [_number(one[name]) for one in self]
            for name in ("baseline_value", "target_value", "last_value")
        )
        found = measure_progress(*map(np.array, numbers)) if self else ()
        for baseline, progress in zip(self, found, strict=True):
            baseline.progress = float(progress) if isfinite(progress) else False

    @api.depends("report_id", "direction", "target_value", "baseline_value")
    def _compute_trend(self):
        trends = self.env["kpi.trend.analysis"].search(
            [("kpi_id", "in", self.report_id.ids)]
        )
        by_kpi = {one.kpi_id: one for one in trends}
        for baseline in self:
            known = by_kpi.get(baseline.report_id._origin)
            is_known = known and known.velocity_low is not False
            baseline.trend = is_known and name_trend(
                known.velocity_low,
                known.velocity_high,
                is_lower_better=baseline._get_sign() < 0,
            )

    def _get_sign(self):
        """1 where more is better, −1 where less is.

        Of a range, towards its target.
        """
        if self.direction == "range":
            start, target = self.baseline_value, self.target_value
            return -1 if False not in (start, target) and target < start else 1
        return -1 if self.direction == "lower" else 1


def _number(value):
    return nan if value is False else value
