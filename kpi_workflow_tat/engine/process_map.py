"""Map of a process: the activities of a log, what follows on what, where it is drawn.

Rare activities and paths are left out at first: what is drawn covers a share of all
events and successions. Numbers of what is drawn are those of the complete log.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from odoo.addons.kpi_base.engine.map_layout import Layout, lay_out

from .event_log import EDGE, EventLog, Succession, find_edges, measure_successions

BEGIN, END = "begin", "end"
MOST_ACTIVITIES = 100  # more than anybody can read, and placing them takes long
MOST_PATHS = 400


@dataclass(frozen=True)
class Activity:
    """Something that is done.

    :ivar number: its index in the log
    :ivar count: events
    :ivar case_count: cases that have it
    """

    number: int
    name: str
    count: int
    case_count: int

    @property
    def rework_count(self) -> int:
        """Events that did it again in their case."""
        return self.count - self.case_count


@dataclass(frozen=True)
class ProcessMap:
    """What is drawn of a log.

    :ivar paths: successions, and the begin and end of cases
    :ivar layout: of activities by their number, ``BEGIN`` and ``END``
    :ivar hidden_activities, hidden_paths: how many are left out
    """

    activities: list[Activity]
    paths: list[Succession]
    layout: Layout
    hidden_activities: int
    hidden_paths: int


def count_activities(log: EventLog) -> list[Activity]:
    """All activities, the most frequent first."""
    size = len(log.activity_names)
    counts = np.bincount(log.activities, minlength=size)
    cases = np.bincount(log.activities[~log.is_repeated], minlength=size)
    found = [
        Activity(number, name, int(counts[number]), int(cases[number]))
        for number, name in enumerate(log.activity_names)
    ]
    return sorted(found, key=lambda one: (-one.count, one.name))


def draw_map(
    log: EventLog,
    share: float = 1.0,
    worked: np.ndarray | None = None,
    wanted: Collection[int] = (),
) -> ProcessMap:
    """Choose and place what is drawn: the most frequent, and no more than fit a map.

    :param share: of events and of successions that is drawn at least, from 0 to 1
    :param worked: seconds by ``count_worked``
    :param wanted: activities that are drawn however rare they are
    """
    activities = count_activities(log)
    shown = _cover(activities, share)
    shown += [one for one in activities[len(shown) :] if one.number in wanted]
    shown = shown[:MOST_ACTIVITIES]
    numbers = {one.number for one in shown}
    steps = measure_successions(log, worked)
    edges = find_edges(log)
    between = [one for one in steps if {one.source, one.target} <= numbers]
    at_edges = [one for one in edges if {one.source, one.target} <= numbers | {EDGE}]
    chosen = _choose_paths(between, at_edges, share)[:MOST_PATHS]
    return ProcessMap(
        shown,
        chosen,
        _place(log, numbers, chosen),
        len(activities) - len(shown),
        len(steps) + len(edges) - len(chosen),
    )


def _cover(items: list, share: float) -> list:
    """The first of ``items``, sorted by count, that have their share of the sum."""
    wanted = share * sum(one.count for one in items)
    reached, covered = 0, []
    for one in items:
        if covered and reached >= wanted:
            break
        covered.append(one)
        reached += one.count
    return covered


def _choose_paths(
    between: list[Succession], at_edges: list[Succession], share: float
) -> list[Succession]:
    """The most frequent paths, and of each activity the main ones in and out."""
    begins = [one for one in at_edges if one.source == EDGE]
    ends = [one for one in at_edges if one.target == EDGE]
    chosen = {one for part in (between, begins, ends) for one in _cover(part, share)}
    ordered = sorted([*between, *at_edges], key=lambda one: -one.count)
    for side in ("source", "target"):
        main: dict[int, Succession] = {}
        for one in ordered:
            if one.source != one.target:
                main.setdefault(getattr(one, side), one)
        chosen |= {one for end, one in main.items() if end != EDGE}
    return [one for one in ordered if one in chosen]


def _place(
    log: EventLog, numbers: Iterable[int], paths: Iterable[Succession]
) -> Layout:
    """Place activities in the order in which cases first come to them, on average."""
    first = ~log.is_repeated
    size = len(log.activity_names)
    total = np.bincount(log.activities[first], log.places[first], minlength=size)
    mean = total / np.maximum(np.bincount(log.activities[first], minlength=size), 1)
    usual = sorted(numbers, key=lambda number: (mean[number], number))
    ends = [name_ends(one) for one in paths if one.source != one.target]
    return lay_out([BEGIN, *usual, END], ends)


def name_ends(path: Succession) -> tuple[int | str, int | str]:
    """Both ends of a path, as the layout knows them."""
    return (
        BEGIN if path.source == EDGE else path.source,
        END if path.target == EDGE else path.target,
    )
