"""Which formulas add up over time."""

import random

import numpy as np
import pytest

from ...engine.formula import (
    EvalContext,
    FormulaError,
    evaluate,
    is_additive,
    is_comparable_so_far,
    parse,
)
from . import test_formula_oracle as oracle

ADDITIVE = {"a", "b", "c", "d"}


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a + b",
        "a + b - c",
        "-a",
        "+a",
        "2 * a + b * 3 / 4",
        "(a - b) * (1 + 0.2)",
        "a / 1.2",
        "sum(a, b, c)",
        "sum(a, 2 * b)",
        "a - coalesce(b, 0)",
        "a + 0",
        "a + (2 - 2)",
    ],
)
def test_sums_and_multiples_add_up(text):
    assert is_additive(parse(text), ADDITIVE)


@pytest.mark.parametrize(
    "text",
    [
        "7",
        "0",
        "a + 1",
        "2 - a",
        "1 - a / b",
        "100 * a / b",
        "a * b",
        "2 / a",
        "a // 2",
        "a % 2",
        "a ** 2",
        "abs(a)",
        "round(a)",
        "min(a, b)",
        "max(a, 0)",
        "avg(a, b)",
        "if_(a > 0, a, 0)",
        "a if a > b else b",
        "(a > b) + a",
        "coalesce(a, 1)",
        "coalesce(a, b)",
        "prev(a)",
        "a - prev(a)",
        "rolling(a, 3)",
        "ytd(a)",
        "a - target(a)",
        "a - baseline(a)",
        "a / days_in_period()",
        "a + days_in_period()",
        "target(a)",
        "a + average",
        "2 * average",
    ],
)
def test_others_do_not(text):
    assert not is_additive(parse(text), ADDITIVE)


def test_a_running_period_is_not_compared_by_what_is_of_whole_ones():
    for text in ("a / b", "100 * a", "max(a, b)", "a + 1", "average"):
        assert is_comparable_so_far(parse(text)), text
    for text in (
        "a / prev(a)",
        "a / target(a)",
        "rolling(a, 3)",
        "a / days_in_period()",
    ):
        assert not is_comparable_so_far(parse(text)), text


def test_one_part_that_does_not_add_up_is_enough():
    formula = parse("a + b")
    assert is_additive(formula, {"a", "b"})
    assert not is_additive(formula, {"a"})


def test_what_adds_up_gives_the_same_of_totals_as_in_total():
    rng = random.Random(7)
    values = np.random.default_rng(7)
    first, second = (
        {code: values.uniform(-100, 100, (3, 12)) for code in oracle.CODES}
        for _ in range(2)
    )
    both = {code: first[code] + second[code] for code in oracle.CODES}
    context = EvalContext(3, np.array(oracle.DAYS), np.array(oracle.YEARS))
    found = 0
    for _ in range(4000):
        text = linear(rng, 4) if rng.random() < 0.3 else oracle.number(rng, 3)[0]
        try:
            formula = parse(text)
        except FormulaError:
            continue
        if not is_additive(formula, ADDITIVE):
            continue
        found += 1
        parts = [evaluate(formula, each, context).values for each in (first, second)]
        total = evaluate(formula, both, context).values
        np.testing.assert_allclose(sum(parts), total, rtol=1e-9, atol=1e-6)
    assert found > 1000


def linear(rng, depth):
    """Text of a random formula that adds up."""
    if depth == 0:
        return rng.choice(oracle.CODES)
    text, number = linear(rng, depth - 1), rng.choice([0.5, 2, 3])
    other = linear(rng, rng.randrange(depth))
    return rng.choice(
        [
            f"({text} + {other})",
            f"({text} - {other})",
            f"(-{text})",
            f"({number} * {text})",
            f"({text} / {number})",
            f"sum({text}, {other})",
            f"coalesce({text}, 0)",
        ]
    )


def test_every_formula_made_so_adds_up():
    rng = random.Random(8)
    for _ in range(500):
        text = linear(rng, 4)
        assert is_additive(parse(text), ADDITIVE), text
