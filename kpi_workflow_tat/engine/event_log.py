"""Event logs: what was done in each case and when, and what follows on what.

Instants are int microseconds since 1970 in UTC. Events of a case are in the order of
their instants; those of one instant stay as they were given, as in their file. One
event *directly follows* on another where it is the next one of the same case (van der
Aalst, Process Mining, 2nd ed. 2016, ch. 6.2).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from odoo.addons.kpi_base.engine.worktime import Timeline, work_seconds

MICROSECONDS = 1_000_000
EDGE = -1  # before the first event of a case, and behind its last one


@dataclass(frozen=True, eq=False)
class EventLog:
    """Events in the order of their cases, and of their instants in each.

    :ivar case_names: of the cases, as they come first
    :ivar activity_names: of what is done
    :ivar cases: index of the case of each event, ascending
    :ivar activities: index of the activity of each event
    :ivar instants: of each event
    """

    case_names: tuple[str | int, ...]
    activity_names: tuple[str, ...]
    cases: np.ndarray
    activities: np.ndarray
    instants: np.ndarray

    @cached_property
    def firsts(self) -> np.ndarray:
        """Place of the first event of each case."""
        return np.searchsorted(self.cases, np.arange(len(self.case_names)))

    @cached_property
    def lasts(self) -> np.ndarray:
        """Place of the last event of each case."""
        stops = np.arange(1, len(self.case_names) + 1)
        return np.searchsorted(self.cases, stops) - 1

    @cached_property
    def places(self) -> np.ndarray:
        """Place of each event in its case, from 0."""
        return np.arange(len(self.cases)) - self.firsts[self.cases]

    @cached_property
    def is_repeated(self) -> np.ndarray:
        """Whether the case of each event had its activity before: rework."""
        keys = self.cases * max(1, len(self.activity_names)) + self.activities
        _keys, first = np.unique(keys, return_index=True)
        repeated = np.ones(len(keys), bool)
        repeated[first] = False
        return repeated

    @cached_property
    def durations(self) -> np.ndarray:
        """Seconds from the first event of each case to its last one."""
        spans = self.instants[self.lasts] - self.instants[self.firsts]
        return spans / MICROSECONDS


@dataclass(frozen=True)
class Variant:
    """A sequence of activities, and how many cases have exactly that one."""

    activities: tuple[int, ...]
    count: int


@dataclass(frozen=True)
class Succession:
    """What directly follows on what.

    :ivar source, target: index of an activity, ``EDGE`` for the begin and the end
    :ivar count: how often
    :ivar case_count: in how many cases
    :ivar return_count: how often the case had done ``target`` before: rework
    :ivar wall_seconds: median time between the two; None at begin and end
    :ivar worked_seconds: median of what was worked in between; None where not asked
    """

    source: int
    target: int
    count: int
    case_count: int
    return_count: int = 0
    wall_seconds: float | None = None
    worked_seconds: float | None = None


def build_log(events: Iterable[tuple[str | int, str, int]]) -> EventLog:
    """Sort events into their cases.

    :param events: case, activity and instant of each, in the order of their file
    """
    case_of: dict[str | int, int] = {}
    activity_of: dict[str, int] = {}
    rows = [
        (
            case_of.setdefault(case, len(case_of)),
            activity_of.setdefault(activity, len(activity_of)),
            instant,
        )
        for case, activity, instant in events
    ]
    cases, activities, instants = np.array(rows, np.int64).reshape(-1, 3).T
    # Sorting is stable: events of one instant stay in the order of the file.
    order = np.lexsort((instants, cases))
    return EventLog(
        tuple(case_of),
        tuple(activity_of),
        cases[order],
        activities[order],
        instants[order],
    )


def count_variants(log: EventLog) -> list[Variant]:
    """The sequences that cases have, the most frequent first; equal ones by name."""
    stops = log.lasts + 1
    counts = Counter(
        tuple(log.activities[first:stop].tolist())
        for first, stop in zip(log.firsts.tolist(), stops.tolist(), strict=True)
    )
    variants = [Variant(activities, count) for activities, count in counts.items()]
    return sorted(
        variants, key=lambda one: (-one.count, len(one.activities), one.activities)
    )


def find_pairs(log: EventLog) -> np.ndarray:
    """Places of the events that another event of their case follows on."""
    return np.flatnonzero(log.cases[:-1] == log.cases[1:])


def count_worked(log: EventLog, timelines: Sequence[Timeline]) -> np.ndarray:
    """Seconds worked between each pair of ``find_pairs``.

    :param timelines: of each case, by whose hours it is measured
    """
    pairs = find_pairs(log)
    seconds = log.instants // MICROSECONDS
    worked = np.zeros(len(pairs), np.int64)
    numbers = {id(timeline): n for n, timeline in enumerate(timelines)}
    number_of_case = np.array([numbers[id(one)] for one in timelines], np.int64)
    for number in numbers.values():
        own = np.flatnonzero(number_of_case[log.cases[pairs]] == number)
        if len(own):
            start, stop = seconds[pairs[own]], seconds[pairs[own] + 1]
            worked[own] = work_seconds(timelines[number], start, stop)
    return worked


def measure_successions(
    log: EventLog, worked: np.ndarray | None = None
) -> list[Succession]:
    """What directly follows on what, the most frequent first.

    :param worked: seconds by ``count_worked``
    """
    pairs = find_pairs(log)
    wall = (log.instants[pairs + 1] - log.instants[pairs]) / MICROSECONDS
    found = []
    for own in _group(log.activities[pairs], log.activities[pairs + 1]):
        places = pairs[own]
        found.append(
            Succession(
                int(log.activities[places[0]]),
                int(log.activities[places[0] + 1]),
                len(own),
                len(np.unique(log.cases[places])),
                int(log.is_repeated[places + 1].sum()),
                float(np.median(wall[own])),
                None if worked is None else float(np.median(worked[own])),
            )
        )
    return sorted(found, key=lambda one: (-one.count, one.source, one.target))


def find_edges(log: EventLog) -> list[Succession]:
    """What cases begin and end with, the most frequent first."""
    firsts = Counter(log.activities[log.firsts].tolist())
    lasts = Counter(log.activities[log.lasts].tolist())
    return [
        *(Succession(EDGE, one, count, count) for one, count in firsts.most_common()),
        *(Succession(one, EDGE, count, count) for one, count in lasts.most_common()),
    ]


def find_cases(log: EventLog, source: int | None, target: int | None) -> list[str]:
    """Names of the cases in which ``target`` directly follows on ``source``.

    :param source: None: whatever comes before; ``EDGE``: the case begins with target
    :param target: ``EDGE``: the case ends with source
    """
    if source is None:
        places = np.flatnonzero(log.activities == target)
    elif source == EDGE:
        places = log.firsts[log.activities[log.firsts] == target]
    elif target == EDGE:
        places = log.lasts[log.activities[log.lasts] == source]
    else:
        pairs = find_pairs(log)
        is_source = log.activities[pairs] == source
        places = pairs[is_source & (log.activities[pairs + 1] == target)]
    return [log.case_names[case] for case in np.unique(log.cases[places]).tolist()]


def _group(*columns: np.ndarray) -> list[np.ndarray]:
    """Places of the rows that are equal in all columns, group by group."""
    if not len(columns[0]):
        return []
    order = np.lexsort(columns)
    changes = [np.diff(column[order]) != 0 for column in columns]
    cuts = np.flatnonzero(np.logical_or.reduce(changes)) + 1
    return np.split(order, cuts)
