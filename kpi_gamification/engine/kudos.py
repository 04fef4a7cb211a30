"""Pairs of people who favour each other with kudos, beyond chance.

What somebody gives goes mostly to their own team, so pairs of a team are compared with
pairs of teams, all others with all others. Of each pair is expected what the two give
and receive besides, without what passes between them: a pair must not hide itself.
"""

import math
from collections.abc import Mapping
from itertools import chain
from typing import NamedTuple

import numpy as np

# Chance of naming any pair of a company in which nobody favours anybody.
MOST_CHANCE = 0.01
# Chance of one direction alone: who is only given much favours nobody.
MOST_ONE_WAY = 0.005
# What somebody gives and gets leans to what is usual, as if so many were usual ones.
PRIOR = 6.0


class Pair(NamedTuple):
    """Two people who favour each other: ids, and kudos in both directions."""

    first_id: int
    second_id: int
    given: int
    returned: int
    expected: float  # in both directions together


def find_favouring(
    kudos: Mapping[tuple[int, int], int], teams: Mapping[int, str]
) -> list[Pair]:
    """Pairs whose kudos in both directions are more than chance explains, the least
    likely first.

    Their sum has to be so far beyond a Poisson distribution that one of 100 companies
    has a false pair, and each direction alone to be unlikely, too.

    :param kudos: (giver, receiver), never the same → how many, at least 1
    :param teams: person → team, empty = none; also of those who have no kudos
    """
    ids = sorted({*teams, *chain(*kudos)})
    people, place_of = len(ids), {each: place for place, each in enumerate(ids)}
    names = ["", *(teams.get(each, "") for each in ids)]
    group = np.unique(names, return_inverse=True)[1][1:] - 1
    forth = {(place_of[a], place_of[b]): count for (a, b), count in kudos.items()}
    giver, receiver = np.array([*forth], int).reshape(-1, 2).T
    count = np.array([*forth.values()], float)
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
        rows = _are_mates(group, giver, receiver) == is_team
        here = _are_mates(group, *pair) == is_team
        own = given[:, here]
        # A team as a whole may give more than others: it is compared within.
        circle = group if is_team else np.zeros(people, int)
        gives, gets = (
            np.bincount(side[rows], count[rows], minlength=people)
            for side in (giver, receiver)
        )
        expected[:, here] = _expect(gives, gets, choices, circle, pair[:, here], own)
        # Where nobody else gave any there is nothing to compare with.
        has_others = count[rows].sum() > own.sum(axis=0)
        both = np.where(has_others, own.sum(axis=0), 0.0)
        chance = _log_tail(both, expected[:, here].sum(axis=0))
        log_tail[here] = chance + math.log(max(pairs, 1.0))
        one_way[here] = _log_tail(own, expected[:, here]).max(axis=0)
    is_beyond = log_tail < math.log(MOST_CHANCE / 2)
    is_beyond &= one_way < math.log(MOST_ONE_WAY)
    found = [at for at in np.lexsort((*pair[::-1], log_tail)) if is_beyond[at]]
    columns = (*np.array(ids, int)[pair], *given.astype(int), expected.sum(axis=0))
    rows = (column[found].tolist() for column in columns)
    return [Pair(*row) for row in zip(*rows, strict=True)]


def _are_mates(group, giver, receiver) -> np.ndarray:
    return (group[giver] == group[receiver]) & (group[giver] >= 0)


def _expect(gives, gets, choices, circle, pair, own) -> np.ndarray:
    """Kudos expected of each pair, forth and back: shape (2, pairs).

    What one gives to a colleague times what the other gets from one, each relative to
    what is usual; all without those that pass between the two.
    """
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
