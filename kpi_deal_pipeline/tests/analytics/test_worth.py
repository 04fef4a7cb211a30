"""The simulated range against every outcome there is."""

import itertools
import math

import numpy as np
import pytest

from ...analytics.worth import CELLS, DRAWS, Worth, simulate_worth


def _rng():
    return np.random.default_rng(20260101)


def _exact(amounts, probabilities):
    """Sum → probability, over all 2ⁿ outcomes."""
    found = {}
    for outcome in itertools.product((0, 1), repeat=len(amounts)):
        chance = math.prod(
            p if won else 1 - p for won, p in zip(outcome, probabilities, strict=True)
        )
        total = float(np.dot(outcome, amounts))
        found[total] = found.get(total, 0.0) + chance
    return found


def test_quantiles_are_those_of_all_outcomes():
    amounts = [1000, 250, 4000, 90, 700, 1800, 333, 2100]
    probabilities = [0.9, 0.5, 0.2, 0.75, 0.4, 0.6, 0.1, 0.35]
    exact = _exact(amounts, probabilities)
    worth = simulate_worth(np.array(amounts), np.array(probabilities), _rng())
    assert worth.expected == pytest.approx(sum(s * p for s, p in exact.items()))
    for share, value in ((0.1, worth.p10), (0.5, worth.p50), (0.9, worth.p90)):
        below = sum(p for total, p in exact.items() if total < value)
        up_to = sum(p for total, p in exact.items() if total <= value)
        # a rank may be off by four times its standard error
        error = 4 * math.sqrt(share * (1 - share) / DRAWS)
        assert below - error <= share <= up_to + error


def test_many_equal_deals_are_binomial():
    deals = 2 * CELLS // DRAWS + 7  # in three parts
    worth = simulate_worth(np.ones(deals), np.full(deals, 0.3), _rng())
    middle, spread = deals * 0.3, math.sqrt(deals * 0.3 * 0.7)
    assert worth.expected == pytest.approx(middle)
    for value, normal in ((worth.p10, -1.2816), (worth.p50, 0), (worth.p90, 1.2816)):
        assert value == pytest.approx(middle + normal * spread, abs=2)


def test_what_is_certain_has_no_range():
    worth = simulate_worth(np.array([10.0, 5.0]), np.array([1.0, 0.0]), _rng())
    assert worth == Worth(10, 10, 10, 10)
    empty = np.array([])
    assert simulate_worth(empty, empty, _rng()) == Worth(0, 0, 0, 0)


def test_the_same_deals_give_the_same_range():
    amounts, chances = np.arange(1.0, 40.0), np.linspace(0.1, 0.9, 39)
    first, second = (simulate_worth(amounts, chances, _rng()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("chances", [[0.5], [0.5, 1.1], [0.5, -0.1], [0.5, np.nan]])
def test_what_is_no_probability_is_refused(chances):
    with pytest.raises(ValueError, match="probabilities"):
        simulate_worth(np.array([1.0, 2.0]), np.array(chances), _rng())
