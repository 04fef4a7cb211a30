"""Values of one KPI at companies, departments, teams and people, over periods."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from odoo.addons.kpi_base.engine.periods import Period

from . import rollup
from .scope_tree import Scope, ScopeTree, find_users


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

    def at(self, rows: Sequence[int]) -> "ScopeValues":
        """The values of these rows."""
        return ScopeValues(
            *(getattr(self, column.name)[rows] for column in fields(self))
        )

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
