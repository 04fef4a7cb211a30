"""Parts of a change: against hand calculations, exact fractions and permutations."""

import math
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.kpi_tracking.engine.formula import EvalContext, evaluate, parse

from ...analytics.explain import (
    MOST_INPUTS,
    split_average,
    split_formula,
)
from ...analytics.explain.exact import close_parts, exact_sum

NAN = np.nan

pytestmark = pytest.mark.filterwarnings("error")


def _row(*numbers):
    return np.array([numbers], float)


def _assert_adds_up(parts, change):
    known = [part for part in np.ravel(parts) if not math.isnan(part)]
    # A sum cannot be finer than the last digit of its smallest term.
    digit = min((math.ulp(part) for part in known if part), default=0.0)
    assert abs(math.fsum(known) - change) <= max(1e-9 * abs(change), digit)


@given(st.lists(st.floats(-1e300, 1e300), max_size=40))
def test_a_sum_has_no_rounding_error(numbers):
    total = float(exact_sum(np.array([numbers], float).reshape(1, -1))[0])
    exact = float(sum(map(Fraction, numbers)))
    # Twice the digits of the largest term, then rounded once.
    largest = max(map(abs, numbers), default=0.0)
    assert abs(total - exact) <= abs(exact) * 2**-52 + largest * 2**-98


@pytest.mark.parametrize(
    ("row", "total"),
    [
        ([], 0),
        ([0.1] * 10, 1),  # added one after the other it is 0.9999999999999999
        ([1e17, 1, 3, -1e17], 4),
        ([NAN, 2, NAN], 2),
        ([1e308, 1e308], NAN),
        ([1e-320, 1e-320], 2e-320),
    ],
)
def test_sums_of_awkward_rows(row, total):
    np.testing.assert_equal(exact_sum(np.array([row], float).reshape(1, -1))[0], total)


def test_the_rounding_remainder_goes_where_it_cannot_be_seen():
    parts = _row(0.1, 0.2, 0.0)  # 0.30000000000000004 together
    closed = close_parts(parts, np.array([0.3]))
    assert math.fsum(closed[0]) == 0.3
    np.testing.assert_allclose(closed, parts, rtol=1e-15)
    assert closed[0, 2] == 0  # what did not change still did not


@pytest.mark.parametrize(
    ("before", "after", "weights", "rate", "mix"),
    [
        # Shares ½ and ½ become ¾ and ¼, the values stay 10 and 20, the level falls
        # from 15 to 12.5: mix ¼·(10 − 13.75) and −¼·(20 − 13.75)
        ([10, 20], [10, 20], ([1, 1], [3, 1]), [0, 0], [-0.9375, -1.5625]),
        # nothing but the value of one part of half the weight
        ([10, 20], [14, 20], ([2, 2], [5, 5]), [2, 0], [0, 0]),
        # the second part is new: level from 10 to 14, its own value 18, mean level 12
        ([10, NAN], [10, 18], ([4, 0], [4, 4]), [0, 0], [1, 3]),
        ([10, 99], [10, 18], ([4, 0], [4, 4]), [0, 0], [1, 3]),
        # it went again
        ([10, 18], [10, NAN], ([4, 4], [4, 0]), [0, 0], [-1, -3]),
        # one part has no mix
        ([5], [8], ([3], [9]), [3], [0]),
        ([5, NAN], [8, NAN], ([3, 7], [9, NAN]), [3, 0], [0, 0]),
    ],
)
def test_averages_by_rate_and_mix(before, after, weights, rate, mix):
    split = split_average(
        _row(*before), _row(*after), *(_row(*side) for side in weights)
    )
    np.testing.assert_allclose(split.rate[0], rate, atol=1e-12)
    np.testing.assert_allclose(split.mix[0], mix, atol=1e-12)
    _assert_adds_up([split.rate, split.mix], split.change[0])


@pytest.mark.parametrize(
    ("values", "weights"),
    [
        ([NAN, NAN], [1, 1]),
        ([1, 2], [0, 0]),
        ([1, 2], [3, -1]),  # a credit note is no weight
        ([1, 2], [NAN, NAN]),
        ([1, 2], [np.inf, 1]),
        ([], []),
        ([1.7e308, -1.7e308], [1, 0]),  # from −1.7e308 to 1.7e308 is too far
    ],
)
def test_a_side_without_an_average_has_no_change(values, weights):
    other = _row(*(-1.7e308 for _value in values))
    split = split_average(other, _row(*values), np.ones_like(other), _row(*weights))
    assert np.isnan([split.change[0], *split.rate[0], *split.mix[0]]).all()


def _bennet(before, after):
    """Rate and mix of each part, by fractions; parts are (value, weight)."""
    totals = [sum(Fraction(weight) for _, weight in side) for side in (before, after)]
    levels = [
        sum(Fraction(value) * Fraction(weight) for value, weight in side) / total
        for side, total in zip((before, after), totals, strict=True)
    ]
    level = sum(levels) / 2
    for (r0, w0), (r1, w1) in zip(before, after, strict=True):
        s0, s1 = Fraction(w0) / totals[0], Fraction(w1) / totals[1]
        r0 = Fraction(r0 if w0 else r1)
        r1 = Fraction(r1) if w1 else r0
        yield (s0 + s1) / 2 * (r1 - r0), (s1 - s0) * ((r0 + r1) / 2 - level)


WEIGHTED = st.tuples(
    st.floats(-1e6, 1e6), st.one_of(st.just(0.0), st.floats(0.001, 1e6))
)


@given(st.lists(st.tuples(WEIGHTED, WEIGHTED), min_size=1, max_size=12))
def test_averages_are_those_of_exact_fractions(rows):
    before, after = zip(*rows, strict=True)
    split = split_average(
        *(_row(*(part[0] for part in side)) for side in (before, after)),
        *(_row(*(part[1] for part in side)) for side in (before, after)),
    )
    if not any(part[1] for part in before) or not any(part[1] for part in after):
        assert np.isnan(split.change[0])
        return
    expected = np.array([[float(x) for x in part] for part in _bennet(before, after)])
    # Below the smallest normal number floats have no digits to compare.
    size = max(abs(part[0]) for part in before + after)
    tiny = np.finfo(float).tiny
    np.testing.assert_allclose(split.rate[0], expected[:, 0], atol=1e-12 * size + tiny)
    np.testing.assert_allclose(split.mix[0], expected[:, 1], atol=1e-12 * size + tiny)
    _assert_adds_up([*split.rate[0], *split.mix[0]], split.change[0])
    change = float(sum(map(sum, _bennet(before, after))))
    assert split.change[0] == pytest.approx(change, rel=1e-12, abs=1e-14 * size + tiny)


@pytest.mark.parametrize("scale", [1e-300, 1e-3, 1e3, 1e150, 1e300])
def test_the_unit_makes_no_difference(scale):
    sides = _row(3, 5, 9), _row(4, 5, 2), _row(1, 2, 3), _row(3, 2, 1)
    plain = split_average(*sides)
    values = split_average(sides[0] * scale, sides[1] * scale, *sides[2:])
    np.testing.assert_allclose(values.mix / scale, plain.mix, atol=1e-13)
    weights = split_average(*sides[:2], sides[2] * scale, sides[3] * scale)
    np.testing.assert_allclose(weights.rate, plain.rate, atol=1e-13)


def _of(text):
    """A formula of a, b, … as a function of states, by the suite's evaluator."""
    formula = parse(text)

    def evaluate_states(states):
        context = EvalContext(len(states), np.array([30.0]), np.array([0]))
        inputs = {
            code: np.ascontiguousarray(states[:, ["abcd".index(code)]])
            for code in formula.codes
        }
        return evaluate(formula, inputs, context).values[:, 0]

    return evaluate_states


@pytest.mark.parametrize(
    ("text", "before", "after", "parts"),
    [
        ("a - b", [10, 4], [15, 6], [5, -2]),
        ("a * b", [2, 3], [4, 5], [(2 * 3 + 2 * 5) / 2, (2 * 2 + 4 * 2) / 2]),
        # 100/50 = 2 becomes 120/40 = 3: a first 0.4, last 0.5; b first 0.5, last 0.6
        ("a / b", [100, 50], [120, 40], [0.45, 0.55]),
        ("a", [1, 7], [4, 9], [3, 0]),
        ("a * b * c", [1, 1, 5], [1, 1, 8], [0, 0, 3]),
    ],
)
def test_formulas_by_input(text, before, after, parts):
    split = split_formula(_row(*before), _row(*after), _of(text))
    assert split.is_split[0]
    np.testing.assert_allclose(split.parts[0], parts, rtol=1e-14, atol=1e-14)
    _assert_adds_up(split.parts[0], split.change[0])


def test_what_passes_a_state_without_value_is_not_split():
    # 100/60 to 40/30; on the way 40/(40 − 40)
    split = split_formula(_row(100, 40), _row(40, 10), _of("a / (a - b)"))
    assert not split.is_split[0]
    assert split.change[0] == pytest.approx(40 / 30 - 100 / 60)
    assert np.isnan(split.parts).all()


@pytest.mark.parametrize(
    ("before", "after"), [([NAN, 4], [40, 10]), ([1, 0], [4, 2]), ([1, 2], [NAN, NAN])]
)
def test_an_end_without_value_has_no_change(before, after):
    split = split_formula(_row(*before), _row(*after), _of("a / b"))
    assert np.isnan(split.change[0])
    assert not split.is_split[0]


def _shapley(before, after, function):
    """Mean over all orders of what each input changes when its turn comes."""
    parts = [0.0] * len(before)
    orders = list(permutations(range(len(before))))
    for order in orders:
        state = list(before)
        for place in order:
            value = function(state)
            state[place] = after[place]
            parts[place] += (function(state) - value) / len(orders)
    return parts


SMALL = st.floats(0.5, 2)


@given(st.lists(st.tuples(SMALL, SMALL), min_size=4, max_size=4))
def test_parts_are_the_mean_over_all_orders(ends):
    before, after = zip(*ends, strict=True)
    text = "a * b / (c + d) - max(a, d) * c"
    evaluate = _of(text)
    split = split_formula(_row(*before), _row(*after), evaluate)
    expected = _shapley(
        before,
        after,
        lambda s: s[0] * s[1] / (s[2] + s[3]) - max(s[0], s[3]) * s[2],
    )
    np.testing.assert_allclose(split.parts[0], expected, atol=1e-12)
    _assert_adds_up(split.parts[0], split.change[0])


def test_all_states_of_all_series_are_evaluated_at_once():
    calls = []

    def evaluate(states):
        calls.append(states.shape)
        return states.prod(axis=1)

    rng = np.random.default_rng(5)
    before, after = rng.uniform(1, 2, (2, 7, MOST_INPUTS))
    split = split_formula(before, after, evaluate)
    assert calls == [(7 * 2**MOST_INPUTS, MOST_INPUTS)]
    for parts, change in zip(split.parts, split.change, strict=True):
        _assert_adds_up(parts, change)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: split_average(*[_row(1)] * 3, _row(1, 2)), "same shape"),
        (lambda: split_formula(_row(1), _row(1, 2), np.sum), "same inputs"),
        (lambda: split_formula(np.ones((1, 11)), np.ones((1, 11)), np.sum), "at most"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
