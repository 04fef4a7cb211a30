"""Values of KPIs at any scope and grain, as formulas need them.

In each period a KPI's own fact at a scope wins; else it is rolled up over time from its
shorter periods and over scopes from the finest ones tracked below; a formula is
evaluated again on the rolled-up values of its parts.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from odoo.tools import SQL

from odoo.addons.kpi_base.engine import periods as calendars
from odoo.addons.kpi_base.engine.periods import indexes_in

from ...engine import formula as formulas
from ...engine import rollup
from ...engine.period_report import last_parts, to_date
from ...engine.scope_values import ScopeFacts, ScopeTree, ScopeValues, roll_up_facts
from ...engine.series import SeriesQuery, align_facts
from ..target.target_numbers import TargetEvaluation

PERIODS_PER_YEAR = {"day": 366, "week": 53, "month": 12, "quarter": 4, "year": 1}


@dataclass
class FormulaEvaluation:
    """Reads facts in bulk and evaluates formulas over them.

    :param env: superuser environment
    :param calendar: ``kpi.calendar`` of all KPIs involved
    :param grain: grain of the results
    :param periods: consecutive periods, oldest first, history included
    """

    env: object
    calendar: object
    grain: str
    periods: list
    _facts: dict = field(default_factory=dict)
    _found_targets: dict = field(default_factory=dict)
    _entered: list = field(default_factory=list)

    # Facts

    def preload(self, definitions):
        """Read the facts of ``definitions`` in one query per grain they are of."""
        by_grain = {}
        for definition in definitions:
            if definition.id not in self._facts:
                is_stored = self.grain in definition._grains()
                grain = self.grain if is_stored else definition.frequency
                by_grain.setdefault(grain, []).append(definition)
        for grain, group in by_grain.items():
            self._load(grain, group)

    def _load(self, grain, definitions):
        ids = [definition.id for definition in definitions]
        self.env["kpi.report"].flush_model()
        reports = self.env.execute_query(
            SQL(
                "SELECT id, definition_id, active, scope_type, scope_id, company_id"
                "  FROM kpi_report WHERE definition_id = ANY(%s) ORDER BY id",
                ids,
            )
        )
        query = SeriesQuery(
            [report[0] for report in reports],
            definitions,
            self.periods,
            self._fine_periods(grain),
            self.calendar._today(),
        )
        unpriced = SQL("COALESCE(unpriced_count, 0)")
        facts = self.env["kpi.report"]._fact_rows([query], unpriced)
        self._share_out(grain, definitions, reports, align_facts(facts, query, 3))

    def _share_out(self, grain, definitions, reports, loaded):
        """Give every definition its rows, rolled up to the grain of the results.

        :param reports: rows of id, definition, active and scope
        :param loaded: values, weights and unpriced; shape (3, reports, periods)
        """
        rows_of = {definition.id: [] for definition in definitions}
        for row, (_id, definition_id, *_scope) in enumerate(reports):
            rows_of[definition_id].append(row)
        for definition in definitions:
            rows = rows_of[definition.id]
            facts = loaded[:, rows]
            if grain != self.grain:
                facts = self._over_time(definition, grain, facts)
            values, weights, unpriced = facts
            scopes = [tuple(reports[row][3:]) for row in rows]
            # They get no facts any more; formulas are evaluated for all.
            archived = frozenset(
                scope
                for scope, row in zip(scopes, rows, strict=True)
                if not reports[row][2] and definition.computation != "formula"
            )
            self._facts[definition.id] = ScopeFacts(
                {scope: row for row, scope in enumerate(scopes)},
                values,
                weights,
                np.nan_to_num(unpriced).astype(int),
                archived,
            )

    def _fine_periods(self, grain):
        if grain == self.grain:
            return self.periods
        return self.calendar._periods_within(grain, self.periods)

    def _over_time(self, definition, grain, facts):
        indexes = calendars.indexes_in(self.periods, self._fine_periods(grain))
        values, weights, unpriced = facts
        rolled = rollup.roll_up_periods(
            values,
            weights,
            indexes,
            len(self.periods),
            definition.aggregation_time,
            is_counted=definition.computation == "records",
        )
        added = np.zeros_like(rolled.values)
        np.add.at(added.T, indexes, np.nan_to_num(unpriced).T)
        return rolled.values, rolled.weights, added

    def remember(self, definition, scopes, found):
        """Keep what was evaluated for the formulas that use it, as it is recorded."""
        is_recorded = [p.stop > definition.history_start for p in self.periods]
        values = np.where(is_recorded, found.values, np.nan)
        rows = {scope: row for row, scope in enumerate(scopes)}
        self._facts[definition.id] = ScopeFacts(
            rows, values, found.weights, found.unpriced
        )

    # Values at scopes

    def values_at(self, definition, scopes):
        """Values of ``definition`` at ``scopes``: own facts, else what is below.

        Which of them is decided for each period.
        """
        if (
            definition.computation == "formula"
            and self.grain not in definition._grains()
        ):
            return self._evaluate_part(definition, scopes)
        self.preload([definition])
        facts = self._facts[definition.id]
        result = facts.get_values(scopes)
        # Where a KPI is computed, a missing fact says that there is no value; that
        # nobody entered one, or looked at the records then, says nothing. Neither does
        # it where the KPI has been archived since.
        alone = facts.rows.keys() - facts.archived
        if not definition._is_recomputable():
            # Below a user there is nothing.
            alone = {scope for scope in alone if scope[0] == "user"}
        rows = [
            row
            for row in np.flatnonzero(np.isnan(result.values).any(axis=1))
            if scopes[row] not in alone
        ]
        if not rows:
            return result
        above, aggregation = [scopes[row] for row in rows], definition.aggregation_scope
        if definition.computation == "formula":
            below = self._evaluate_part(definition, above)
        elif aggregation in rollup.OVER_SCOPES:
            below = roll_up_facts(facts, above, self._tree, self.periods, aggregation)
        else:
            return result
        result.fill(rows, below)
        return result

    def _evaluate_part(self, definition, scopes):
        """Values of a formula that is part of another; none where it needs itself."""
        try:
            return self.evaluate(definition, scopes)[1]
        except formulas.CycleError as error:
            if error.path[0] in self._entered:
                raise  # as part of the one that was asked for first
            return ScopeValues.empty(len(scopes), len(self.periods))

    def evaluate(self, definition, scopes):
        """Evaluate a formula at ``scopes``, in each period by the version in force.

        A version is evaluated over the whole run: ``prev`` and the like take the values
        of its parts as they are.

        :return: ``formula.Result`` with the reasons of the last version, and
            ``ScopeValues`` with how complete its parts are
        :raises FormulaError: a part is archived or gone, or needs the formula
        """
        stretches = [
            stretch
            for stretch in definition._list_stretches()
            if any(map(stretch.covers, self.periods))
        ]
        results = [self._evaluate_version(stretch, scopes) for stretch in stretches]
        result, found = results[-1]  # with the same values, in one array
        for stretch, (_result, earlier) in zip(stretches, results[:-1], strict=False):
            found.take_periods(list(map(stretch.covers, self.periods)), earlier)
        return result, found

    def _evaluate_version(self, stretch, scopes):
        """Evaluate one version of a formula in all periods."""
        definition, today = stretch.method, self.calendar._today()
        if stretch.stop and stretch.stop <= today:  # parts may have been archived since
            components = definition._components_by_code()
        else:
            components = definition._get_active_components()
        code = definition.code or ""
        if code in self._entered:
            start = self._entered.index(code)
            raise formulas.CycleError((*self._entered[start:], code))
        self._entered.append(code)
        try:
            prepared = self._prepare_evaluation(definition, scopes, components)
        finally:
            self._entered.pop()
        formula, inputs, context, parts = prepared
        result = formulas.evaluate(formula, inputs, context)
        missing = np.full(context.shape, np.nan)
        counts = [
            sum((getattr(part, name) for part in parts), np.zeros(context.shape, int))
            for name in ("parts_present", "parts_expected", "unpriced")
        ]
        return result, ScopeValues(result.values, missing, *counts)

    def explain_parts(self, definition, scope):
        """Parts of a formula and their values at ``scope`` in the last period.

        :return: as of ``formula.explain``; whether a part is rolled up in any period
        """
        components = definition._components_by_code()
        formula, inputs, context, parts = self._prepare_evaluation(
            definition, [scope], components
        )
        is_below = any(part.parts_expected.any() for part in parts)
        return formulas.explain(formula, inputs, context), is_below

    def _prepare_evaluation(self, definition, scopes, components):
        """Prepare evaluating ``definition`` at ``scopes`` on its parts."""
        formula = formulas.parse(definition.formula)
        parts = {
            code: self.values_at(components[code], scopes)
            for code in sorted(formula.codes)
        }
        years = [
            self.calendar._period("year", period.start).start.toordinal()
            for period in self.periods
        ]
        context = formulas.EvalContext(
            scopes=len(scopes),
            days_in_period=np.array([period.days for period in self.periods]),
            year_index=np.unique(years, return_inverse=True)[1],
            targets={
                code: self._targets_at(components[code], scopes, "target")
                for code in formula.target_codes
            },
            baselines={
                code: self._targets_at(components[code], scopes, "baseline")
                for code in formula.baseline_codes
            },
        )
        inputs = {code: part.values for code, part in parts.items()}
        return formula, inputs, context, list(parts.values())

    def _targets_at(self, definition, scopes, column):
        """Of the scopes that ``definition`` is tracked for; others have none."""
        if definition.id not in self._found_targets:
            self._found_targets[definition.id] = self._evaluate_targets(definition)
        row_of, targets = self._found_targets[definition.id]
        found = np.full((len(scopes), len(self.periods)), np.nan)
        tracked = [at for at, scope in enumerate(scopes) if scope in row_of]
        rows = [row_of[scopes[at]] for at in tracked]
        found[tracked] = getattr(targets, column)[rows]
        return found

    def _evaluate_targets(self, definition):
        reports = definition.with_context(active_test=False).report_ids
        fine = self._fine_periods(definition.frequency)
        # Shorter periods have been recorded before, and are read again.
        values = self if fine is self.periods else None
        targets = TargetEvaluation(
            reports, fine, values, entered=self._entered
        ).targets()
        if fine is not self.periods:
            index = calendars.indexes_in(self.periods, fine)
            is_additive = [definition.aggregation_time == "sum"] * len(reports)
            targets = targets.roll_up(index, is_additive)
        scopes = [(r.scope_type, r.scope_id, r.company_id.id) for r in reports]
        return {scope: row for row, scope in enumerate(scopes)}, targets

    @cached_property
    def _tree(self):
        """The memberships of people and departments, read once."""
        self.env["hr.department"].flush_model(["parent_id"])
        memberships = self.env.execute_query(
            SQL(
                "SELECT user_id, company_id, scope_type, scope_id, date_from,"
                " date_to FROM kpi_membership"
            )
        )
        parents = self.env.execute_query(SQL("SELECT id, parent_id FROM hr_department"))
        return ScopeTree(memberships, dict(parents))


class ToDateEvaluation(FormulaEvaluation):
    """Evaluates formulas on what their parts have come to since their year began."""

    def values_at(self, definition, scopes):
        if definition.computation == "formula":
            # Its own facts are those of periods, of which no total can be made.
            return self.evaluate(definition, scopes)[1]
        return super().values_at(definition, scopes)

    def _share_out(self, grain, definitions, reports, loaded):
        """Carry the facts on through each year before they are handed out."""
        fine = self._fine_periods(grain)
        years = self.calendar._periods("year", fine[0].start, fine[-1].start)
        year_index = np.array(indexes_in(years, fine))
        by_id = {definition.id: definition for definition in definitions}
        rows_of = {}
        for row, (_id, definition_id, *_scope) in enumerate(reports):
            rows_of.setdefault(by_id[definition_id].aggregation_time, []).append(row)
        for aggregation, rows in rows_of.items():
            values, weights = loaded[:2, rows]
            loaded[0, rows] = to_date(values, weights, year_index, aggregation)
            loaded[1, rows] = to_date(weights, weights, year_index, "sum")
        return super()._share_out(grain, definitions, reports, loaded)

    def _over_time(self, definition, grain, facts):
        """Each longer period has what its last part has."""
        index = indexes_in(self.periods, self._fine_periods(grain))
        return facts[:, :, last_parts(index)]
