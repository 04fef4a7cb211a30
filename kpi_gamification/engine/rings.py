"""Rings of three to six people who give each other kudos beyond chance, and patrons.

What a person gives goes mostly to their own team, and as much of it in a small team as
in a large one. Of a group is expected what its people also give and receive, without
what passes among them: a ring must not hide itself.
"""

import math
from collections.abc import Iterator, Mapping
from itertools import chain, pairwise, permutations
from typing import NamedTuple

import numpy as np

from .kudos import PRIOR

SMALLEST, LARGEST = 3, 6
# Chance of naming any group of a company in which no one favors another.
MOST_CHANCE = 0.004
# Of groups within a team, and of half of it, so much of that chance.
MOST_OF_TEAM, MOST_OF_HALF = 1e-2, 1e-6
# Chance of what one of them gives to the others, or gets from them, alone.
MOST_ALONE = 0.05
# Chance of a single direction that a ring can be made of, and the least that it holds.
MOST_EDGE, LEAST_EDGE = 0.1, 3
# People differ, and so do teams: what is less than so many times the expected is usual.
LEAST_RATIO, LEAST_PATRON_RATIO = 3.0, 4.0


class Ring(NamedTuple):
    """People who favor each other, or one who favors another without return.

    :param ids: sorted ids of three to six people; the patron, then who is favored
    :param given: kudos among them, or from each to the next one; of a patron those in
        that direction
    :param expected: how many of them others of their kind would have given
    """

    ids: tuple[int, ...]
    given: int
    expected: float


class Expected(NamedTuple):
    """Kudos expected of each direction, and of how many kudos of each giver and of each
    receiver that is known: of few it is a guess.
    """

    ways: dict[tuple[int, int], float]
    giving: dict[int, float]
    getting: dict[int, float]

    def log_tail(self, counts, ways) -> float:
        """Logarithm of the chance that these hold so many or more, in all.

        A negative binomial distribution: what is uncertain about people makes it wide.
        """
        count = sum(counts.get(way, 0) for way in ways)
        mean = sum(self.ways[way] for way in ways)
        spread = 0.0
        for side, known in ((0, self.giving), (1, self.getting)):
            for place in {way[side] for way in ways}:
                part = sum(self.ways[way] for way in ways if way[side] == place)
                spread += part**2 / known[place]
        return _log_tail(count, mean, mean**2 / spread)


class _Flows:
    """Kudos of a company by place of people, and what is usual there."""

    def __init__(self, kudos, teams):
        self.ids = sorted({*teams, *chain(*kudos)})
        place_of = {each: place for place, each in enumerate(self.ids)}
        self.count = {(place_of[a], place_of[b]): n for (a, b), n in kudos.items()}
        self.team = [teams.get(each, "") for each in self.ids]
        people = len(self.ids)
        size = {name: self.team.count(name) for name in {*self.team} - {""}}
        self.mates = [size.get(name, 1) - 1 for name in self.team]
        self.sizes = sorted(size.values())
        # By whether it is within a team: what each gives and gets.
        self.gives, self.gets = np.zeros((2, 2, people))
        self.team_total = dict.fromkeys(size, 0.0)
        for (giver, receiver), number in self.count.items():
            is_team = self.are_mates(giver, receiver)
            self.gives[is_team, giver] += number
            self.gets[is_team, receiver] += number
            if is_team:
                self.team_total[self.team[giver]] += number
        with_mates = sum(mates > 0 for mates in self.mates)
        self.each_in_team = self.gives[1].sum() / max(with_mates, 1)
        self.other_places = sum(people - 1 - mates for mates in self.mates)

    def are_mates(self, one: int, other: int) -> int:
        return int(self.team[one] == self.team[other] != "")

    def expect(self, places) -> Expected:
        """Kudos expected of each direction between some people."""
        ways = [*permutations(places, 2)]
        own = {(1, place): [0.0, 0.0, 0] for place in places}
        own |= {(0, place): [0.0, 0.0, 0] for place in places}
        inside, in_team = [0.0, 0], {}
        for giver, receiver in ways:
            number = self.count.get((giver, receiver), 0)
            is_team = self.are_mates(giver, receiver)
            own[is_team, giver][0] += number
            own[is_team, receiver][1] += number
            own[is_team, giver][2] += 1
            held = in_team.setdefault(self.team[giver], [0.0, 0]) if is_team else inside
            held[0] += number
            held[1] += 1
        usual = {}
        for place in places:
            name, mates = self.team[place], self.mates[place]
            held = in_team.get(name, (0.0, 0))
            base = self.each_in_team / max(mates, 1)
            total = self.team_total.get(name, 0.0) - held[0]
            room = mates * (mates + 1) - held[1]
            usual[1, place] = (total + PRIOR) / (room + PRIOR / max(base, 1e-9))
            base = self.gives[0].sum() / max(self.other_places, 1)
            total = self.gives[0].sum() - inside[0]
            room = self.other_places - inside[1]
            usual[0, place] = (total + PRIOR) / (room + PRIOR / max(base, 1e-9))

        def relate(side, place):
            """How many times what is usual is given or got, and of how many kudos."""
            amount = among = PRIOR
            for is_team in (0, 1):
                mates = self.mates[place]
                choices = mates if is_team else len(self.ids) - 1 - mates
                choices -= own[is_team, place][2]
                flow = (self.gives, self.gets)[side][is_team, place]
                amount += flow - own[is_team, place][side]
                among += max(choices, 0) * usual[is_team, place]
            return amount / among, amount

        giving = {place: relate(0, place) for place in places}
        getting = {place: relate(1, place) for place in places}
        return Expected(
            {
                (a, b): usual[self.are_mates(a, b), a] * giving[a][0] * getting[b][0]
                for a, b in ways
            },
            {place: known for place, (_times, known) in giving.items()},
            {place: known for place, (_times, known) in getting.items()},
        )


def find_rings(kudos: Mapping[tuple[int, int], int], teams: Mapping[int, str]):
    """Groups of three to six whose kudos among themselves are more than chance, the
    givers, the receivers and their teams explain, the least likely first.

    Nobody is in two of them. Each person has to give to the others, and get from them,
    more than chance explains, too.

    :param kudos: (giver, receiver), never the same → how many, at least 1
    :param teams: person → team, also of those who have no kudos; of those who are in
        none an empty text
    :return: list of ``Ring``
    """
    flows = _Flows(kudos, teams)
    judged = []
    for path in _list_cycles(_find_edges(flows)):
        expected = flows.expect(path)
        around = [*pairwise((*path, path[0]))]
        # All of them to all, or each to the next one, of all orders that there are.
        orders = math.factorial(len(path) - 1)
        for ways, number in (([*expected.ways], 1), (around, orders)):
            given = sum(flows.count.get(way, 0) for way in ways)
            total = sum(expected.ways[way] for way in ways)
            chance = expected.log_tail(flows.count, ways)
            chance += _log_groups(flows, path) + math.log(2 * number)
            is_beyond = chance < _most_chance(flows, path)
            is_beyond &= given >= LEAST_RATIO * total
            if is_beyond and _is_each_beyond(flows, expected, ways):
                judged.append((chance, path, given, total))
    found, taken = [], set()
    for _chance, path, given, total in sorted(judged):
        if taken.isdisjoint(path):
            taken.update(path)
            ids = tuple(sorted(flows.ids[place] for place in path))
            found.append(Ring(ids, given, float(total)))
    return found


def find_patrons(kudos: Mapping[tuple[int, int], int], teams: Mapping[int, str]):
    """People who give one other more than chance explains, without return.

    :param kudos, teams: as of ``find_rings``
    :return: list of ``Ring`` of two, the least likely first
    """
    flows, found = _Flows(kudos, teams), []
    for (giver, receiver), number in flows.count.items():
        if number < LEAST_EDGE:
            continue
        expected = flows.expect((giver, receiver))
        there = expected.ways[giver, receiver]
        if number < LEAST_PATRON_RATIO * there:
            continue
        chance = expected.log_tail(flows.count, [(giver, receiver)])
        chance += _log_groups(flows, (giver, receiver))
        returned = expected.log_tail(flows.count, [(receiver, giver)])
        is_beyond = chance < _most_chance(flows, (giver, receiver))
        if is_beyond and returned > math.log(MOST_ALONE):
            ids = (flows.ids[giver], flows.ids[receiver])
            found.append((chance, Ring(ids, number, float(there))))
    return [ring for _chance, ring in sorted(found)]


def _find_edges(flows: _Flows) -> dict[int, list[int]]:
    """Directions that hold more than is likely: place → places."""
    edges: dict[int, list[int]] = {}
    for (giver, receiver), number in flows.count.items():
        if number < LEAST_EDGE:
            continue
        expected = flows.expect((giver, receiver))
        chance = expected.log_tail(flows.count, [(giver, receiver)])
        if chance < math.log(MOST_EDGE):
            edges.setdefault(giver, []).append(receiver)
    return edges


def _list_cycles(edges: Mapping[int, list[int]]) -> Iterator[tuple[int, ...]]:
    """Places through which such directions lead back to where they began."""
    for first in sorted(edges):
        paths = [(first,)]
        while paths:
            path = paths.pop()
            for place in edges.get(path[-1], ()):
                if place == first and len(path) >= SMALLEST:
                    yield path
                elif place > first and place not in path and len(path) < LARGEST:
                    paths.append((*path, place))


def _is_each_beyond(flows: _Flows, expected: Expected, ways) -> bool:
    """Whether each of them gives, and gets, beyond chance by these."""
    for side in (0, 1):
        for place in {way[side] for way in ways}:
            own = [way for way in ways if way[side] == place]
            if expected.log_tail(flows.count, own) > math.log(MOST_ALONE):
                return False
    return True


def _most_chance(flows: _Flows, places) -> float:
    """Logarithm of the chance below which a group is named.

    Who is liked is in the same groups again and again within a team, and where a group
    is half of its team the others say little of what is usual there.
    """
    if not all(flows.are_mates(places[0], place) for place in places):
        return math.log(MOST_CHANCE)
    is_half = 2 * len(places) >= flows.mates[places[0]] + 1
    return math.log(MOST_CHANCE * (MOST_OF_HALF if is_half else MOST_OF_TEAM))


def _log_groups(flows: _Flows, places) -> float:
    """Logarithm of how many groups there are as this one: of a team, or of all."""
    count, teams = len(places), {flows.team[place] for place in places}
    if len(teams) == 1 and "" not in teams:
        number = sum(math.comb(size, count) for size in flows.sizes)
    else:
        number = math.comb(len(flows.ids), count)
    # a patron and who is favored are no set
    return math.log(max(number, 1) * (2 if count == 2 else 1))


def _log_tail(count: int, mean: float, shape: float) -> float:
    """Logarithm of the chance of ``count`` or more of a negative binomial distribution;
    0 where that is no surprise.
    """
    mean = max(mean, 1e-12)
    if count <= mean:
        return 0.0
    log_first = math.lgamma(count + shape) - math.lgamma(shape) - math.lgamma(count + 1)
    log_first += shape * math.log(shape / (shape + mean))
    log_first += count * math.log(mean / (shape + mean))
    following = np.arange(count, count + 400)
    ratio = (following + shape) / (following + 1) * mean / (shape + mean)
    return min(log_first + math.log1p(np.cumprod(ratio).sum()), 0.0)
