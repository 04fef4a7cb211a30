"""Credit of channels, by published examples and on paths of known effect."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ...analytics.data_models.attribution import (
    METHODS,
    MOST_CHANNELS,
    Path,
    attribute,
    is_exposure_identified,
    markov,
)


def test_markov_is_the_published_example():
    paths = [Path(("C1", "C2", "C3"), 1), Path(("C1",), 0), Path(("C2", "C3"), 0)]
    found = markov(paths)
    assert found == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})


@st.composite
def single_paths(draw):
    """Ways that have one channel each, met once or several times."""
    names = [f"c{number}" for number in range(draw(st.integers(1, 8)))]
    paths = []
    for name in names:
        people = draw(st.integers(1, 500))
        won = draw(st.integers(0, people))
        times = draw(st.integers(1, 3))
        ages = tuple(float(age) for age in range(times))[::-1]
        paths.append(Path((name,) * times, won, people, ages))
    return paths


@given(single_paths())
def test_single_touches_have_the_direct_count_by_every_method(paths):
    total = sum(path.successes for path in paths)
    found = attribute(paths)
    if not total:
        assert not found.credits
        return
    count = defaultdict(float)
    for path in paths:
        count[path.channels[0]] += path.successes / total
    assert found.lead == "last"
    assert found.unidentified == ("exposure",)
    assert {*found.credits} == {*METHODS} - {"exposure"}
    for credit in found.credits.values():
        assert credit == pytest.approx(dict(count))


def test_few_who_met_several_channels_do_not_tell_effects_apart():
    def paths(both):
        ways = [Path(("a",), 300, 1000), Path(("b",), 10, 1000)]
        return [*ways, Path(("a", "b"), both // 4, both)]

    assert not is_exposure_identified(paths(4))
    assert is_exposure_identified(paths(1000))
    assert attribute(paths(4)).lead == "last"
    assert attribute(paths(1000)).lead == "last"
    found = attribute(paths(5000))
    assert (found.lead, found.unidentified) == ("markov", ())
    assert found.single_share == pytest.approx(2 / 7)
    # two channels that are always met together
    same = [
        Path(("a", "b"), 5, 100),
        Path(("c", "a", "b"), 9, 100),
        Path(("c",), 1, 50),
    ]
    assert not is_exposure_identified(same)


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
def test_exposure_is_nearest_to_known_effects_where_it_is_identified(kind):
    paths, true = simulate(kind, seed=4)
    found = attribute(paths)
    assert (found.lead, found.unidentified) == ("markov", ())
    errors = {
        name: sum(abs(credit[channel] - true[channel]) for channel in true)
        for name, credit in found.credits.items()
    }
    if kind != "intent":  # who wants to buy meets more channels: nothing sees that
        assert min(errors, key=errors.get) == "exposure"
    assert errors["exposure"] < 0.5 * errors["markov"]
