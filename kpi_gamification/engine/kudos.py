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
    people = len(flows.group)
    group = flows.group
    ways = zip(flows.giver.tolist(), flows.receiver.tolist(), strict=True)
    forth = dict(zip(ways, flows.count.tolist(), strict=True))
    mutual = np.array(
        sorted((a, b) for a, b in forth if a < b and (b, a) in forth), dtype=int
    ).reshape(-1, 2)
    first, second = mutual.T
    given = np.array([forth[a, b] for a, b in mutual.tolist()], dtype=float)
    returned = np.array([forth[b, a] for a, b in mutual.tolist()], dtype=float)
    within = (group[first] == group[second]) & (group[first] >= 0)
    size = np.bincount(group[group >= 0], minlength=group.max(initial=0) + 1)
    mates = np.where(group >= 0, size[group] - 1, 0)
    team_pairs = float((size * (size - 1)).sum()) / 2
    expected = np.zeros((2, len(mutual)))
    log_tail, one_way = np.zeros(len(mutual)), np.zeros(len(mutual))
    for is_team, choices, pairs in (
        (True, mates, team_pairs),
        (False, people - 1 - mates, people * (people - 1) / 2 - team_pairs),
    ):
        rows = (_are_mates(group, flows.giver, flows.receiver) == is_team).nonzero()[0]
        here = (within == is_team).nonzero()[0]
        expected[:, here] = _expect(
            flows,
            rows,
            choices,
            (first[here], second[here], given[here], returned[here]),
            is_team,
        )
        # Where nobody else gave any there is nothing to compare with.
        has_others = flows.count[rows].sum() > given[here] + returned[here]
        both = np.where(has_others, given[here] + returned[here], 0.0)
        chance = _log_tail(both, expected[:, here].sum(axis=0))
        log_tail[here] = chance + math.log(max(pairs, 1.0))
        one_way[here] = np.maximum(
            _log_tail(given[here], expected[0, here]),
            _log_tail(returned[here], expected[1, here]),
        )
    is_beyond = log_tail < math.log(MOST_CHANCE / 2)
    is_beyond &= one_way < math.log(MOST_ONE_WAY)
    order = np.lexsort((second, first, log_tail))
    found = order[is_beyond[order]]
    columns = (first, second, given.astype(int), returned.astype(int))
    rows = (column[found].tolist() for column in (*columns, expected.sum(axis=0)))
    return [Pair(*row) for row in zip(*rows, strict=True)]


def _are_mates(group, giver, receiver):
    return (group[giver] == group[receiver]) & (group[giver] >= 0)


def _expect(flows, rows, choices, pairs, is_team):
    """Kudos expected of each pair, forth and back: shape (2, pairs).

    What one gives to a colleague times what the other gets from one, each relative to
    what is usual; all without those that pass between the two.
    """
    people = len(flows.group)
    count = flows.count[rows].astype(float)
    gives = np.bincount(flows.giver[rows], count, minlength=people)
    gets = np.bincount(flows.receiver[rows], count, minlength=people)
    first, second, given, returned = pairs
    # A team as a whole may give more than others: its people are compared within it.
    circle = flows.group if is_team else np.zeros(people, int)
    inside = circle >= 0
    total = np.bincount(circle[inside], gives[inside])
    places = np.bincount(circle[inside], choices[inside])
    own = circle[first]
    usual = total.sum() / max(places.sum(), 1.0)
    usual = (total[own] - given - returned + PRIOR) / (
        places[own] - 2 + PRIOR / max(usual, 1e-9)
    )

    def relate(sums, person, own):
        """How many times the usual number a person gives or gets."""
        others = np.maximum(choices[person] - 1, 0)
        return (sums[person] - own + PRIOR) / (others * usual + PRIOR)

    return np.stack(
        [
            usual * relate(gives, first, given) * relate(gets, second, given),
            usual * relate(gives, second, returned) * relate(gets, first, returned),
        ]
    )


def _log_tail(count, expected):
    """Logarithm of the chance of ``count`` or more; 0 where that is no surprise."""
    expected = np.maximum(expected, 1e-12)
    log_factorial = np.array([math.lgamma(number + 1) for number in count])
    first = count * np.log(expected) - expected - log_factorial
    # The terms fall by a ratio that is below one: at least 200 of them are enough.
    ratio = expected[:, None] / (count[:, None] + np.arange(1, 201))
    tail = first + np.log1p(np.cumprod(ratio, axis=1).sum(axis=1))
    return np.where(count > expected, np.minimum(tail, 0.0), 0.0)
