"""Opportunities and what happened to them, as analyses of the pipeline take them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, takewhile
from typing import NamedTuple

OPEN, WON, LOST = "open", "won", "lost"
LEAD, REMOVED = "lead", "removed"
MOVED = "moved"  # to another company


@dataclass(frozen=True)
class Opportunity:
    """An opportunity as it stands.

    :ivar amount: expected revenue
    :ivar probability: 0 to 1, as people or Odoo set it
    :ivar stage: sequence number of its stage: higher = nearer to winning
    :ivar stage_since: since when it is there; None = not known
    :ivar deadline: expected closing; None = not set
    :ivar closed: when it was won or lost
    """

    number: int
    amount: float
    probability: float
    stage: int
    created: date
    state: str = OPEN
    stage_since: date | None = None
    deadline: date | None = None
    closed: date | None = None
    owner: str = ""


@dataclass(frozen=True)
class StageVisit:
    """One stay of an opportunity in a stage.

    :ivar left: None = it is there still
    :ivar is_forward: it went on to a later stage or was won
    """

    number: int
    stage: int
    entered: date
    left: date | None = None
    is_forward: bool = False


class OpportunityEvent(NamedTuple):
    """What an opportunity was from a day on.

    :ivar company: None = of all
    :ivar state: as of an opportunity, or ``LEAD`` before it was one, ``REMOVED`` where
        it was merged or deleted
    :ivar stage: sequence number; 0 = not known any more
    :ivar closed: day on which it was won or lost, maybe entered later
    :ivar is_partly_known: other columns than stage and amount are those of today
    """

    number: int
    day: date
    company: int | None
    state: str
    stage: int
    amount: float
    probability: float
    deadline: date | None
    closed: date | None
    owner: str
    is_partly_known: bool = False


def stand_at(
    events: Iterable[OpportunityEvent], day: date, company: int
) -> list[Opportunity]:
    """Opportunities of a company as they were known to be at the end of a day.

    Those that another company has now are ``MOVED``; what was merged, deleted or is no
    opportunity is left out.

    :param events: by number, the oldest of each first
    """
    found = []
    for history in _histories(events, day):
        last, own = history[-1], [one for one in history if _is_of(one, company)]
        begun = next((one.day for one in own if one.state != LEAD), None)
        if not begun or last.state in (LEAD, REMOVED):
            continue
        is_moved = not _is_of(last, company)
        closed = (last.closed or last.day) if last.state in (WON, LOST) else None
        found.append(
            Opportunity(
                last.number,
                last.amount,
                last.probability,
                last.stage,
                min(begun, closed or begun),
                MOVED if is_moved else last.state,
                _stage_begin(history),
                last.deadline,
                closed,
                last.owner,
            )
        )
    return found


def list_visits(
    events: Iterable[OpportunityEvent], day: date, company: int
) -> list[StageVisit]:
    """Stays of a company's opportunities in stages, as far as these are known.

    What is merged, deleted or moved to another company says nothing of its last stage.
    """
    visits = []
    for history in _histories(events, day):
        stays = [(one.state, one.stage, _is_of(one, company)) for one in history]
        moves = zip(history, [None, *stays], stays, strict=False)
        starts = [one for one, before, stay in moves if stay != before]
        for first, following in pairwise([*starts, None]):
            is_known = first.state == OPEN and first.stage and _is_of(first, company)
            if not is_known or (following and not _tells(following, company)):
                continue
            visits.append(
                StageVisit(
                    first.number,
                    first.stage,
                    first.day,
                    following and max(following.closed or following.day, first.day),
                    bool(following)
                    and following.state != LOST
                    and (following.state == WON or following.stage > first.stage),
                )
            )
    return visits


def _histories(
    events: Iterable[OpportunityEvent], day: date
) -> Iterable[Sequence[OpportunityEvent]]:
    """What was known of each opportunity at the end of a day."""
    histories: dict[int, list[OpportunityEvent]] = defaultdict(list)
    for one in events:
        if one.day <= day:
            histories[one.number].append(one)
    return histories.values()


def _is_of(event: OpportunityEvent, company: int) -> bool:
    return event.company in (None, company)


def _tells(event: OpportunityEvent, company: int) -> bool:
    return event.state in (OPEN, WON, LOST) and _is_of(event, company)


def _stage_begin(history: Sequence[OpportunityEvent]) -> date | None:
    """Since when it is open in its stage."""
    here = (OPEN, history[-1].stage)
    stay = takewhile(lambda one: (one.state, one.stage) == here, reversed(history))
    return min((one.day for one in stay), default=None)
