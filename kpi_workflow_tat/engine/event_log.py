"""Event logs: what was done in each case and when, and what follows on what.

Instants are int microseconds since 1970 in UTC. Events of a case are in the order of
their instants; those of one instant stay as they were given, as in their file. One
event *directly follows* on another where it is the next one of the same case (van der
Aalst, Process Mining, 2nd ed. 2016, ch. 6.2).
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from odoo.addons.kpi_base.engine.tabular import CellError, clip_cell
from odoo.addons.kpi_base.engine.worktime import Timeline, work_seconds

MICROSECONDS = 1_000_000
EDGE = -1  # before the first event of a case, and behind its last one
_DOTTED = re.compile(
    r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})[ T](?P<rest>\d{1,2}:\d\d.*)"
)
_SLASHED = re.compile(r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})[ T](?P<rest>\d.*)")
_FIRST, _LAST = 1970, 2200  # years
_LONGEST = 64  # characters


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


def judge_case(
    activities: Sequence[str],
    approving: Collection[str] = (),
    rejecting: Collection[str] = (),
) -> str:
    """``approved``, ``rejected`` or ``pending``: the last activity that decides counts.

    :param activities: of the case, in their order, in lower case
    :param approving: activities that complete a case; none named: every case that is
        not rejected is complete
    :param rejecting: activities that end a case without success
    """
    for activity in reversed(activities):
        if activity in rejecting:
            return "rejected"
        if activity in approving:
            return "approved"
    return "pending" if approving else "approved"


def split_names(text: str | None) -> frozenset[str]:
    """Names in a text, parted by semicolons, in lower case."""
    parts = (part.strip().casefold() for part in (text or "").split(";"))
    return frozenset(filter(None, parts))


def read_log_time(text: str, tz: dt.tzinfo) -> dt.datetime:
    """The moment (naive UTC) that ``text`` says.

    ISO 8601, with or without a zone; a day with dots begins with its number in the
    month, one with slashes with its year. Others can be read in two ways.

    :param tz: of moments that do not say their zone
    :raises CellError: no moment, or one that no log is about
    """
    moment = _parse(text) if len(text) <= _LONGEST else None
    if moment is None or not _FIRST < moment.year < _LAST:
        raise CellError(
            _lt(
                "“%(cell)s” is not a date and time. Enter e.g. 2026-03-31 14:05:00 "
                "or 2026-03-31T14:05:00+02:00."
            ),
            cell=clip_cell(text),
        )
    aware = moment if moment.tzinfo else moment.replace(tzinfo=tz)
    return aware.astimezone(dt.timezone.utc).replace(tzinfo=None)


def _parse(text: str) -> dt.datetime | None:
    text = text.strip()
    for pattern in (_DOTTED, _SLASHED):
        if found := pattern.fullmatch(text):
            day = f"{found['y']}-{int(found['m']):02}-{int(found['d']):02}"
            hour, colon, rest = found["rest"].partition(":")
            text = f"{day} {hour.zfill(2)}{colon}{rest}"
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _lt(template: str) -> str:
    """A template; under this name Odoo collects it for its translators."""
    return template


_STEPS = frozenset(
    (
        *("opened", "created", "reported", "submitted", "received", "logged"),
        *("assigned", "accepted", "acknowledged", "started", "work started"),
        *("first response", "first reply", "first contact", "responded"),
        *("resolved", "solved", "completed", "finished", "closed"),
    )
)
_STEP_SUFFIX = re.compile(r"\s+(?:at|on|date|time|timestamp|date time)$")


def is_step_title(title: str) -> bool:
    """Check whether a title names the time of a usual step: “First Response At”."""
    words = " ".join(re.findall(r"[a-z]+", title.casefold()))
    return _STEP_SUFFIX.sub("", words).removesuffix(" at") in _STEPS
