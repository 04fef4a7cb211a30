import math

import numpy as np
import pytest

from ...engine import kudos

PEOPLE, EACH, TEAM = 500, 24, 10


def simulate(seed, planted=5, extra=9, spread=0.0):
    """A company: its flows and the pairs that favour each other.

    :param spread: how unequal people are in giving and in being liked
    """
    rng = np.random.default_rng(seed)
    group = np.arange(PEOPLE) // TEAM
    liked = np.exp(spread * rng.standard_normal(PEOPLE))
    counts = np.zeros((PEOPLE, PEOPLE), int)
    for giver in range(PEOPLE):
        own = (group == group[giver]) & (np.arange(PEOPLE) != giver)
        chance = np.where(own, 0.8 * liked / liked[own].sum(), 0.0)
        rest = group != group[giver]
        chance += np.where(rest, 0.2 * liked / liked[rest].sum(), 0.0)
        each = rng.poisson(EACH * math.exp(spread * rng.standard_normal()))
        counts[giver] += rng.multinomial(each if spread else EACH, chance)
    pairs = set()
    while len(pairs) < planted:
        first = int(rng.integers(PEOPLE))
        # Every other pair is of one team, where they are hardest to tell.
        near = group == group[first] if len(pairs) % 2 == 0 else group >= 0
        second = int(rng.choice(near.nonzero()[0]))
        if first != second:
            pairs.add((min(first, second), max(first, second)))
    for first, second in pairs:
        counts[first, second] += extra
        counts[second, first] += extra
    return (list_flows(counts), dict(enumerate(map(str, group)))), pairs


def list_flows(counts):
    ways = np.transpose(counts.nonzero()).tolist()
    return {(giver, receiver): int(counts[giver, receiver]) for giver, receiver in ways}


def named(flows):
    return {(pair.first_id, pair.second_id) for pair in kudos.find_favouring(*flows)}


def test_planted_pairs_are_found_and_hardly_any_other():
    hits = false = total = 0
    for seed in range(20):
        flows, pairs = simulate(seed)
        found = named(flows)
        hits += len(found & pairs)
        false += len(found - pairs)
        total += len(pairs)
    assert hits / total >= 0.95
    assert false <= 1


def test_popular_people_are_not_taken_for_favourites():
    # One of six gives more than 1.6 times the usual, and one is liked that much more.
    false = sum(len(named(simulate(seed, 0, spread=0.5)[0])) for seed in range(10))
    assert false <= 2


def test_one_direction_alone_is_no_pair():
    (given, teams), _pairs = simulate(3, planted=0)
    given[1, 2] = given.get((1, 2), 0) + 30
    given.pop((2, 1), None)
    assert (1, 2) not in named((given, teams))


def test_who_returns_one_of_many_is_no_pair():
    """Together they are beyond chance; who gives one back favours nobody."""
    (given, teams), _pairs = simulate(3, planted=0)
    given[1, 201], given[201, 1] = 30, 1
    assert (1, 201) not in named((given, teams))
    given[201, 1] = 30
    assert (1, 201) in named((given, teams))


@pytest.mark.parametrize("two", [(1, 201), (1, 2)])  # of two teams, and of one
def test_what_passes_between_two_is_not_expected_of_them(two):
    """People who give to nobody else would hide by it."""
    (given, teams), _pairs = simulate(4, planted=0)
    given = {way: count for way, count in given.items() if not {*two} & {*way}}
    expected = []
    for count in (40, 20):
        flows = {**given, two: count, two[::-1]: count}
        found = kudos.find_favouring(flows, teams)
        expected += [pair.expected for pair in found if pair[:2] == two]
    assert expected[0] == pytest.approx(expected[1], rel=0.02)


@pytest.mark.parametrize(
    "rows",
    [
        {},  # nobody gave any
        {(0, 1): 1, (1, 0): 1},  # two people are all there are
    ],
)
def test_little_says_nothing(rows):
    assert not kudos.find_favouring(rows, {0: "", 1: ""})


@pytest.mark.parametrize(
    ("count", "expected"), [(1, 0.5), (3, 0.2), (12, 4.0), (40, 39.0)]
)
def test_tail_is_that_of_the_sum(count, expected):
    below = sum(
        math.exp(-expected) * expected**k / math.factorial(k) for k in range(count)
    )
    tail = kudos._log_tail(np.array([float(count)]), np.array([expected]))
    assert math.exp(tail[0]) == pytest.approx(1 - below, rel=1e-6)
