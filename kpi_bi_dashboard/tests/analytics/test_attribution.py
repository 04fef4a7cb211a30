"""Credit of channels, by published examples and on paths of known effect."""

from collections import defaultdict

import numpy as np
import pytest

from ...analytics.data_models.attribution import (
    MOST_CHANNELS,
    Path,
    attribute,
    markov,
    shapley_values,
)


def test_markov_is_the_published_example():
    paths = [Path(("C1", "C2", "C3"), 1), Path(("C1",), 0), Path(("C2", "C3"), 0)]
    found = markov(paths)
    assert found == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})


def test_shapley_shares_what_both_bring_together():
    worths = {frozenset("A"): 100, frozenset("B"): 50, frozenset("AB"): 300}
    assert shapley_values(["A", "B"], worths) == {"A": 175, "B": 125}


def test_simple_ways():
    credits = attribute([Path(("a", "b", "c"), 10, 10, (14, 7, 0))]).credits
    assert credits["first"] == {"a": 1, "b": 0, "c": 0}
    assert credits["last"] == {"a": 0, "b": 0, "c": 1}
    assert credits["linear"] == pytest.approx(dict.fromkeys("abc", 1 / 3))
    assert credits["position"] == pytest.approx({"a": 0.4, "b": 0.2, "c": 0.4})
    # a half for each week before the end
    assert credits["time_decay"] == pytest.approx({"a": 1 / 7, "b": 2 / 7, "c": 4 / 7})


def test_nobody_bought_and_too_many_channels():
    assert attribute([Path(("a",), 0, 5)]).credits == {}
    assert attribute([]).spread == {}
    many = [Path((f"c{number}",), 1, 2 + number) for number in range(20)]
    found = attribute(many).credits["linear"]
    assert len(found) == MOST_CHANNELS
    assert found["other"] == pytest.approx(9 / 20)
    assert all(
        sum(one.values()) == pytest.approx(1)
        for one in attribute(many).credits.values()
    )


def simulate(kind, seed, count=30000, channels=5):
    """Paths of people whose buying is known to depend on what they met."""
    rng = np.random.default_rng(seed)
    reach = rng.uniform(0.1, 0.6, channels)
    effect = rng.uniform(0, 0.08, channels) * (rng.random(channels) < 0.8)
    intent = rng.random(count)
    drawn = reach * (0.5 + intent[:, None]) if kind == "intent" else reach
    met = rng.random((count, channels)) < drawn
    met[~met.any(axis=1), 0] = True

    def chance(met):
        if kind == "logistic":
            return 1 / (1 + np.exp(3.5 - met @ (15 * effect)))
        both = 0.05 * (met[:, 0] & met[:, 1]) if kind == "synergy" else 0
        wanted = 0.05 * intent if kind == "intent" else 0
        return 0.03 + met @ effect + both + wanted

    bought = rng.random(count) < chance(met)
    true = []
    for channel in range(channels):
        without = met.copy()
        without[:, channel] = False
        true.append((chance(met) - chance(without)).sum())
    counts = defaultdict(lambda: [0, 0])
    for row, success in zip(met, bought, strict=True):
        path = tuple(f"c{one}" for one in rng.permutation(np.flatnonzero(row)))
        counts[path][0] += success
        counts[path][1] += 1
    paths = [Path(path, won, people) for path, (won, people) in counts.items()]
    return paths, {f"c{n}": one / sum(true) for n, one in enumerate(true)}


@pytest.mark.parametrize("kind", ["additive", "logistic", "synergy", "intent"])
def test_the_leading_way_is_nearest_to_known_effects(kind):
    paths, true = simulate(kind, seed=4)
    found = attribute(paths)
    errors = {
        name: sum(abs(credit[channel] - true[channel]) for channel in true)
        for name, credit in found.credits.items()
    }
    if kind != "intent":  # who wants to buy meets more channels: nothing sees that
        assert min(errors, key=errors.get) == "exposure"
    assert errors["exposure"] < 0.5 * errors["markov"]
