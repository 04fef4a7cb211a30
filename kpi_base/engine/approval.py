"""Rules of approving, as plain Python: who decides, who for whom, and on what.

A level of an approval has seats, one for each person who was to be asked. Who stands
in for somebody, or was asked beside them, sits on the same seat.
"""

import datetime as dt
import hashlib
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from .audit.canonical import canonical_text
from .worktime import Timeline, WorkTimeError, due, to_datetime, to_instants

Rule = Literal["all", "any", "quorum"]
Reason = Literal["named", "delegated", "absent", "next_up"]
Verdict = Literal["asked", "approved", "rejected", "returned"]
Outcome = Literal["open", "approved", "rejected", "returned", "vacant"]


@dataclass(frozen=True)
class Seat:
    """Somebody who is asked.

    :param in_place_of: who would have been asked; None = the person themselves
    """

    person: int
    in_place_of: int | None = None
    reason: Reason = "named"


@dataclass(frozen=True)
class Situation:
    """People around one document at one moment.

    :param owner: is asked where nobody else can be
    :param is_at_work: whether somebody works, and is allowed to see the document
    :param find_manager: person → manager, None = none
    :param delegates: person → delegate, of the delegations in force; whoever has one
        is away
    :param parties: others with a part in it: neither they nor their delegates decide
    """

    submitter: int
    owner: int
    is_at_work: Callable[[int], bool]
    find_manager: Callable[[int], int | None]
    delegates: Mapping[int, int]
    parties: Collection[int] = ()

    def is_there(self, person: int) -> bool:
        """Whether somebody can be asked: neither on leave nor with a delegate."""
        return person not in self.delegates and self.is_at_work(person)

    def is_able(self, person: int | None, taken: Collection[int] = ()) -> bool:
        """Whether somebody may decide who has no part yet; nobody on their own."""
        return (
            person is not None
            and person not in (self.submitter, *self.parties, *taken)
            and self.is_there(person)
        )

    def find_stand_in(self, person: int) -> int | None:
        """Who decides in place of ``person``: themselves, their delegate while away.

        A delegate with a delegate is away, so that nothing is handed on twice or in
        circles. Nobody chooses by a delegate who decides on what they submitted.

        :return: None where neither can be asked
        """
        if self.is_able(person):
            return person
        if person in (self.submitter, *self.parties):
            return None
        delegate = self.delegates.get(person)
        return delegate if self.is_able(delegate) else None

    def climb(self, person: int, taken: Collection[int] = ()) -> int | None:
        """The nearest person above who can be asked; circles end where they began."""
        seen = {person}
        while (person := self.find_manager(person)) is not None and person not in seen:
            if self.is_able(person, taken):
                return person
            seen.add(person)
        return None

    def find_next_up(self, person: int, taken: Collection[int] = ()) -> int | None:
        """Who is asked where nobody below can be: somebody above, else the owner."""
        above = self.climb(person, taken)
        if above is None and self.is_able(self.owner, taken):
            return self.owner
        return above


def find_seats(
    candidates: Sequence[int],
    rule: Rule,
    quorum: int,
    situation: Situation,
    *,
    may_decide_alone: bool = False,
) -> list[Seat]:
    """Who is asked on one level, if the workflow names ``candidates``.

    Somebody who is away has their delegate decide; where none can, their manager, if
    too few others are left. Nobody decides on what they submitted. Where nobody is
    found, the next manager above the submitter is asked, at last the owner.

    :param may_decide_alone: whether the submitter decides where only they are named
    :return: empty where not even the owner can be asked
    """
    submitter = situation.submitter
    candidates = [one for one in candidates if one not in situation.parties]
    if may_decide_alone and set(candidates) == {submitter}:
        if situation.is_there(submitter):
            return [Seat(submitter)]
    seats: dict[int, Seat] = {}
    missing = []
    for person in candidates:
        found = situation.find_stand_in(person)
        if found is None:
            missing.append(person)
        elif found == person:
            seats[person] = Seat(person)
        else:
            seats.setdefault(found, Seat(found, person, "delegated"))
    wanted = count_needed(rule, quorum, len(candidates))
    for person in missing:
        above = situation.climb(person, seats) if len(seats) < wanted else None
        if above is not None:
            seats[above] = Seat(above, person, "absent")
    if not seats:
        above = situation.find_next_up(submitter)
        return [] if above is None else [Seat(above, reason="next_up")]
    return list(seats.values())


@dataclass(frozen=True)
class Vote:
    """What one person says on one seat; ``asked`` as long as they said nothing."""

    seat: int
    person: int
    verdict: Verdict


def count_needed(rule: Rule, quorum: int, seats: int) -> int:
    """How many have to approve; a quorum above the number of seats is all of them."""
    if rule == "all":
        return seats
    return min(seats, max(1, quorum) if rule == "quorum" else 1)


def decide_level(votes: Sequence[Vote], needed: int) -> Outcome:
    """Outcome of a level; one refusal ends it.

    As many different people as ``needed`` approve on different seats. Where the seats
    are left to fewer people, as one stands in for two, all of those.

    :return: ``vacant`` where nobody is left who could decide
    """
    verdicts = {vote.verdict for vote in votes}
    if "rejected" in verdicts:
        return "rejected"
    if "returned" in verdicts:
        return "returned"
    approved = _count_pairs(vote for vote in votes if vote.verdict == "approved")
    possible = _count_pairs(votes)
    if not possible:
        return "vacant"
    return "approved" if approved >= min(needed, possible) else "open"


def _count_pairs(votes: Iterable[Vote]) -> int:
    """The most seats that can be given to different people, each on one of theirs.

    A maximum matching by augmenting paths (Kuhn 1955, “The Hungarian method”).
    """
    people_of: dict[int, list[int]] = {}
    for vote in votes:
        people_of.setdefault(vote.seat, []).append(vote.person)
    seat_of: dict[int, int] = {}

    def give(seat: int, tried: set[int]) -> bool:
        for person in people_of[seat]:
            if person not in tried:
                tried.add(person)
                if person not in seat_of or give(seat_of[person], tried):
                    seat_of[person] = seat
                    return True
        return False

    return sum(give(seat, set()) for seat in people_of)


def find_due(timeline: Timeline, asked: dt.datetime, hours: float) -> dt.datetime:
    """The moment at which ``hours`` of work have passed since somebody was asked.

    Who never works has as many hours of the clock: nothing waits for ever.

    :param timeline: of the working hours of who is asked
    :param asked: naive UTC
    :return: naive UTC
    """
    (instant,) = to_instants([asked]).tolist()
    seconds = round(hours * 3600)
    try:
        return to_datetime(due(timeline, instant, seconds))
    except WorkTimeError:
        return to_datetime(instant + seconds)


def change_percent(amount: float | None, last: float | None) -> float | None:
    """Change from ``last`` in percent of its size.

    :return: None where there is nothing to compare: a number is missing, or ``last``
        is 0
    """
    if amount is None or last is None or not last:
        return None
    percent = (amount - last) / abs(last) * 100
    return percent if math.isfinite(percent) else None


def is_small(amount: float | None, last: float | None, below_percent: float) -> bool:
    """Check whether a change is below a threshold; 0 approves nothing.

    :param last: what a person approved last, so that small steps do not add up
    """
    if change_percent(amount, last) is None:
        return False
    # multiplied, as a quotient of 5% may come out a little above it
    return abs(amount - last) * 100 < below_percent * abs(last)


def content_version(content: object) -> str:
    """SHA-256 of nested content in its canonical form: the same for the same content.

    :param content: dicts with text keys, lists, texts, numbers, days, moments, bytes,
        booleans and None
    :raises AuditError: anything else, naming its path
    """
    return hashlib.sha256(canonical_text(_plain(content)).encode()).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        # as it is stored: 0.1 is 0.1, and 2.0 is 2
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    return value
