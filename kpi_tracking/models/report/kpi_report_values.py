from bisect import bisect_right
from dataclasses import asdict, replace
from datetime import timedelta
from operator import attrgetter

import numpy as np

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import open_form, open_list
from odoo.addons.kpi_base.engine.periods import indexes_in
from odoo.addons.kpi_base.fields import OptionalFloat
from odoo.addons.kpi_base.schemas.base import Grain, Id, Nothing

from ...engine import formula as formulas
from ...engine.due import due_shares, is_comparable, is_new
from ...engine.gauge.zones import Aim, status_zones
from ...engine.period_report import TO_DATE, last_parts, to_date
from ...engine.series import (
    SeriesQuery,
    SeriesRows,
    as_json_numbers,
    list_known,
    make_series,
    stack_series,
)
from ...engine.status import Judged
from ...engine.zones import THRESHOLD_FIELDS
from ..fact.kpi_measurement_breakdown import COMBINED_BY, OTHER
from ..formula.formula_values import ToDateEvaluation
from ..target.target_numbers import TargetEvaluation, fetch_target_rows
from .kpi_report import JUDGED
from .kpi_report_status import SPARKLINE_PERIODS

HISTORY_PERIODS = {"day": 60, "week": 53, "month": 24, "quarter": 12, "year": 10}


class KpiReport(models.Model):
    """Values of many KPIs at once, in their own periods or in longer ones."""

    _inherit = "kpi.report"

    breakdown = fields.Json(compute="_compute_breakdown")
    unit_symbol = fields.Char(related="definition_id.unit_symbol")
    duration_unit = fields.Selection(related="definition_id.duration_unit")
    aggregation_time = fields.Selection(related="definition_id.aggregation_time")
    kpi_name = fields.Char(related="definition_id.name", string="KPI Name")
    scope_name = fields.Char("For", compute="_compute_scope_name")
    period_label = fields.Char("As Of", compute="_compute_period_label")
    sparkline = fields.Json("Trend", compute="_compute_sparkline", exportable=False)
    is_stale = fields.Boolean(
        compute="_compute_is_stale", help="No value for a full period."
    )
    measurement_count = fields.Integer(compute="_compute_measurements")
    has_unpriced = fields.Boolean(
        compute="_compute_measurements",
        help="Records in some periods have no exchange rate.",
    )
    target_full = OptionalFloat(
        "Target of the Whole Period", compute="_compute_target_full", exportable=False
    )
    gauge = fields.Json(
        compute="_compute_gauge",
        exportable=False,
        help="Requires a value and either a target or zones.",
    )

    def _values(self, grain, first, last):
        """Values of these KPIs in the periods of ``grain`` that touch a range of days.

        :param grain, first, last: as for ``_series``
        :return: dict report → {first day of the period: value}, oldest first; a period
            without a value is left out
        :raises UserError: a KPI is not shown in periods of ``grain``
        """
        found = {}
        for series in self._series(grain, first, last, with_targets=False):
            found |= series.list_values()
        return {report: found.get(report.id, {}) for report in self}

    def _series_queries(self, grain, first, last):
        """Queries for these KPIs in the periods that touch a range of days.

        :param grain, first, last: as for ``_series``
        :return: yields pairs of a calendar and a ``SeriesQuery`` of KPIs in it
        """
        self.check_access("read")
        # What a KPI is made of is no secret to those who see it.
        reports = self.sudo()
        read_from = {
            kpi: (kpi.calendar_id, kpi._get_fact_grain(grain))
            for kpi in reports.definition_id
        }
        grouped = reports.grouped(lambda report: read_from[report.definition_id])
        for (calendar, fact_grain), kpis in grouped.items():
            periods = fine = calendar._periods(grain, first, last)
            if periods and fact_grain != grain:
                fine = calendar._periods_within(fact_grain, periods)
            if periods:
                yield calendar, kpis._series_query(calendar, periods, fine)

    def _series_query(self, calendar, periods, fine):
        """``SeriesQuery`` of these KPIs, as superuser."""
        made_of = [report.definition_id for report in self]
        return SeriesQuery(self.ids, made_of, periods, fine, calendar._today())

    @api.model
    def _read_series_rows(self, queries, basis, with_targets=True, fact_columns=None):
        """``SeriesRows`` of all KPIs of ``queries``, by three statements.

        :param queries: list of ``SeriesQuery``, at least one
        :param basis, with_targets: as for ``_series``
        :param fact_columns: SQL of more columns of ``kpi_measurement``
        """
        ids = [report_id for query in queries for report_id in query.report_ids]
        # Who sees a KPI sees what it is judged by.
        reports = self.sudo().browse(ids)
        has_stored = with_targets and basis != "today"
        return SeriesRows(
            ids,
            self._fact_rows(queries, fact_columns),
            fetch_target_rows(reports) if with_targets else [],
            self._fetch_stored_targets(queries, basis == "judged")
            if has_stored
            else [],
        )

    @api.model
    def _fact_rows(self, queries, more=None):
        """Report id, first day, value and weight of facts, and ``more`` columns."""
        return self.env.execute_query(
            SQL(
                """
                SELECT report_id, period_start, value, weight%s
                  FROM kpi_measurement
                 WHERE %s
                """,
                SQL(", %s", more) if more else SQL(),
                query_periods_sql(queries),
            )
        )

    @api.model
    def _fetch_stored_targets(self, queries, with_judgements):
        """Fetch what periods are judged by, also open ones, by one statement.

        Periods that have the same targets are one row: most of a KPI have.

        :param with_judgements: also the values judged, and what was made of them
        """
        judgements = SQL(", rated_value, achievement, status, COALESCE(band, '')")
        judged_by = SQL(", rated_value, achievement, status, band")
        return self.env.execute_query(
            SQL(
                """
                SELECT report_id, array_agg(period_start), target, baseline, stretch,
                       range_low, range_high, (zones = 'five')::int, threshold_1,
                       threshold_2, threshold_3, threshold_4%s
                  FROM kpi_target_value
                 WHERE %s
              GROUP BY report_id, target, baseline, stretch, range_low, range_high,
                       zones, threshold_1, threshold_2, threshold_3, threshold_4%s
                """,
                judgements if with_judgements else SQL(),
                query_periods_sql(queries),
                judged_by if with_judgements else SQL(),
            )
        )

    def _series(self, grain, first, last, *, basis="stored", with_targets=True):
        """Values, targets and status of these KPIs as arrays: a row each.

        The one way to read many KPIs over periods that touch a range of days::

            for series in reports._series("month", date(2026, 1, 1), today):
                series.values[series.row_of[report.id]]  # NaN = no value
                series.targets.target, series.weights, series.statuses

        Facts stored in ``grain`` are taken as they are; else those of the KPI's own
        periods are rolled up as its additivity over time declares. The target of a
        longer period is the sum of those of its parts where the KPI adds up, else the
        last of them. A running period is judged by the part of its target that is due.
        Three statements, however many KPIs and calendars; those of targets set by
        rules come on top.

        :param grain: period length
        :param first, last: local days, both included; periods at the edges are complete
        :param basis: how closed periods are shown, also as parts of longer ones:
            "judged": with the value, the target and the judgement of then; "stored":
            with the value of now by the target stored, as the KPI and its lists say;
            "today": with the value of now by the targets that hold today
        :param with_targets: else neither targets nor a status
        :return: list of ``engine.series.Series``, one per calendar, none without
            periods
        :raises AccessError: the user may not see one of the KPIs
        :raises UserError: a KPI is not shown in periods of ``grain``
        """
        asked = list(self._series_queries(grain, first, last))
        found = {}
        all_series = self._read_series(
            [query for _calendar, query in asked], basis, with_targets
        )
        for (calendar, _query), series in zip(asked, all_series, strict=True):
            found.setdefault(calendar, []).append(series)
        return [stack_series(parts) for parts in found.values()]

    @api.model
    def _read_series(self, queries, basis="stored", with_targets=True, rows=None):
        """``Series`` of each of the queries, whoever may see the KPIs.

        :param queries: list of ``SeriesQuery``
        :param basis, with_targets: as for ``_series``
        :param rows: what ``_read_series_rows`` returns, where it has been read
        """
        if not queries:
            return []
        if rows is None:
            rows = self._read_series_rows(queries, basis, with_targets)
        return [
            self._make_series(query, rows.of(query.report_ids), basis, with_targets)
            for query in queries
        ]

    @api.model
    def _make_series(self, query, rows, basis, with_targets):
        targets = None
        if with_targets:
            # Who sees a KPI sees what it is judged by.
            reports = self.sudo().browse(query.report_ids)
            # What rules say of periods that have begun is stored.
            settled = 0 if basis == "today" else query.begun_count
            targets = TargetEvaluation(
                reports, query.fine, rows=rows.targets, settled=settled
            ).targets()
        return make_series(query, rows, targets, basis)

    def _get_judged_values(self, grain, first, last, basis="judged"):
        """Values of these KPIs, judged, in the periods that touch a range of days.

        :param grain, first, last, basis: as for ``_series``
        :return: dict report → {first day of the period: ``Judged``}, oldest first; a
            period with neither value nor target is left out
        :raises UserError: a KPI is not shown in periods of ``grain``
        """
        found = {}
        for series in self._series(grain, first, last, basis=basis):
            found |= series.list_judged()
        return {report: found.get(report.id, {}) for report in self}

    @api.depends("current_period_start", "current_value")
    @api.depends_context("uid", "allowed_company_ids", "lang")
    def _compute_breakdown(self):
        """Parts of the latest value: per field its name and parts, largest first.

        A share is said only where the parts add up to the value.
        """
        parts = self.env["kpi.measurement.breakdown"].search(
            Domain.OR(
                kpi._facts() & Domain("period_start", "=", kpi.current_period_start)
                for kpi in self._origin
            )
        )
        by_report = parts.grouped("report_id")
        for report in self:
            own = by_report.get(report._origin, parts.browse())
            report.breakdown = [
                {
                    "label": same[0].field_label,
                    "parts": report._prepare_ordered_parts(same),
                }
                for same in own.grouped("field_path").values()
            ]

    def _prepare_ordered_parts(self, parts):
        adds_up = (
            COMBINED_BY.get(self.definition_id.measure) == "sum"
            and self.current_value > 0
            and min(parts.mapped("value")) >= 0
        )
        ordered = parts.sorted(lambda part: (part._key() == OTHER, -part.value))
        return [
            {
                "label": part.key_label,
                "value": part.value,
                "percent": 100 * part.value / self.current_value if adds_up else None,
            }
            for part in ordered
        ]

    def _year_to_date(self, grain, first, last):
        """Values of the fiscal year up to and with each period of ``grain``.

        Carried forward as the KPI's additivity over time declares, a formula on what
        its parts have come to; a week counts in the year that it begins in. What must
        be computed anew from records, such as a median, and formulas that look at other
        periods are known for the year's last period and for the running one.

        :param grain, first, last: as for ``_values``, of KPIs with one calendar
        :return: dict report → {first day of the period: value}
        """
        found = {}
        calendar = self.definition_id.calendar_id
        carried = self.filtered(lambda kpi: kpi.aggregation_time in TO_DATE)
        year = calendar._period("year", first)
        for _calendar, query in carried._series_queries(grain, year.start, last):
            found |= self._accumulate_to_date(calendar, query)
        # How a KPI is made up is no secret to those who see it.
        evaluated = (self - carried).filtered(
            lambda kpi: kpi.sudo().definition_id._is_carried_to_date()
        )
        since = calendar._periods(grain, year.start, last)
        found |= evaluated._evaluate_to_date(since)
        remaining = self - carried - evaluated
        found |= remaining._get_year_values(calendar._periods(grain, first, last))
        return {report: found.get(report.id, {}) for report in self}

    @api.model
    def _accumulate_to_date(self, calendar, query):
        """Report id → values to date, from the facts of shorter periods."""
        fine = query.fine
        facts = replace(query, periods=fine)
        (series,) = self._read_series([facts], with_targets=False)
        years = calendar._periods("year", fine[0].start, fine[-1].start)
        year_index = np.array(indexes_in(years, fine))
        carried = np.full_like(series.values, np.nan)
        for (aggregation, _is_counted), rows in query.rows_by_roll_up.items():
            carried[rows] = to_date(
                series.values[rows], series.weights[rows], year_index, aggregation
            )
        # Each longer period has what its last part has.
        lasts = last_parts(indexes_in(query.periods, fine))
        rows = carried[:, lasts].tolist()
        return {
            report_id: list_known(query.periods, row)
            for report_id, row in zip(query.report_ids, rows, strict=True)
        }

    def _evaluate_to_date(self, periods):
        """Report id → first day → value of the year up to and with each period.

        :param periods: of one grain and calendar, from a year's beginning on
        """
        if not self:
            return {}
        found = {}
        # Parts count whether or not the person who asks may see them.
        reports = self.sudo()
        definitions = reports.definition_id
        evaluation = ToDateEvaluation(
            reports.env, definitions.calendar_id, periods[0].grain, periods
        )
        parts = definitions._with_components()
        evaluation.preload(parts.filtered(lambda kpi: kpi.computation != "formula"))
        for definition, kpis in reports.grouped("definition_id").items():
            scopes = [(kpi.scope_type, kpi.scope_id, kpi.company_id.id) for kpi in kpis]
            try:
                result, _values = evaluation.evaluate(definition, scopes)
            except formulas.FormulaError:
                continue  # a part is archived: there is no value either
            for kpi, row in zip(kpis, result.values.tolist(), strict=True):
                found[kpi.id] = list_known(periods, row)
        return found

    def _get_year_values(self, periods):
        """Report id → the year's own value in its last period, or the running one."""
        yearly = self.filtered(
            lambda kpi: "year" in kpi.definition_id._get_shown_grains()
        )
        if not yearly or not periods:
            return {}
        calendar = yearly.definition_id.calendar_id
        today = calendar._today()
        ends = {}
        for period in periods:
            year = calendar._period("year", period.start)
            if period.stop >= year.stop or today in period:
                ends[year.start] = period.start
        if not ends:
            return {}
        known = yearly._values("year", min(ends), max(ends))
        return {
            report.id: {ends[start]: values[start] for start in ends if start in values}
            for report, values in known.items()
        }

    @api.model
    @api.readonly
    def get_history(self, report_id: Id | Nothing, grain: Grain | Nothing = None):
        """Values of one KPI with their targets, for its chart and table.

        :param grain: period length; default: the KPI's own
        :return: dict with ``grain``, ``grains`` (that can be asked for, with labels)
            and ``points`` (oldest first); empty where the user may not see the KPI.
            A point has the value of today, target and judgement as judged then, the
            ``rated_value``, the share ``due`` of its target that it is judged by, in
            ``today`` the judgement by today's target where that differs, else None,
            in ``seam`` what it says if the way of computing changes there, in
            ``restated`` what the period had settled at where that is news, and
            ``untouched`` says that it began today and is left out of charts
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
        if not self.current_period_start:
            return []
        calendar = self.definition_id.calendar_id
        last = calendar._period(grain, self.current_period_start)
        shown = self._get_periods_until(last, HISTORY_PERIODS[grain])
        today = calendar._today()
        last_day = shown[-1].stop - timedelta(days=1)
        days = grain, shown[0].start, last_day
        then = self._get_judged_values(*days)[self]
        today_judged = self._get_judged_values(*days, basis="today")[self]
        incomplete = self._find_incomplete_periods(shown, today)
        incomplete |= self._find_unpriced_periods(shown)
        texts = self.env["kpi.definition"]._get_seam_texts()
        restated = self._list_restated_within(shown)
        # Whoever sees values knows since when they are computed so, and why.
        changes = self.sudo().definition_id.version_ids.filtered("reason")
        is_additive = self.aggregation_time == "sum"
        elapsed = calendar._get_elapsed_ratios(shown)
        due = due_shares(elapsed, is_additive, self.direction == "lower")
        points = []
        for period, share, limit in zip(shown, *map(as_json_numbers, due), strict=True):
            judged = then.get(period.start, Judged())
            now = today_judged.get(period.start, Judged())
            points.append(
                {
                    **asdict(judged),
                    "value": now.value,
                    "rated_value": judged.value,
                    "today": asdict(now) if now != judged else None,
                    "seam": texts.get(judged.seam, ""),
                    "due": share,
                    "due_high": limit,
                    "label": calendar._period_label(period),
                    "start": period.start.isoformat(),
                    "change_reason": next(
                        (each.reason for each in changes if each.valid_from in period),
                        "",
                    ),
                    "running": period.stop > today,
                    "untouched": self._is_untouched(period),
                    "incomplete": period.start in incomplete,
                    "restated": restated.get(period.start, []),
                }
            )
        first = next((i for i, p in enumerate(points) if p["value"] is not None), 0)
        return points[first:]

    def _find_incomplete_periods(self, shown, today):
        """First days of finished periods in which parts have no value."""
        if shown[0].grain in self.definition_id._grains():
            return set()
        fine = self.definition_id.calendar_id._periods_within(self.frequency, shown)
        index = indexes_in(shown, fine)
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

    @api.depends("scope_type", "company_id", "department_id", "team_id", "user_id")
    def _compute_scope_name(self):
        for report in self:
            # The name says whose KPI it is, also to those who may not open the record.
            report.scope_name = report._scope_record().sudo().display_name

    @api.depends("current_period_start", "frequency")
    def _compute_period_label(self):
        for report in self:
            period = report._current_period()
            calendar = report.definition_id.calendar_id
            report.period_label = period and calendar._period_label(period)

    @api.depends("current_period_start", "frequency")
    def _compute_is_stale(self):
        for report in self:
            calendar = report.definition_id.calendar_id
            latest = report._current_period()
            report.is_stale = bool(latest) and (
                latest.stop < calendar._period(latest.grain, calendar._today()).start
            )

    @api.depends("current_period_start", "current_value", "target_ids.date_from")
    def _compute_sparkline(self):
        """The last periods up to the latest value, by three queries for all reports."""
        latest = {report: report._current_period() for report in self}
        trends = self._get_trends(
            {kpi: kpi._get_periods_until(last) for kpi, last in latest.items() if last}
        )
        for report in self:
            line = {"running": report.is_running, "points": trends.get(report)}
            report.sparkline = line if latest[report] else []

    def _is_untouched(self, period):
        """Whether a period began today, after others, and has come to nothing yet.

        Charts end before it, as in ``Series.list_line``: else they would fall to 0.
        """
        today = self.definition_id.calendar_id._today()
        has_nothing_yet = is_new(period, today) and not self.current_value
        return has_nothing_yet and self.has_previous

    @api.model
    def _get_trends(self, periods_of):
        """Points of lines: label, value and target of each period.

        :param periods_of: as for ``_series_in``
        :return: dict report → list of a dict for each of its periods
        """
        found = self._series_in(periods_of) if periods_of else {}
        return {
            report: report._list_points(shown, found[report._origin.id])
            for report, shown in periods_of.items()
        }

    def _list_points(self, shown, series):
        """Label, value and target of each period; None = none."""
        row = series.row_of[self._origin.id]
        indexes = [series.index_of[period.start] for period in shown]
        labels = self.definition_id.calendar_id._period_labels(shown)
        return series.list_line(row, indexes, labels, self.direction)

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

    def _is_comparable(self, period):
        """Whether what a period has come to is comparable with whole periods."""
        is_running = period.stop > self.definition_id.calendar_id._today()
        return is_comparable(self.aggregation_time, is_running)

    def _get_periods_until(self, last, count=SPARKLINE_PERIODS):
        """``count`` periods of the KPI that end with ``last``, oldest first."""
        calendar = self.definition_id.calendar_id
        first = calendar._period_before(last, count - 1) or last
        return calendar._periods(last.grain, first.start, last.start)

    @api.model
    def _series_in(self, periods_of, basis="stored", with_targets=True):
        """Values of KPIs in periods of their own.

        :param periods_of: dict report → its periods, of its own grain and at least one
        :param basis, with_targets: as for ``_series``
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
                {each for kpi in same for each in wanted[kpi.id]},
                key=attrgetter("start"),
            )
            queries.append(same._series_query(calendar, periods, periods))
        return {
            report_id: series
            for series in self._read_series(queries, basis, with_targets)
            for report_id in series.report_ids
        }

    def action_open_definition(self):
        self.ensure_one()
        return open_form(self.definition_id)

    def action_open_measurements(self):
        """Values in the KPI's own periods, so that lengths are not mixed."""
        if len(self) != 1:
            domain = [("report_id", "in", self.ids)]
            return open_list(self.env, "kpi_tracking.kpi_measurement_action", domain)
        action = self.definition_id.action_open_measurements()
        action["display_name"] = self.definition_id._name_values(self.name)
        action["domain"] = [("report_id", "=", self.id)]
        return action

    @api.depends("target_value", "status", "current_period_start")
    def _compute_target_full(self):
        """The target by whose share a running period is judged, as it is stored."""
        judged = self._read_judged()
        for report in self:
            report.target_full = judged.get(report._origin.id, {}).get("target")

    def _read_judged(self):
        """Report id → its row of ``_due_facts_sql``, as it was judged."""
        self.env["kpi.definition"].flush_model()
        self.env["kpi.report"].flush_model()
        # Who sees a KPI sees what it is judged by; the number beside it is as stored.
        self.env.cr.execute(self._origin.sudo()._due_facts_sql(as_stored=True))
        return {row["report_id"]: row for row in self.env.cr.dictfetchall()}

    @api.depends(
        "sparkline", "status", "band", "target_value", "target_day",
        "definition_id.gauge_widget_id",
    )  # fmt: skip
    def _compute_gauge(self):
        """All gauges by a constant number of queries."""
        judged = self._read_judged()
        # Who sees a value sees who entered it, also a colleague of another company.
        users = self.env["res.users"].sudo()
        authors = {
            report_id: row["recorded_by_id"]
            for report_id, row in judged.items()
            if row["source"] in ("manual", "import") and row["recorded_by_id"]
        }
        names = {u.id: u.display_name for u in users.browse(set(authors.values()))}
        for report in self:
            row = judged.get(report._origin.id)
            drawn = row and report.has_value and report._prepare_gauge(row)
            who = names.get(authors.get(report._origin.id), "")
            report.gauge = drawn and {**drawn, "who": who}

    def _prepare_gauge(self, judged):
        """The gauge of one KPI; False where it would say no more than the number.

        :param judged: its row of ``_due_facts_sql``
        """
        # The target is the one beside the gauge, by whatever rule it was stored.
        has_target = self.status in JUDGED and judged["target"] is not None
        aim = Aim(
            self.direction,
            self.target_value if has_target else None,
            *(judged[f"due_{name}"] for name in ("baseline", "low", "high")),
        )
        points = (self.sparkline or {}).get("points", [])
        return self.definition_id.gauge_widget_id._drawing(
            aim,
            self._zones_of_status(judged),
            value=self.current_value,
            whole=judged["target"],
            previous=self.previous_value if self.has_previous else None,
            earlier=[p["value"] for p in points[:-1] if p["value"] is not None],
        )

    def _zones_of_status(self, judged):
        """Zones in percent by which the KPI's status is found."""
        if judged["zones"] is None:  # nothing to judge it by
            return ()
        thresholds = [judged[name] for name in THRESHOLD_FIELDS]
        if judged["zones"] == "rag":
            return status_zones(thresholds[:2])
        bands = dict(self._fields["band"]._description_selection(self.env))
        return status_zones(thresholds, [*bands.values()])


def query_periods_sql(queries):
    """Condition on rows that have a report, a grain and a first day.

    :param queries: ``SeriesQuery``, at least one
    """
    return SQL(" OR ").join(
        # The index is read from day to day only.
        SQL(
            """
            (report_id = ANY(%(ids)s) AND grain = %(grain)s
             AND period_start BETWEEN %(first)s AND %(last)s
             AND period_start = ANY(%(starts)s))
            """,
            ids=query.report_ids,
            grain=query.fine[0].grain,
            first=min(period.start for period in query.fine),
            last=max(period.start for period in query.fine),
            starts=[period.start for period in query.fine],
        )
        for query in queries
    )
