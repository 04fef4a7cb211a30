"""Levels of an approval: when one is decided, and which comes next.

A level has seats, one for each person who was to be asked. Who stands in for somebody,
or was asked beside them, sits on the same seat.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Rule = Literal["all", "any", "quorum"]
Verdict = Literal["asked", "approved", "rejected", "returned"]
Outcome = Literal["open", "approved", "rejected", "returned", "vacant"]


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
    approved = count_pairs(vote for vote in votes if vote.verdict == "approved")
    possible = count_pairs(votes)
    if not possible:
        return "vacant"
    return "approved" if approved >= min(needed, possible) else "open"


def count_pairs(votes: Iterable[Vote]) -> int:
    """The most seats that can be given to different people, each on one of theirs.

    A maximum matching by augmenting paths (Kuhn 1955, “The Hungarian method”).
    """
    people_of: dict[int, list[int]] = {}
    for vote in votes:
        people_of.setdefault(vote.seat, []).append(vote.person)
    seat_of: dict[int, int] = {}
    return sum(_seat(seat, people_of, seat_of, set()) for seat in people_of)


def _seat(
    seat: int, people_of: dict[int, list[int]], seat_of: dict[int, int], tried: set[int]
) -> bool:
    for person in people_of[seat]:
        if person in tried:
            continue
        tried.add(person)
        taken = seat_of.get(person)
        if taken is None or _seat(taken, people_of, seat_of, tried):
            seat_of[person] = seat
            return True
    return False


def find_next_level(levels: Iterable[int], current: int) -> int | None:
    """The level after ``current``; None after the last."""
    return min((level for level in levels if level > current), default=None)
