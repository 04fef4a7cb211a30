"""Effect of a proposed change on the last periods; nothing is written."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.fields import or_none

from ...engine.formula import FormulaError
from ...engine.scorecard import weighted_achievement
from ...engine.series import SeriesRows, as_json_numbers
from ...engine.zones import THRESHOLD_FIELDS
from .target_numbers import TargetEvaluation

PERIODS = 12
SIDES = ("before", "after")
FIRST = date(1900, 1, 1)


class KpiApprovalChange(models.Model):
    """Proposals about targets and formulas, with their effect."""

    _inherit = "kpi.approval.change"

    def _filter_target_change(self):
        """Those that change targets."""
        return self._filter_by_guard("target_change")

    def _filter_formula_modification(self):
        """Those that change how values are computed."""
        return self._filter_by_guard("formula_modification")

    @api.readonly
    def get_effect(self):
        """Tell what a proposal that waits would change in the last 12 periods.

        Nothing is written. What the reader may not see is left out.

        :return: dict of ``periods`` (``label``, ``start``, ``is_running``,
            ``is_before``: before it applies, shown as if it had applied), ``before``
            and ``after`` (dicts of lists over the periods: ``value``, ``target``,
            ``low``, ``high``, ``achievement``, ``status``), ``unit``, ``formulas``
            (those that use it, ``before`` and ``after`` as well), ``scorecards``
            (``before`` and ``after``: percents) and ``message`` (why nothing can be
            computed)
        """
        self.ensure_one()
        self.check_access("read")
        known = ("kpi.target", "kpi.definition")
        if self.approval_state == "approved" or self.res_model not in known:
            return {}
        # What a KPI is made of is no secret to who may see it; see ``reader``.
        change = self.sudo()
        if change._get_shown_record() is None:
            return {}
        effect = ChangeEffect(change, self.env)
        found = {"message": "", "periods": [], "formulas": [], "scorecards": []}
        if not effect.report:
            message = self.env._(
                "Effect hidden: you cannot access this KPI's company values."
            )
            return {**found, "message": message}
        try:
            return {**found, **effect.describe()}
        except (FormulaError, UserError) as refusal:
            return {**found, "message": str(refusal)}


@dataclass
class ChangeEffect:
    """Values and judgements of the last periods, as they are and as they would be.

    Both by the targets that hold today. Periods before the first day of the change are
    computed and judged as if it had applied already; ``is_before`` marks them.

    :param change: a proposal about a target or a definition, as superuser
    :param reader: environment of who asks: what they may not see is left out
    """

    change: object
    reader: object

    @cached_property
    def record(self):
        """The target or the definition; a target that is not there yet is empty."""
        return self.change._get_record()

    @property
    def is_target(self):
        return self.change.res_model == "kpi.target"

    @cached_property
    def report(self):
        """The KPI whose values are shown, tracked for the company of a definition."""
        if self.is_target:
            return self.change._get_subject_record()
        company = self.record.company_id or self.reader.company
        domain = [
            ("definition_id", "=", self.record.id),
            ("scope_type", "=", "company"),
            ("company_id", "=", company.id),
        ]
        # As superuser, of whoever is shown; who reads a proposal reads the definition.
        return self.reader["kpi.report"].search(domain, limit=1).sudo()

    @cached_property
    def definition(self):
        return self.report.definition_id

    @cached_property
    def grain(self):
        return self.definition.frequency

    @cached_property
    def periods(self):
        return self.definition.calendar_id._latest_periods(self.grain, PERIODS)

    @property
    def scope(self):
        report = self.report
        return report.scope_type, report.scope_id, report.company_id.id

    @cached_property
    def first_day(self):
        """Day from which the change applies; None = all periods, or none before it."""
        if not self.is_target:
            return self.change.valid_from or None
        if self.change.operation == "unlink":
            return None
        return self.new_target.date_from

    def is_before(self, period):
        if self.first_day is None:
            return False
        if self.is_target:  # the target that holds at the end of a period counts
            return period.stop <= self.first_day
        return period.start < self.first_day

    # Targets

    @cached_property
    def new_target(self):
        """The target as it would be; not stored."""
        vals = self.change.vals or {}
        return self.record.new(vals, origin=self.record or None)

    def change_targets(self, rows):
        """Rows of ``fetch_target_rows`` as they would be.

        What the change replaces goes, and all that ended before it begins: as if it
        had applied already.
        """
        if not self.is_target:
            vals = self.change.vals or {}
            if not vals.keys() & {"zones", *THRESHOLD_FIELDS}:
                return rows
            reports = self.record.with_context(active_test=False).report_ids
            own = {
                (target.report_id.id, target.date_from)
                for target in reports.target_ids.filtered("zones")
            }
            zones = _zone_numbers(self.record.new(vals, origin=self.record))
            return [
                (*row[: -len(zones)], *zones)
                if row[0] in reports.ids and row[:2] not in own
                else row
                for row in rows
            ]
        removed = self.record.date_from or None
        stored = [row for row in rows if row[0] != self.report.id or row[1] != removed]
        if self.change.operation == "unlink":
            return stored
        day = self.new_target.date_from
        later = [row for row in stored if row[0] != self.report.id or row[1] > day]
        return sorted(
            [*later, _target_row(self.new_target, self.report)],
            key=lambda row: (row[0], row[1]),
        )

    # Values

    @cached_property
    def new_values(self):
        """First day → value of the definition as it would be computed.

        :raises FormulaError, UserError: it cannot be
        """
        definition = self.record.with_env(self.reader)
        changed, _rest = definition._split_method(self.change.vals or {})
        if not changed:
            return {}
        day = self.change.valid_from
        calendar = definition.calendar_id
        period = calendar._period(self.grain, day or calendar._today())
        draft = definition._draft_change(changed, definition._get_stretch(period))
        shown, values = draft._preview_change() if draft else ([], {})
        return {each.start: values.get(each.start) for each in shown}

    @cached_property
    def users(self):
        """KPIs whose formulas use it, tracked for the same, which the reader sees."""
        definitions = self.definition._formula_users()
        if self.is_target:
            code = self.definition.code
            definitions = definitions.filtered(
                lambda kpi: any(
                    code in formula.target_codes | formula.baseline_codes
                    for formula in kpi._parse_versions()
                )
            )
            definitions |= definitions._formula_users()
        definitions = definitions.filtered(
            lambda kpi: self.grain in kpi._get_shown_grains()
        )
        scope_type, scope_id, company_id = self.scope
        reports = self.reader["kpi.report"].search(
            [
                ("definition_id", "in", definitions.ids),
                ("scope_type", "=", scope_type),
                ("company_id", "=", company_id),
            ]
        )
        # What stands on it is computed for everybody; it is shown to who may see it.
        return reports.sudo().filtered(lambda one: one.scope_id == scope_id)

    @cached_property
    def changed_values(self):
        """Report id → first day → value, of what is computed otherwise."""
        found = {} if self.is_target else {self.report.id: self.new_values}
        if not self.users:
            return found
        ordered = self.users.definition_id._in_order()
        evaluation = ordered._evaluation(self.grain, self.periods[0].start, None)
        self._put_change(evaluation)
        report_of = {report.definition_id: report for report in self.users}
        for definition in ordered:
            _result, values = evaluation.evaluate(definition, [self.scope])
            evaluation.remember(definition, [self.scope], values)
            found[report_of[definition].id] = {
                period.start: None if value != value else value
                for period, value in zip(
                    evaluation.periods, values.values[0].tolist(), strict=True
                )
            }
        return found

    def _put_change(self, evaluation):
        """Let an evaluation see the values or the targets as they would be."""
        definition = self.definition
        if self.is_target:
            reports = definition.with_context(active_test=False).report_ids
            evaluation._found_targets[definition.id] = self._evaluate_targets(
                reports, evaluation.periods
            )
            return
        found = evaluation.values_at(definition, [self.scope])
        for at, period in enumerate(evaluation.periods):
            if period.start in self.new_values:
                value = self.new_values[period.start]
                found.values[0, at] = np.nan if value is None else value
        evaluation.remember(definition, [self.scope], found)

    def _evaluate_targets(self, reports, periods):
        rows = reports._read_series_rows(
            [reports._series_query(self.definition.calendar_id, periods, periods)],
            "today",
        ).targets
        evaluation = TargetEvaluation(reports, periods, rows=self.change_targets(rows))
        scopes = [(r.scope_type, r.scope_id, r.company_id.id) for r in reports]
        return {scope: row for row, scope in enumerate(scopes)}, evaluation.targets()

    # Judged

    @cached_property
    def scorecards(self):
        """Scorecards that count it or its formulas, which the reader sees."""
        changed = (self.report | self.users).ids
        return self.reader["kpi.report.group"].search(
            [("line_ids.report_id", "in", changed)], order="name"
        )

    @cached_property
    def lines(self):
        # A scorecard's figure holds KPIs that its reader may not see.
        return self.scorecards.sudo().line_ids.filtered("report_id.active")

    @cached_property
    def judged(self):
        """Report id → (before, after): cells of the periods, see ``_list_cells``."""
        reports = self.report | self.users | self.lines.report_id
        reports = reports.filtered(
            lambda one: self.grain in one.definition_id._get_shown_grains()
        )
        first, last = self.periods[0].start, self.periods[-1].start
        found = {}
        for _calendar, query in reports._series_queries(self.grain, first, last):
            rows = reports._read_series_rows([query], "today")
            before = reports._make_series(query, rows, "today", True)
            after = reports._make_series(query, self._change_rows(rows), "today", True)
            for report_id in query.report_ids:
                found[report_id] = (
                    _list_cells(before, report_id),
                    _list_cells(after, report_id),
                )
        return found

    def _change_rows(self, rows):
        """``SeriesRows`` as they would be."""
        starts = {period.start for period in self.periods}
        unchanged = [
            row
            for row in rows.facts
            if row[1] not in self.changed_values.get(row[0], ())
        ]
        added = [
            (report_id, start, value, None)
            for report_id, values in self.changed_values.items()
            if report_id in set(rows.report_ids)
            for start, value in values.items()
            if start in starts and value is not None
        ]
        return SeriesRows(
            rows.report_ids,
            [*unchanged, *added],
            self.change_targets(rows.targets),
            rows.stored,
        )

    def describe(self):
        """See ``kpi.approval.change.get_effect``.

        :raises FormulaError, UserError: it cannot be computed
        """
        calendar = self.definition.calendar_id
        today = calendar._today()
        return {
            "kpi": self.report.display_name,
            "unit": self.definition._unit_description(),
            "periods": [
                {
                    "label": calendar._period_label(period),
                    "start": period.start.isoformat(),
                    "is_running": period.stop > today,
                    "is_before": self.is_before(period),
                }
                for period in self.periods
            ],
            **dict(zip(SIDES, self.judged[self.report.id], strict=True)),
            "formulas": [
                {
                    "id": report.id,
                    "name": report.display_name,
                    "unit": report.definition_id._unit_description(),
                    **dict(zip(SIDES, self.judged[report.id], strict=True)),
                }
                for report in self.users
            ],
            "scorecards": [self._describe_scorecard(one) for one in self.scorecards],
        }

    def _describe_scorecard(self, group):
        lines = self.lines.filtered(lambda line: line.group_id.id == group.id)
        nothing = [{"achievement": [None] * len(self.periods)}] * len(SIDES)
        found = [self.judged.get(line.report_id.id, nothing) for line in lines]
        described = {"id": group.id, "name": group.display_name}
        for at, side in enumerate(SIDES):
            score = weighted_achievement(
                np.array([cells[at]["achievement"] for cells in found], float),
                lines.mapped("weight"),
                # Its rules are shown to whoever sees it.
                group.sudo().achievement_cap,
            )
            described[side] = as_json_numbers(score.percent)
        return described


def _list_cells(series, report_id):
    """Columns of a KPI: ``value``, ``target`` …, a list over the periods each."""
    row = series.row_of[report_id]
    targets = series.targets
    numbers = {
        "value": series.values,
        "target": targets.target,
        "low": targets.low,
        "high": targets.high,
        "achievement": series.achievements,
    }
    return {
        **{name: as_json_numbers(array[row]) for name, array in numbers.items()},
        "status": [str(each) for each in series.statuses[row]],
    }


def _target_row(target, report):
    """A target as ``fetch_target_rows`` has it, read from the record."""
    is_range = report.direction == "range"
    is_number = target.rule == "number"
    own = target if target.zones else report.definition_id

    def number(name, is_used=True):
        value = target[name]
        return or_none(value) if is_used else None

    return (
        report.id,
        FIRST,
        target.rule,
        target.source_definition_id._origin.id or None,
        target.change_percent,
        number("annual_total"),
        number("value", is_number and not is_range),
        number("baseline", target.has_baseline and not is_range),
        number("stretch", not is_range),
        number("range_low", is_range),
        number("range_high", is_range),
        *_zone_numbers(own),
    )


def _zone_numbers(record):
    """Zones of a target or a KPI, as the last columns of ``fetch_target_rows``."""
    return (
        1 if record.zones == "five" else 0,
        *(or_none(record[name]) for name in THRESHOLD_FIELDS),
    )
