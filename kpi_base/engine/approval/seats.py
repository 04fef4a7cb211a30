"""People who are asked on one level about one document."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .level import Rule, count_needed
from .stand_in import climb, find_stand_in

Reason = Literal["named", "delegated", "absent", "next_up"]


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

    :param there: people who can be asked: at work, and allowed to see the document
    :param delegates: person → delegate, of the delegations in force
    :param managers: person → manager
    :param owner: is asked where nobody else can be
    :param parties: others with a part in it: neither they nor their delegates decide
    """

    submitter: int
    owner: int
    there: Collection[int]
    delegates: Mapping[int, int]
    managers: Mapping[int, int]
    parties: Collection[int] = ()

    @property
    def barred(self) -> set[int]:
        """People who must not decide."""
        return {self.submitter, *self.parties}


def find_seats(
    candidates: Sequence[int],
    rule: Rule,
    quorum: int,
    situation: Situation,
    *,
    may_decide_alone: bool = False,
) -> list[Seat]:
    """Who is asked, if the workflow names ``candidates``.

    Somebody who is away has their delegate decide; without one, their manager, where
    too few others are left. Nobody decides on what they submitted. Where nobody is
    found, the next manager above the submitter is asked, at last the owner.

    :param may_decide_alone: whether the submitter decides where only they are named
    :return: empty where not even the owner can be asked
    """
    submitter, there = situation.submitter, situation.there
    candidates = [one for one in candidates if one not in situation.parties]
    if may_decide_alone and submitter in there and set(candidates) == {submitter}:
        return [Seat(submitter)]
    seats, missing = _seat_candidates(candidates, situation)
    wanted = count_needed(rule, quorum, len(candidates))
    for person in missing:
        barred = {*situation.barred, *seats}
        above = climb(person, situation.managers, there, barred)
        if above is not None and len(seats) < wanted:
            seats[above] = Seat(above, person, "absent")
    return list(seats.values()) or _find_next_up(situation)


def _seat_candidates(
    candidates: Sequence[int], situation: Situation
) -> tuple[dict[int, Seat], list[int]]:
    seats: dict[int, Seat] = {}
    missing = []
    for person in candidates:
        found = find_stand_in(
            person, situation.delegates, situation.there, situation.barred
        )
        if found is None:
            missing.append(person)
        elif found == person:
            seats[person] = Seat(person)
        else:
            seats.setdefault(found, Seat(found, person, "delegated"))
    return seats, missing


def _find_next_up(situation: Situation) -> list[Seat]:
    submitter, owner = situation.submitter, situation.owner
    above = climb(submitter, situation.managers, situation.there, situation.barred)
    if above is None and owner in situation.there and owner not in situation.barred:
        above = owner
    return [] if above is None else [Seat(above, reason="next_up")]
