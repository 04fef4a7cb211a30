"""Needs of formulas: KPIs that exist, an order without cycles, earlier periods."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError as CircleError
from graphlib import TopologicalSorter

from odoo.addons.kpi_base.engine.links import find_path

from .errors import CycleError, FormulaError, Text, _lt
from .formula import NAMES_OF_KPIS, Formula, Node
from .functions import OPERATIONS
from .scan import shorten

CODES_SHOWN = 5
# There is a result as soon as one of the operands has a value.
ANY_OF = frozenset({"and", "avg", "coalesce", "max", "min", "or", "sum"})


def check_codes(formula: Formula, known: Collection[str]) -> None:
    """Refuse a formula that names KPIs which do not exist.

    :param known: the codes that exist
    :raises FormulaError: at the first unknown code, naming all of them and, for the
        first, the codes most like it
    """
    unknown: dict[str, Node] = {}
    for node in formula.nodes:
        if node.name in NAMES_OF_KPIS and node.value not in known:
            unknown.setdefault(node.value, node)
    if not unknown:
        return
    code, node = next(iter(unknown.items()))
    hints = suggestion(code, known)
    others = [shorten(other) for other in list(unknown)[1:]]
    if others:
        shown = ", ".join(others[:CODES_SHOWN])
        hints.append(
            _lt("Also unknown: %(codes)s and others.", codes=shown)
            if len(others) > CODES_SHOWN
            else _lt("Also unknown: %(codes)s.", codes=shown)
        )
    raise FormulaError(
        _lt("No KPI has the code %(code)s.", code=shorten(code)),
        **formula.locate_node(node),
        hints=hints,
    )


def suggestion(name: str, known: Collection[str]) -> list[Text]:
    """The names most like a wrong one, as a question, or nothing."""
    folded = {candidate.lower(): candidate for candidate in sorted(known)}
    near = difflib.get_close_matches(name.lower(), folded, n=3, cutoff=0.6)
    if not near:
        return []
    names = ", ".join(folded[match] for match in near)
    return [_lt("Did you mean %(names)s?", names=names)]


@dataclass(frozen=True)
class Window:
    """Distance that a formula looks back: a number of periods and of starts of a year.

    ``ytd`` goes back to the first period of its fiscal year; nested functions add up.
    """

    periods: int = 0
    years: int = 0

    def earlier_periods(self, periods_per_year: int) -> int:
        """Number of earlier periods that is always enough.

        A fact that changes can change the results of as many periods after it.

        :param periods_per_year: the most periods a fiscal year has: 366 days, 53
            weeks, 12 months, …
        """
        return self.periods + self.years * (periods_per_year - 1)


def window(formula: Formula) -> Window:
    """Distance that a formula looks back."""
    return look_back(formula.nodes)[-1]


def look_back(nodes: Sequence[Node]) -> list[Window]:
    """Compute how far back each step of a formula looks, its operands included."""
    windows: list[Window] = []
    for node in nodes:
        own = OPERATIONS[node.name].looks_back if node.name in OPERATIONS else None
        needed = [windows[index] for index in node.operands]
        windows.append(
            Window(
                max((item.periods for item in needed), default=0)
                + (own(node.value) if own else 0),
                max((item.years for item in needed), default=0) + (node.name == "ytd"),
            )
        )
    return windows


def find_first_day(formula: Formula, days: Mapping[str, date]) -> date:
    """Compute the first day on which there can be a result; ``date.min``: on any.

    :param days: the same of the KPIs that are named, by code; of others it is any day
    """
    found: list[date] = []
    for node in formula.nodes:
        needed = [found[index] for index in node.operands]
        if node.name == "code":
            day = days.get(str(node.value), date.min)
        elif node.name == "if_":
            condition, *chosen = needed
            day = max(condition, min(chosen))
        elif node.name in ANY_OF:
            day = min(needed)
        else:
            day = max(needed, default=date.min)
        found.append(day)
    return found[-1]


def dependency_order(edges: Mapping[str, Collection[str]]) -> list[str]:
    """KPIs in an order in which each comes after those it needs.

    :param edges: for each KPI's code the codes that its formula needs
    :return: every code that occurs, those that may come next in alphabetical order
    :raises CycleError: some need one another; names the path
    """
    sorter = TopologicalSorter(edges)
    try:
        sorter.prepare()
    except CircleError as error:
        circle = error.args[1]  # each needed by the next one
        raise CycleError(_from_least(circle[:0:-1])) from None
    order = []
    while sorter:
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def check_cycles(
    formula: Formula, code: str, edges: Mapping[str, Collection[str]]
) -> None:
    """Refuse a formula whose KPI is needed by what it needs.

    Others that need one another are no reason: they were stored before.

    :param code: of the formula's KPI
    :param edges: as for :func:`dependency_order`
    :raises CycleError: at the code that leads back
    """
    path = cycle_through(code, edges)
    if path:
        steps = dict(zip(path, path[1:], strict=False))
        raise CycleError(path, **formula.locate_code(steps.get(code)))


def cycles(edges: Mapping[str, Collection[str]]) -> dict[str, tuple[str, ...]]:
    """Codes that need themselves, each with a path back to its start; else none.

    Those that only need one of them are not among them.

    :param edges: as for :func:`dependency_order`
    """
    try:
        dependency_order(edges)
    except CycleError:
        paths = {code: cycle_through(code, edges) for code in sorted(edges)}
        return {code: path for code, path in paths.items() if path}
    return {}


def cycle_through(
    code: str, edges: Mapping[str, Collection[str]]
) -> tuple[str, ...] | None:
    """The shortest path on which a code needs itself, from its least code on.

    :param edges: as for :func:`dependency_order`
    :return: the codes, the first one again at the end; None if there is no such path
    """
    path = find_path(lambda user: sorted(edges.get(user, ())), code, code)
    return path and _from_least(path[:-1])


def _from_least(cycle: list[str]) -> tuple[str, ...]:
    """The codes of a cycle from the least one back to it."""
    first = cycle.index(min(cycle))
    return (*cycle[first:], *cycle[:first], cycle[first])
