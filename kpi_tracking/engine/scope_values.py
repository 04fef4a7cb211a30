"""Values of one KPI at companies, departments, teams and people, over periods.

Who belongs where is a ``ScopeTree``; what it is tracked for has ``ScopeFacts``.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache

import numpy as np

from odoo.addons.kpi_base.engine.periods import Period

from . import rollup

Scope = tuple[str, int, int]  # scope type, scope id, company id
# user id, company id, scope type, scope id, from, to
Membership = tuple[int, int, str, int, date, date]
Link = tuple[int, int, str, int]  # a membership on one day


@dataclass(frozen=True)
class ScopeTree:
    """Memberships of people, and the department above each department.

    :param memberships: of [from, to)
    :param parents_of: id of a department → id of the one above; None = at the top
    """

    memberships: Sequence[Membership]
    parents_of: Mapping[int, int | None]

    def find_links(self, users: Collection[int], stop: date) -> set[Link]:
        """Memberships of ``users`` on the day before ``stop``."""
        return {
            row[:4]
            for row in self.memberships
            if row[0] in users and row[4] < stop <= row[5]
        }

    def find_parts(
        self, rows: Mapping[Scope, int], scopes: Sequence[Scope], stop: date
    ) -> np.ndarray:
        """Find the parts of each scope: the finest scopes tracked below it.

        People in a team; in a company or department the deepest tracked scope of each
        branch, never one with another that counts already.

        :param rows: what is tracked → its row
        :param scopes: to be made up
        :param stop: memberships of the day before it count
        :return: pairs (index in ``scopes``, row of the part), sorted: shape (pairs, 2)
        """
        links = self.find_links(find_users(rows), stop)
        pairs = []
        for company in {scope[2] for scope in scopes}:
            find_finest = self._look_up_finest(rows, links, company)
            for index, scope in enumerate(scopes):
                if scope[2] == company:
                    pairs += [(index, row) for row in find_finest(scope)]
        return np.array(sorted(pairs), int).reshape(-1, 2)

    def _look_up_finest(self, rows, links, company) -> Callable[[Scope], list[int]]:
        """Return what finds the rows of the finest scopes tracked below a scope."""

        def place(department) -> Scope:
            if department in self.parents_of:
                return "department", department, company
            return "company", company, company  # right below it, in no department

        below, belongs_to = defaultdict(list), defaultdict(set)
        for user, user_company, kind, scope_id in links:
            belongs_to[kind, user, user_company].add(scope_id)
        for department, above in self.parents_of.items():
            below[place(above)].append(place(department))
        for scope in rows:
            user = scope[1]
            if scope == ("user", user, company):
                for team in belongs_to["team", user, company]:
                    below["team", team, company].append(scope)
                own = belongs_to["department", user, company]
                # The deepest one is no parent of the others.
                deepest = own - {self.parents_of.get(each) for each in own}
                below[place(next(iter(deepest), None))].append(scope)

        @cache
        def find(scope: Scope) -> list[int]:
            found = []
            for child in below.get(scope, ()):
                found += find(child) or ([rows[child]] if child in rows else [])
            return found

        return find


def find_users(scopes: Iterable[Scope]) -> set[int]:
    return {scope_id for kind, scope_id, _company in scopes if kind == "user"}


@dataclass(frozen=True)
class ScopeValues:
    """Values at some scopes: arrays of shape (scopes, periods), NaN = none.

    :param weights: how many records an average is of
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
    def empty(cls, scopes: int, periods: int) -> "ScopeValues":
        shape = scopes, periods
        missing = (np.full(shape, np.nan) for _each in range(2))
        return cls(*missing, *(np.zeros(shape, int) for _each in range(3)))

    def fill(self, indexes: Sequence[int], below: "ScopeValues") -> None:
        """Take missing values of the scopes at ``indexes`` from ``below``."""
        is_missing = np.isnan(self.values[indexes])
        for column in fields(self):
            own, other = getattr(self, column.name), getattr(below, column.name)
            own[indexes] = np.where(is_missing, other, own[indexes])

    def take_periods(self, chosen: Sequence[bool], other: "ScopeValues") -> None:
        """Take everything of the chosen periods from ``other``."""
        for column in fields(self):
            own, their = getattr(self, column.name), getattr(other, column.name)
            own[:, chosen] = their[:, chosen]


@dataclass
class ScopeFacts:
    """Facts of a KPI as stored: arrays of shape (scopes tracked, periods).

    :param rows: what it is tracked for → its row
    :param archived: scopes whose missing facts nobody will enter or compute
    """

    rows: dict[Scope, int]
    values: np.ndarray
    weights: np.ndarray
    unpriced: np.ndarray
    archived: frozenset[Scope] = frozenset()

    def find_gone(self, index: int) -> set[Scope]:
        """Archived scopes that do not count in a period: they have no fact."""
        return {
            scope
            for scope in self.archived
            if np.isnan(self.values[self.rows[scope], index])
        }

    def get_values(self, scopes: Sequence[Scope]) -> ScopeValues:
        """Return the values stored at ``scopes``; NaN where the KPI is not tracked."""
        found = ScopeValues.empty(len(scopes), self.values.shape[1])
        indexes = [index for index, scope in enumerate(scopes) if scope in self.rows]
        rows = [self.rows[scopes[index]] for index in indexes]
        found.values[indexes] = self.values[rows]
        found.weights[indexes] = self.weights[rows]
        found.unpriced[indexes] = self.unpriced[rows]
        return found


def roll_up_facts(
    facts: ScopeFacts,
    scopes: Sequence[Scope],
    tree: ScopeTree,
    periods: Sequence[Period],
    aggregation: str,
) -> ScopeValues:
    """Values at ``scopes`` from the finest scopes tracked below each of them.

    Who belongs where is asked for the last day of each period. Without parts, or before
    their history, there is no value, also of counts.

    :param periods: those of the facts, oldest first
    :param aggregation: over scopes, one of ``rollup.OVER_SCOPES``
    """
    result = ScopeValues.empty(len(scopes), len(periods))
    for first, stop in _find_unchanged_spans(facts, tree, periods):
        gone = facts.find_gone(first)
        rows = {scope: row for scope, row in facts.rows.items() if scope not in gone}
        pairs = tree.find_parts(rows, scopes, periods[first].stop)
        if not len(pairs):
            continue
        part_values = facts.values[pairs[:, 1], first:stop]
        has_weights = aggregation == "average" and not np.isnan(facts.weights).all()
        rolled = rollup.roll_up_scopes(
            part_values,
            pairs[:, 0],
            len(scopes),
            aggregation,
            weights=facts.weights[pairs[:, 1], first:stop]
            if has_weights
            else np.ones_like(part_values),
        )
        for name in ("values", "weights", "parts_present", "parts_expected"):
            getattr(result, name)[:, first:stop] = getattr(rolled, name)
        left_out = facts.unpriced[pairs[:, 1], first:stop]
        np.add.at(result.unpriced[:, first:stop], pairs[:, 0], left_out)
    return result


def _find_unchanged_spans(
    facts: ScopeFacts, tree: ScopeTree, periods: Sequence[Period]
) -> list[tuple[int, int]]:
    """Ranges of periods in which the same parts count for the same scopes.

    Nobody tracked changes department or team, nothing archived comes or goes.
    """
    users = find_users(facts.rows)
    states = [
        (tree.find_links(users, period.stop), facts.find_gone(index))
        for index, period in enumerate(periods)
    ]
    cuts = [at for at in range(1, len(states)) if states[at] != states[at - 1]]
    edges = [0, *cuts, len(periods)]
    return list(zip(edges, edges[1:], strict=False))
