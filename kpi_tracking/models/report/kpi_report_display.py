from odoo import api, fields, models

from odoo.addons.kpi_base.engine import periods

from ...engine.series import as_json_numbers
from .kpi_report_status import SPARKLINE_PERIODS


class KpiReport(models.Model):
    """Texts and figures of a KPI on lists, cards and forms, beside stored ones."""

    _inherit = "kpi.report"

    unit_symbol = fields.Char(related="definition_id.unit_symbol")
    duration_unit = fields.Selection(related="definition_id.duration_unit")
    aggregation_time = fields.Selection(related="definition_id.aggregation_time")
    kpi_name = fields.Char(related="definition_id.name", string="KPI Name")
    scope_name = fields.Char("For", compute="_compute_scope_name")
    period_label = fields.Char("As Of", compute="_compute_period_label")
    sparkline = fields.Json("Trend", compute="_compute_sparkline", exportable=False)
    is_stale = fields.Boolean(
        compute="_compute_is_stale", help="A full period has passed without a value."
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
        """The last periods up to the latest value, by three queries for all reports."""
        known = {report: report._recent_periods() for report in self}
        trends = self._get_trends({r: p for r, p in known.items() if p})
        for report, recent in known.items():
            report.sparkline = recent and {
                "running": report.is_running,
                "points": trends[report],
            }

    @api.model
    def _get_trends(self, periods_of):
        """Points of lines: label, value and target of each period.

        :param periods_of: as for ``_series_in``
        :return: dict report → list of a dict for each of its periods
        """
        found = self._series_in(periods_of) if periods_of else {}
        labels = {}
        for report, shown in periods_of.items():
            calendar = report.definition_id.calendar_id
            for period in shown:
                if (calendar, period) not in labels:
                    labels[calendar, period] = calendar._period_label(period)
        return {
            report: [
                {"label": labels[report.definition_id.calendar_id, period], **point}
                for period, point in zip(
                    shown,
                    _points(report, shown, found[report._origin.id]),
                    strict=True,
                )
            ]
            for report, shown in periods_of.items()
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
        return self._get_periods_until(last, count) if last else []

    def _get_periods_until(self, last, count=SPARKLINE_PERIODS):
        """``count`` periods of the KPI that end with ``last``, oldest first."""
        spec = self.definition_id.calendar_id._spec()
        try:
            first = periods.previous(spec, last, count - 1)
        except periods.PeriodError:  # the calendar begins in 1900
            first = last
        return periods.periods_between(spec, last.grain, first.start, last.start)

    @api.model
    def _series_in(self, periods_of, with_targets=True):
        """Values of KPIs in periods of their own.

        :param periods_of: dict report → its periods, of its own grain and at least one
        :param with_targets: as for ``_series``
        :return: dict report id → ``Series`` that has it, maybe among more periods
        """
        # Who sees a KPI sees its targets, and what it is made of.
        reports = self.browse([report._origin.id for report in periods_of]).sudo()
        wanted = {report._origin.id: found for report, found in periods_of.items()}
        queries = []
        for (calendar, _grain), same in reports.grouped(
            lambda kpi: (kpi.definition_id.calendar_id, kpi.frequency)
        ).items():
            periods = sorted(
                {each for kpi in same for each in wanted[kpi.id]}, key=_start
            )
            queries.append(same._series_query(calendar, periods, periods))
        return {
            report_id: series
            for series in self._read_series(queries, with_targets=with_targets)
            for report_id in series.report_ids
        }

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
        action["display_name"] = self.definition_id._name_values(self.name)
        action["domain"] = [("report_id", "=", self.id)]
        return action


def _start(period):
    return period.start


def _points(report, periods, series):
    """Value and target of each period; None = none."""
    row = series.row_of[report._origin.id]
    indexes = [series.index_of[period.start] for period in periods]
    targets = series.targets
    columns = {"value": series.values, "target": targets.target}
    if report.direction == "range":
        columns |= {"low": targets.low, "high": targets.high}
    rows = [as_json_numbers(column[row, indexes]) for column in columns.values()]
    return [dict(zip(columns, point, strict=True)) for point in zip(*rows, strict=True)]
