import numpy as np
import pytest

from ...engine import rings
from .test_kudos import list_flows

PEOPLE, EACH = 500, 24


def simulate(seed, size=0, extra=9, is_mutual=False, sizes=(10, 11), is_of_team=False):
    """A company and the ring that was planted in it.

    :param size: people of the ring; each gives ``extra`` to the next one, or to all
    :param sizes: of teams: at least, and less than
    :param is_of_team: all of the ring are of one team
    """
    rng = np.random.default_rng(seed)
    drawn = rng.integers(*sizes, size=PEOPLE)
    group = np.repeat(np.arange(PEOPLE), drawn)[:PEOPLE]
    counts = np.zeros((PEOPLE, PEOPLE), int)
    for giver in range(PEOPLE):
        own = (group == group[giver]) & (np.arange(PEOPLE) != giver)
        chance = np.where(own, 0.8 / max(own.sum(), 1), 0.0)
        rest = group != group[giver]
        chance += np.where(rest, 0.2 / rest.sum(), 0.0)
        counts[giver] = rng.multinomial(EACH, chance / chance.sum())
    near = (group == group[int(rng.integers(PEOPLE))]).nonzero()[0]
    ring = rng.choice(near if is_of_team else PEOPLE, size, replace=False)
    for giver, after in zip(ring, np.roll(ring, -1), strict=True):
        counts[giver, ring if is_mutual else [after]] += extra
    np.fill_diagonal(counts, 0)
    flows = (list_flows(counts), dict(enumerate(map(str, group))))
    return flows, {tuple(sorted(ring.tolist()))} if size else set()


def named(flows):
    return {ring.ids for ring in rings.find_rings(*flows)}


@pytest.mark.parametrize("size", [3, 4])
@pytest.mark.parametrize(
    "how", [{}, {"is_mutual": True, "is_of_team": True}, {"sizes": (3, 9)}]
)
def test_planted_rings_are_found(size, how):
    hits = false = 0
    for seed in range(10):
        flows, planted = simulate(seed, size, **how)
        found = named(flows)
        hits += planted <= found
        false += len(found - planted)
    assert hits >= 9
    assert not false


def test_honest_teams_of_three_to_eight_are_no_rings():
    for seed in range(1000, 1025):  # others than those it was made by
        flows, _none = simulate(seed, sizes=(3, 9))
        assert not rings.find_rings(*flows)
        assert not rings.find_patrons(*flows)


def test_a_patron_is_no_ring_and_who_gives_back_is_none():
    (given, teams), _none = simulate(3)
    given[1, 202] = 30
    given.pop((202, 1), None)
    (found,) = rings.find_patrons(given, teams)
    assert (found.ids, found.given) == ((1, 202), 30)
    assert not rings.find_rings(given, teams)
    given[202, 1] = 30
    assert not rings.find_patrons(given, teams)


def test_a_ring_says_how_much_was_given_and_expected():
    (given, teams), planted = simulate(5, 3)
    (ring,) = rings.find_rings(given, teams)
    assert ring.ids in planted
    assert ring.given >= 27
    assert 0 < ring.expected < 1


@pytest.mark.parametrize("kudos", [{}, {(0, 1): 9, (1, 2): 9, (2, 0): 9}])
def test_little_says_nothing(kudos):
    teams = dict.fromkeys(range(3), "")
    assert not rings.find_patrons(kudos, teams)
    assert not rings.find_rings(kudos, teams)
