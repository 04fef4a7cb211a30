"""Pairs of people who favour each other with kudos, beyond chance.

What somebody gives goes mostly to their own team, so pairs of a team are compared with
pairs of teams, all others with all others. Of each pair is expected what the two give
and receive besides, without what passes between them: a pair must not hide itself.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

# Chance of naming any pair of a company in which nobody favours anybody.
MOST_CHANCE = 0.01
# Chance of one direction alone: who is only given much favours nobody.
MOST_ONE_WAY = 0.005
# What somebody gives and gets leans to what is usual, as if so many were usual ones.
PRIOR = 6.0


@dataclass(frozen=True)
class Flows:
    """Kudos from one person to another, a row for each direction that has any.

    :param giver, receiver: indexes of people, shape (rows,), never the same in a row
    :param count: kudos, at least 1, shape (rows,)
    :param group: index of each person's team, -1 = none, shape (people,)
    """

    giver: np.ndarray
    receiver: np.ndarray
    count: np.ndarray
    group: np.ndarray


class Pair(NamedTuple):
    """Two people who favour each other: indexes, and kudos in both directions."""

    first: int
    second: int
    given: int
    returned: int
    expected: float  # in both directions together


def find_favouring(flows: Flows) -> list[Pair]:
    """Pairs whose kudos in both directions are more than chance explains, the least
    likely first.

    Their sum has to be so far beyond a Poisson distribution that one of 100 companies
    has a false pair, and each direction alone to be unlikely, too.
    """
    group, people = flows.group, len(flows.group)
    ways = zip(flows.giver.tolist(), flows.receiver.tolist(), strict=True)
    forth = dict(zip(ways, flows.count.tolist(), strict=True))
    mutual = [(a, b) for a, b in sorted(forth) if a < b and (b, a) in forth]
    pair = np.array(mutual, int).reshape(-1, 2).T
    # Forth and back, as all arrays of two rows below.
    given = np.array([(forth[a, b], forth[b, a]) for a, b in mutual], float)
    given = given.reshape(-1, 2).T
    size = np.bincount(group[group >= 0], minlength=group.max(initial=0) + 1)
    mates = np.where(group >= 0, size[group] - 1, 0)
    team_pairs = float((size * (size - 1)).sum()) / 2
    expected = np.zeros(given.shape)
    log_tail, one_way = np.zeros((2, len(mutual)))
    for is_team, choices, pairs in (
        (True, mates, team_pairs),
        (False, people - 1 - mates, people * (people - 1) / 2 - team_pairs),
    ):
        rows = _are_mates(group, flows.giver, flows.receiver) == is_team
        here = _are_mates(group, *pair) == is_team
        own = given[:, here]
        expected[:, here] = _expect(flows, rows, choices, pair[:, here], own, is_team)
        # Where nobody else gave any there is nothing to compare with.
        has_others = flows.count[rows].sum() > own.sum(axis=0)
        both = np.where(has_others, own.sum(axis=0), 0.0)
        chance = _log_tail(both, expected[:, here].sum(axis=0))
        log_tail[here] = chance + math.log(max(pairs, 1.0))
        one_way[here] = _log_tail(own, expected[:, here]).max(axis=0)
    is_beyond = log_tail < math.log(MOST_CHANCE / 2)
    is_beyond &= one_way < math.log(MOST_ONE_WAY)
    found = [at for at in np.lexsort((*pair[::-1], log_tail)) if is_beyond[at]]
    columns = (*pair, *given.astype(int), expected.sum(axis=0))
    rows = (column[found].tolist() for column in columns)
    return [Pair(*row) for row in zip(*rows, strict=True)]


def _are_mates(group, giver, receiver) -> np.ndarray:
    return (group[giver] == group[receiver]) & (group[giver] >= 0)


def _expect(flows, rows, choices, pair, own, is_team) -> np.ndarray:
    """Kudos expected of each pair, forth and back: shape (2, pairs).

    What one gives to a colleague times what the other gets from one, each relative to
    what is usual; all without those that pass between the two.
    """
    people = len(flows.group)
    gives, gets = (
        np.bincount(side[rows], flows.count[rows].astype(float), minlength=people)
        for side in (flows.giver, flows.receiver)
    )
    # A team as a whole may give more than others: its people are compared within it.
    circle = flows.group if is_team else np.zeros(people, int)
    inside = circle >= 0
    total = np.bincount(circle[inside], gives[inside])
    places = np.bincount(circle[inside], choices[inside])
    usual = total.sum() / max(places.sum(), 1.0)
    usual = (total[circle[pair[0]]] - own.sum(axis=0) + PRIOR) / (
        places[circle[pair[0]]] - 2 + PRIOR / max(usual, 1e-9)
    )
    # How many times the usual number each of them gives, and gets.
    among = np.maximum(choices[pair] - 1, 0) * usual + PRIOR
    giving = (gives[pair] - own + PRIOR) / among
    getting = (gets[pair[::-1]] - own + PRIOR) / among[::-1]
    return usual * giving * getting


def _log_tail(count: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Logarithm of the chance of ``count`` or more; 0 where that is no surprise."""
    expected = np.maximum(expected, 1e-12)
    log_factorial = np.vectorize(math.lgamma, otypes=[float])(count + 1)
    first = count * np.log(expected) - expected - log_factorial
    # The terms fall by a ratio that is below one: at least 200 of them are enough.
    ratio = expected[..., None] / (count[..., None] + np.arange(1, 201))
    tail = first + np.log1p(np.cumprod(ratio, axis=-1).sum(axis=-1))
    return np.where(count > expected, np.minimum(tail, 0.0), 0.0)
