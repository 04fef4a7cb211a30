"""Parts of formulas as people write them: by hand, and by permutations in Python."""

from itertools import permutations

import numpy as np
import pytest

from odoo.addons.kpi_tracking.engine.formula import parse

from ...analytics.explain import MOST_INPUTS, list_inputs, split_by_inputs

TEXT = "if_(won > prev(won), won * rate, won) - rolling(lost, 3) + target(won) / 2"
INPUTS = ["won", "prev(won)", "rate", "rolling(lost, 3)", "target(won)"]


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        (TEXT, INPUTS),
        ("won", ["won"]),
        ("100 * won / (won + lost)", ["won", "lost"]),
        # a name that begins like another one; a function of a formula
        ("ab + a + prev(a + ab, 2)", ["ab", "a", "prev(a + ab, 2)"]),
        ("ytd( won )\n - baseline(won)", ["ytd( won )", "baseline(won)"]),
        ("days_in_period() * i1 + i0", ["days_in_period()", "i1", "i0"]),
        ("2 * 3", []),
    ],
)
def test_what_a_formula_takes_in(text, inputs):
    formula = parse(text)
    assert list_inputs(formula) == inputs
    ones = dict.fromkeys(inputs, 1.0)
    split = split_by_inputs(formula, ones, ones)
    assert split.is_split[0]
    assert (split.parts == 0).all()


def _value(won, before, rate, lost, target):
    return (won * rate if won > before else won) - lost + target / 2


@pytest.mark.parametrize("seed", range(20))
def test_parts_are_the_mean_over_all_orders(seed):
    rng = np.random.default_rng(seed)
    before, after = rng.integers(-9, 10, (2, len(INPUTS))).tolist()
    parts = np.zeros(len(INPUTS))
    orders = list(permutations(range(len(INPUTS))))
    for order in orders:
        state = list(before)
        for place in order:
            value = _value(*state)
            state[place] = after[place]
            parts[place] += _value(*state) - value
    split = split_by_inputs(
        parse(TEXT),
        dict(zip(INPUTS, before, strict=True)),
        dict(zip(INPUTS, after, strict=True)),
    )
    np.testing.assert_allclose(split.parts[0], parts / len(orders), atol=1e-9)
    assert split.change[0] == _value(*after) - _value(*before)


def test_an_input_without_value_may_be_replaced():
    formula = parse("coalesce(won, 0) + lost")
    split = split_by_inputs(
        formula, {"won": None, "lost": 1.0}, {"won": 4.0, "lost": 3.0}
    )
    np.testing.assert_array_equal(split.parts[0], [4, 2])


def test_more_inputs_than_can_be_split():
    codes = [f"k{place}" for place in range(MOST_INPUTS + 1)]
    ones = dict.fromkeys(codes, 1.0)
    with pytest.raises(ValueError, match="at most"):
        split_by_inputs(parse(" + ".join(codes)), ones, ones)
