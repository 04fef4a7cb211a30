import numpy as np

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine import periods
from .kpi_report_current import SPARKLINE_PERIODS


class KpiReport(models.Model):
    """What lists, cards and forms show of a KPI beside its kept values."""

    _inherit = "kpi.report"

    unit_symbol = fields.Char(related="definition_id.unit_symbol")
    duration_unit = fields.Selection(related="definition_id.duration_unit")
    aggregation_time = fields.Selection(related="definition_id.aggregation_time")
    kpi_name = fields.Char(related="definition_id.name", string="KPI Name")
    scope_name = fields.Char("For", compute="_compute_scope_name")
    period_label = fields.Char("As Of", compute="_compute_period_label")
    sparkline = fields.Json("Course", compute="_compute_sparkline", exportable=False)
    is_stale = fields.Boolean(
        compute="_compute_is_stale", help="A whole period has passed without a value."
    )
    measurement_count = fields.Integer(compute="_compute_measurements")
    has_unpriced = fields.Boolean(
        compute="_compute_measurements",
        help="Some period has records without an exchange rate.",
    )

    @api.depends("scope_type", "company_id", "department_id", "team_id", "user_id")
    def _compute_scope_name(self):
        for report in self:
            # The name says whose KPI it is, also to those who may not open the record.
            report.scope_name = report._scope_record().sudo().display_name

    @api.depends("current_period_start", "frequency")
    def _compute_period_label(self):
        labels = {}
        for report in self:
            period = report._current_period()
            key = (report.definition_id.calendar_id, period)
            if period and key not in labels:
                labels[key] = key[0]._period_label(period)
            report.period_label = labels.get(key, False)

    @api.depends("current_period_start", "frequency")
    def _compute_is_stale(self):
        starts = {}
        for report in self:
            calendar, latest = (
                report.definition_id.calendar_id,
                report._current_period(),
            )
            key = (calendar, report.frequency)
            if latest and key not in starts:
                current = calendar._period(report.frequency, calendar._today())
                starts[key] = current.start
            report.is_stale = bool(latest) and latest.stop < starts[key]

    @api.depends("current_period_start", "current_value", "target_ids.date_from")
    def _compute_sparkline(self):
        """The last periods up to the latest value, for all reports by two queries."""
        known = {report: report._recent_periods() for report in self}
        facts = self._fact_values({r: p for r, p in known.items() if p})
        targets = self._recent_targets(known)
        labels = {}
        for report, recent in known.items():
            calendar = report.definition_id.calendar_id
            for period in recent:
                if (calendar, period) not in labels:
                    labels[calendar, period] = calendar._period_label(period)
            values = facts.get(report._origin.id, {})
            held = targets.get(report._origin.id, {})
            report.sparkline = recent and {
                "running": report.is_running,
                "points": [
                    {
                        "label": labels[calendar, period],
                        "value": values.get(period.start),
                        **held.get(period.start, {"target": None}),
                    }
                    for period in recent
                ],
            }

    def _compute_measurements(self):
        rows = self.env["kpi.measurement"]._read_group(
            [("report_id", "in", self.ids)],
            ["report_id"],
            ["__count", "unpriced_count:sum"],
        )
        found = {report: counts for report, *counts in rows}
        for report in self:
            count, unpriced = found.get(report, (0, 0))
            report.measurement_count = count
            report.has_unpriced = bool(unpriced)

    def _current_period(self):
        """The period of the latest value; None where there is none."""
        start = self.current_period_start
        if not start or not self.definition_id.calendar_id:
            return None
        return self.definition_id.calendar_id._period(self.frequency, start)

    def _recent_periods(self, count=SPARKLINE_PERIODS):
        """Up to ``count`` periods that end with the latest value, oldest first."""
        last = self._current_period()
        if not last:
            return []
        spec = self.definition_id.calendar_id._spec()
        try:
            first = periods.previous(spec, last, count - 1)
        except periods.PeriodError:  # the calendar begins in 1900
            first = last
        return periods.periods_between(spec, self.frequency, first.start, last.start)

    @api.model
    def _fact_values(self, recent):
        """Values of reports in their periods.

        :param recent: dict report → its periods, none of them empty
        :return: dict report id → dict first day → value
        """
        rows = self.env.execute_query(
            SQL(
                """
                SELECT fact.report_id, fact.period_start, fact.value
                  FROM unnest(%(ids)s::int[], %(grains)s::varchar[],
                              %(firsts)s::date[], %(lasts)s::date[])
                       AS wanted(report_id, grain, first, last)
                  JOIN kpi_measurement AS fact
                    ON fact.report_id = wanted.report_id
                   AND fact.grain = wanted.grain
                   AND fact.period_start BETWEEN wanted.first AND wanted.last
                """,
                ids=[report._origin.id for report in recent],
                grains=[found[0].grain for found in recent.values()],
                firsts=[found[0].start for found in recent.values()],
                lasts=[found[-1].start for found in recent.values()],
            )
        )
        values = {}
        for report_id, start, value in rows:
            values.setdefault(report_id, {})[start] = value
        return values

    @api.model
    def _recent_targets(self, recent):
        """Targets of reports in their periods, as these were judged.

        :param recent: dict report → its periods
        :return: dict report id → dict first day → dict ``target``, or ``low`` and
            ``high`` too where a range is best
        """
        found = {}
        # Who sees a KPI sees its targets.
        reports = self.browse([report._origin.id for report in recent]).sudo()
        by_periods = reports.grouped(
            lambda kpi: (kpi.definition_id.calendar_id, kpi.frequency)
        )
        shown = {report._origin.id: periods for report, periods in recent.items()}
        for same in by_periods.values():
            periods = sorted({p for kpi in same for p in shown[kpi.id]}, key=_start)
            targets = same._kept_targets(periods)
            for row, kpi in enumerate(same):
                found[kpi.id] = _shown_targets(kpi, periods, targets, row)
        return found

    def action_open_definition(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "kpi.definition",
            "res_id": self.definition_id.id,
            "views": [(False, "form")],
        }

    def action_open_measurements(self):
        """Values in the KPI's own periods, so that lengths are not mixed."""
        self.ensure_one()
        action = self.definition_id.action_open_measurements()
        action["domain"] = [("report_id", "=", self.id)]
        return action


def _start(period):
    return period.start


def _shown_targets(kpi, periods, targets, row):
    names = ("low", "high") if kpi.direction == "range" else ()
    columns = {name: getattr(targets, name)[row] for name in ("target", *names)}
    return {
        period.start: {
            name: None if np.isnan(column[at]) else float(column[at])
            for name, column in columns.items()
        }
        for at, period in enumerate(periods)
    }
