"""Values of KPIs at any scope and grain, as formulas need them.

In each period a KPI's own fact at a scope wins; else it is rolled up over time from its
shorter periods and over scopes from the finest ones tracked below; a formula is
evaluated again on the rolled-up values of its parts.
"""

from dataclasses import dataclass, field, fields

import numpy as np

from odoo.tools import SQL

from ...engine import formula as formulas
from ...engine import periods as calendars
from ...engine import rollup
from .kpi_target_evaluation import TargetEvaluation

Scope = tuple[str, int, int]  # scope type, scope id, company id
PERIODS_PER_YEAR = {"day": 366, "week": 53, "month": 12, "quarter": 4, "year": 1}


@dataclass(frozen=True)
class Values:
    """Values of one KPI at some scopes: arrays of shape (scopes, periods).

    :param parts_present: parts with a value behind a rolled-up one; 0 = not rolled up
    :param parts_expected: parts there should have been
    :param unpriced: records behind a value that were left out for lack of a rate
    """

    values: np.ndarray
    weights: np.ndarray
    parts_present: np.ndarray
    parts_expected: np.ndarray
    unpriced: np.ndarray

    @classmethod
    def empty(cls, scopes: int, periods: int) -> "Values":
        def missing():
            return np.full((scopes, periods), np.nan)

        def none():
            return np.zeros((scopes, periods), int)

        return cls(missing(), missing(), none(), none(), none())

    def at(self, rows) -> "Values":
        """The values of these rows."""
        return Values(*(getattr(self, column.name)[rows] for column in fields(self)))

    def fill(self, places, below: "Values") -> None:
        """Take the periods without a value, of the scopes at ``places``, from below."""
        is_missing = np.isnan(self.values[places])
        for column in fields(self):
            own, other = getattr(self, column.name), getattr(below, column.name)
            own[places] = np.where(is_missing, other, own[places])


@dataclass
class _Facts:
    """Facts as stored: a row per report.

    :param archived: scopes whose missing facts nobody will enter or compute
    """

    rows: dict[Scope, int]
    values: np.ndarray
    weights: np.ndarray
    unpriced: np.ndarray
    archived: frozenset[Scope] = frozenset()

    def gone(self, place: int) -> set[Scope]:
        """Archived scopes that do not count in a period: they have no fact."""
        return {
            scope
            for scope in self.archived
            if np.isnan(self.values[self.rows[scope], place])
        }


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
    _members: list | None = None
    _departments: dict | None = None

    # Facts

    def preload(self, definitions):
        """Read the facts of ``definitions`` in one query per grain they are kept in."""
        by_grain = {}
        for definition in definitions:
            if definition.id not in self._facts:
                by_grain.setdefault(self._kept_grain(definition), []).append(definition)
        for grain, kept in by_grain.items():
            self._load(grain, kept)

    def _kept_grain(self, definition):
        kept = definition._grains()
        return self.grain if self.grain in kept else definition.frequency

    def _load(self, grain, definitions):
        periods = self._fine_periods(grain)
        ids = [definition.id for definition in definitions]
        self.env["kpi.report"].flush_model()
        reports = self.env.execute_query(
            SQL(
                "SELECT id, definition_id, active, scope_type, scope_id, company_id"
                "  FROM kpi_report WHERE definition_id = ANY(%s) ORDER BY id",
                ids,
            )
        )
        row_of = {report[0]: row for row, report in enumerate(reports)}
        facts = self.env.execute_query(
            SQL(
                """
                SELECT fact.report_id, period.place - 1, fact.value, fact.weight,
                       COALESCE(fact.unpriced_count, 0)
                  FROM unnest(%(starts)s::date[])
                       WITH ORDINALITY AS period(start, place)
                  JOIN kpi_measurement AS fact
                    ON fact.grain = %(grain)s
                   AND fact.period_start = period.start
                 WHERE fact.report_id = ANY(%(reports)s)
                """,
                starts=[period.start for period in periods],
                grain=grain,
                reports=list(row_of),
            )
        )
        loaded = Values.empty(len(reports), len(periods))
        if facts:
            report_ids, places, numbers, loads, unpriced = zip(*facts, strict=True)
            rows = np.fromiter(map(row_of.__getitem__, report_ids), int, len(facts))
            places = np.asarray(places, int)
            loaded.values[rows, places] = numbers
            loaded.weights[rows, places] = np.array(loads, float)
            loaded.unpriced[rows, places] = unpriced
        self._share_out(grain, definitions, reports, loaded)

    def _share_out(self, grain, definitions, reports, loaded):
        """Give every definition its rows, rolled up to the grain of the results."""
        rows_of = {definition.id: [] for definition in definitions}
        for row, (_id, definition_id, *_scope) in enumerate(reports):
            rows_of[definition_id].append(row)
        for definition in definitions:
            rows = rows_of[definition.id]
            kept = loaded.at(rows)
            if grain != self.grain:
                kept = self._over_time(definition, grain, kept)
            scopes = [tuple(reports[row][3:]) for row in rows]
            self._facts[definition.id] = _Facts(
                {scope: place for place, scope in enumerate(scopes)},
                kept.values,
                kept.weights,
                kept.unpriced,
                self._archived(definition, scopes, [reports[row][2] for row in rows]),
            )

    @staticmethod
    def _archived(definition, scopes, actives):
        """The scopes that get no facts any more; formulas are evaluated for all."""
        if definition.computation == "formula":
            return frozenset()
        return frozenset(
            scope for scope, active in zip(scopes, actives, strict=True) if not active
        )

    def _fine_periods(self, grain):
        if grain == self.grain:
            return self.periods
        return self.calendar._periods_within(grain, self.periods)

    def _over_time(self, definition, grain, kept):
        fine = self._fine_periods(grain)
        rolled = rolled_over_time(
            definition, kept.values, kept.weights, fine, self.periods
        )
        result = Values.empty(*rolled.values.shape)
        result.values[:] = rolled.values
        result.weights[:] = rolled.weights
        places = calendars.places_in(self.periods, fine)
        np.add.at(result.unpriced.T, places, kept.unpriced.T)
        return result

    def remember(self, definition, scopes, found):
        """Keep what was evaluated for the formulas that use it, as it is recorded."""
        is_recorded = [p.stop > definition.history_start for p in self.periods]
        values = np.where(is_recorded, found.values, np.nan)
        rows = {scope: row for row, scope in enumerate(scopes)}
        self._facts[definition.id] = _Facts(rows, values, found.weights, found.unpriced)

    # Values at scopes

    def values_at(self, definition, scopes):
        """Values of ``definition`` at ``scopes``: own facts, else what is below.

        Which of them is decided for each period.
        """
        if (
            definition.computation == "formula"
            and self.grain not in definition._grains()
        ):
            return self.evaluate(definition, scopes)[1]
        self.preload([definition])
        result = self._own_values(self._facts[definition.id], scopes)
        places = self._rolled_up_places(definition, scopes, result.values)
        if places:
            below = self._from_below(definition, [scopes[place] for place in places])
            result.fill(places, below)
        return result

    def _own_values(self, facts, scopes):
        result = Values.empty(len(scopes), len(self.periods))
        places = [place for place, scope in enumerate(scopes) if scope in facts.rows]
        rows = [facts.rows[scopes[place]] for place in places]
        result.values[places] = facts.values[rows]
        result.weights[places] = facts.weights[rows]
        result.unpriced[places] = facts.unpriced[rows]
        return result

    def _rolled_up_places(self, definition, scopes, own):
        """Places of the scopes whose periods without a fact are what is below.

        Where a KPI is computed, a missing fact says that there is no value; that
        nobody entered one, or looked at the records then, says nothing. Neither does
        it where the KPI has been archived since.
        """
        facts = self._facts[definition.id]
        alone = facts.rows.keys() - facts.archived
        if not definition._is_recomputable():
            # Below a user there is nothing.
            alone = {scope for scope in alone if scope[0] == "user"}
        return [
            place
            for place in np.flatnonzero(np.isnan(own).any(axis=1))
            if scopes[place] not in alone
        ]

    def _from_below(self, definition, scopes):
        if definition.computation == "formula":
            return self.evaluate(definition, scopes)[1]
        if definition.aggregation_scope not in rollup.OVER_SCOPES:
            return Values.empty(len(scopes), len(self.periods))
        return self._roll_up(definition, scopes)

    def evaluate(self, definition, scopes):
        """Evaluate a formula at ``scopes``.

        :return: ``formula.Result``, and ``Values`` with how complete its parts are
        :raises FormulaError: a part is archived or gone
        """
        components = definition._checked_components()
        formula, inputs, context, parts = self._prepared(definition, scopes, components)
        (result,) = formulas.evaluate_many([(formula, inputs, context)])
        missing = np.full(context.shape, np.nan)
        counts = [
            sum((getattr(part, name) for part in parts), np.zeros(context.shape, int))
            for name in ("parts_present", "parts_expected", "unpriced")
        ]
        return result, Values(result.values, missing, *counts)

    def explained(self, definition, scope):
        """Parts of a formula and their values at ``scope`` in the last period."""
        components = definition._components_by_code()
        formula, inputs, context, _parts = self._prepared(
            definition, [scope], components
        )
        return formulas.explain(formula, inputs, context)

    def is_made_of_below(self, definition, scope):
        """Whether a part of a formula at ``scope`` is rolled up, in whatever period."""
        components = definition._components_by_code()
        *_formula, parts = self._prepared(definition, [scope], components)
        return any(part.parts_expected.any() for part in parts)

    def _prepared(self, definition, scopes, components):
        """What evaluating ``definition`` at ``scopes`` on its parts takes."""
        formula = formulas.parse(definition.formula)
        parts = {
            code: self.values_at(components[code], scopes)
            for code in sorted(formula.codes)
        }
        context = formulas.EvalContext(
            scopes=len(scopes),
            days_in_period=np.array([(p.stop - p.start).days for p in self.periods]),
            year_index=self._year_index(),
            targets=self._targets(formula.target_codes, components, scopes, "target"),
            baselines=self._targets(
                formula.baseline_codes, components, scopes, "baseline"
            ),
        )
        inputs = {code: part.values for code, part in parts.items()}
        return formula, inputs, context, list(parts.values())

    def _year_index(self):
        spec = self.calendar._spec()
        years = [calendars.period_of(spec, "year", p.start).start for p in self.periods]
        return np.unique([year.toordinal() for year in years], return_inverse=True)[1]

    def _targets(self, codes, components, scopes, column):
        """Targets or baselines of each period, per code."""
        return {
            code: self._targets_at(components[code], scopes, column) for code in codes
        }

    def _targets_at(self, definition, scopes, column):
        """Of the scopes that ``definition`` is tracked for; others have none."""
        if definition.id not in self._found_targets:
            self._found_targets[definition.id] = self._evaluated_targets(definition)
        row_of, targets = self._found_targets[definition.id]
        found = np.full((len(scopes), len(self.periods)), np.nan)
        places = [place for place, scope in enumerate(scopes) if scope in row_of]
        rows = [row_of[scopes[place]] for place in places]
        found[places] = getattr(targets, column)[rows]
        return found

    def _evaluated_targets(self, definition):
        reports = definition.with_context(active_test=False).report_ids
        fine = self._fine_periods(definition.frequency)
        # Shorter periods have been recorded before, and are read again.
        values = self if fine is self.periods else None
        targets = TargetEvaluation(reports, fine, values).targets()
        if fine is not self.periods:
            place = calendars.places_in(self.periods, fine)
            is_additive = [definition.aggregation_time == "sum"] * len(reports)
            targets = targets.rolled_up(place, is_additive)
        scopes = [(r.scope_type, r.scope_id, r.company_id.id) for r in reports]
        return {scope: row for row, scope in enumerate(scopes)}, targets

    # Roll-up over scopes

    def _roll_up(self, definition, scopes):
        """Roll ``definition`` up from the finest scopes tracked below each of these."""
        facts = self._facts[definition.id]
        result = Values.empty(len(scopes), len(self.periods))
        for first, stop in self._unchanged_spans(facts):
            pairs = self._parts_below(facts, scopes, first)
            if not len(pairs):
                continue
            rolled = rollup.roll_up_scopes(
                facts.values[pairs[:, 1], first:stop],
                pairs[:, 0],
                len(scopes),
                definition.aggregation_scope,
                weights=facts.weights[pairs[:, 1], first:stop]
                if definition.aggregation_scope == "average"
                and not np.all(np.isnan(facts.weights))
                else np.ones_like(facts.values[pairs[:, 1], first:stop]),
            )
            # Without parts, or before their history, there is no total, also of counts.
            result.values[:, first:stop] = rolled.values
            result.weights[:, first:stop] = rolled.weights
            result.parts_present[:, first:stop] = rolled.parts_present
            result.parts_expected[:, first:stop] = rolled.parts_expected
            left_out = facts.unpriced[pairs[:, 1], first:stop]
            np.add.at(result.unpriced[:, first:stop], pairs[:, 0], left_out)
        return result

    def _unchanged_spans(self, facts):
        """Ranges of periods in which the same parts count for the same scopes.

        Nobody tracked changes department or team, nothing archived comes or goes.
        """
        users = {
            scope_id for (kind, scope_id, _company) in facts.rows if kind == "user"
        }
        cuts = {
            place
            for place in range(1, len(self.periods))
            if self._belongs(users, place) != self._belongs(users, place - 1)
            or facts.gone(place) != facts.gone(place - 1)
        }
        edges = [0, *sorted(cuts), len(self.periods)]
        return list(zip(edges, edges[1:], strict=False))

    def _belongs(self, users, place):
        """Memberships of ``users`` on the last day of a period."""
        day = self.periods[place].stop
        return {
            row[:4]
            for row in self._memberships()
            if row[0] in users and row[4] < day <= row[5]
        }

    def _memberships(self):
        """Rows (user, company, scope type, scope, from, to), read once."""
        if self._members is None:
            self._members = self.env.execute_query(
                SQL(
                    "SELECT user_id, company_id, scope_type, scope_id, date_from,"
                    " date_to FROM kpi_membership"
                )
            )
        return self._members

    def _department_parents(self):
        if self._departments is None:
            self.env["hr.department"].flush_model(["parent_id"])
            self._departments = dict(
                self.env.execute_query(SQL("SELECT id, parent_id FROM hr_department"))
            )
        return self._departments

    def _parts_below(self, facts, scopes, place):
        """Pairs (place of the scope, row of the part) in one period: (pairs, 2)."""
        pairs = []
        gone = facts.gone(place)
        rows = {scope: row for scope, row in facts.rows.items() if scope not in gone}
        users = {scope_id for (kind, scope_id, _company) in rows if kind == "user"}
        belongs = self._belongs(users, place)
        for company in {scope[2] for scope in scopes}:
            pairs += self._team_parts(rows, scopes, belongs, company)
            pairs += self._tree_parts(rows, scopes, belongs, company)
        return np.array(sorted(pairs), int).reshape(-1, 2)

    @staticmethod
    def _team_parts(rows, scopes, belongs, company):
        places = {scope[1]: n for n, scope in enumerate(scopes) if scope[0] == "team"}
        return [
            (places[team], rows["user", user, company])
            for user, user_company, kind, team in belongs
            if kind == "team"
            and team in places
            and user_company == company
            and ("user", user, company) in rows
        ]

    def _tree_parts(self, rows, scopes, belongs, company):
        """Parts of the company and its departments, the deepest tracked per branch."""
        wanted = {
            scope: place
            for place, scope in enumerate(scopes)
            if scope[2] == company and scope[0] in ("company", "department")
        }
        if not wanted:
            return []
        parents_of = self._department_parents()
        departments = list(parents_of)
        users = [
            scope[1] for scope in rows if scope[0] == "user" and scope[2] == company
        ]
        nodes = [("company", company, company)]
        nodes += [("department", department, company) for department in departments]
        nodes += [("user", user, company) for user in users]
        index = {node: number for number, node in enumerate(nodes)}
        own_department = self._own_departments(belongs, company)
        parents = [rollup.NO_PARENT]
        parents += [
            index.get(("department", parents_of[department], company), 0)
            for department in departments
        ]
        parents += [
            index.get(("department", own_department.get(user), company), 0)
            for user in users
        ]
        tracked = [node in rows for node in nodes]
        scope_of, part_of = rollup.finest_tracked(parents, tracked)
        return [
            (wanted[nodes[scope]], rows[nodes[part]])
            for scope, part in zip(scope_of, part_of, strict=True)
            if nodes[scope] in wanted
        ]

    def _own_departments(self, belongs, company):
        """The deepest of each user's departments: it is no parent of the others."""
        parents_of = self._department_parents()
        found = {}
        for user, user_company, kind, department in belongs:
            if kind == "department" and user_company == company:
                found.setdefault(user, set()).add(department)
        return {
            user: next(
                each
                for each in departments
                if each not in {parents_of.get(other) for other in departments}
            )
            for user, departments in found.items()
        }


def rolled_over_time(definition, values, weights, fine, coarse):
    """Values of a KPI's own periods, rolled up as it declares for longer ones.

    Nothing is made up: a period without facts, such as one before the KPI's history,
    has no value. What was counted and found to be none has a fact of 0.

    :param values, weights: shape (rows, fine periods); NaN = no fact
    :param fine: consecutive periods that make up those of ``coarse``, oldest first
    :return: ``rollup.Rollup`` of shape (rows, coarse periods); no value where the KPI
        cannot be combined over time
    """
    over_time = definition.aggregation_time
    place = calendars.places_in(coarse, fine)
    expected = np.bincount(place, minlength=len(coarse))
    if over_time in ("none", "formula"):
        missing = np.full((len(values), len(coarse)), np.nan)
        parts = np.zeros(missing.shape, int)
        return rollup.Rollup(missing, missing.copy(), parts, parts + expected)
    if over_time == "average" and definition.computation != "records":
        # People's entries have no weight: each period counts the same.
        weights = np.where(np.isnan(weights), 1.0, weights)
    return rollup.roll_up_time(
        values,
        place,
        over_time,
        weights=weights if over_time == "average" else None,
        expected=expected,
    )
