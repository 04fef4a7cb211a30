"""What formulas give, above all where data is missing."""

import numpy as np
import pytest

from ...engine.formula import EvalContext, evaluate, explain, parse

NAN = np.nan
# six months; the fiscal year begins with the fourth
INPUTS = {
    "a": [1, 2, NAN, 4, 5, 6],
    "b": [2, 0, 3, NAN, 5, -4],
    "none": [NAN] * 6,
}
DAYS = np.array([31.0, 28, 31, 30, 31, 30])
YEARS = np.array([2024, 2024, 2024, 2025, 2025, 2025])
TARGETS = {"a": [10, 10, 10, 20, 20, NAN]}

CASES = [
    # text, expected for each month
    ("a", [1, 2, NAN, 4, 5, 6]),
    ("7", [7] * 6),
    ("a + b", [3, 2, NAN, NAN, 10, 2]),  # a gap is not a zero
    ("a - b * 2", [-3, 2, NAN, NAN, -5, 14]),
    ("2 - a", [1, 0, NAN, -2, -3, -4]),
    ("a / b", [0.5, NAN, NAN, NAN, 1, -1.5]),  # 2 / 0 is no value
    ("1 / (1 / b)", [2, NAN, 3, NAN, 5, -4]),  # not 0, though 1 / inf would be
    ("a // b", [0, NAN, NAN, NAN, 1, -2]),
    ("a % b", [1, NAN, NAN, NAN, 0, -2]),  # 6 = -2 * -4 - 2
    ("-a", [-1, -2, NAN, -4, -5, -6]),
    ("b ** 2", [4, 0, 9, NAN, 25, 16]),
    ("b ** 0", [1, 1, 1, NAN, 1, 1]),  # a missing value to any power is missing
    ("1 ** b", [1, 1, 1, NAN, 1, 1]),
    ("b ** -1", [0.5, NAN, 1 / 3, NAN, 0.2, -0.25]),
    ("b ** 0.5", [2**0.5, 0, 3**0.5, NAN, 5**0.5, NAN]),
    ("1e308 * a", [1e308, NAN, NAN, NAN, NAN, NAN]),  # doubles end at 1.8e308
    ("a > b", [0, 1, NAN, NAN, 0, 1]),
    ("a >= b", [0, 1, NAN, NAN, 1, 1]),
    ("a < b", [1, 0, NAN, NAN, 0, 0]),
    ("a <= b", [1, 0, NAN, NAN, 1, 0]),
    ("a == 5", [0, 0, NAN, 0, 1, 0]),
    ("a != 5", [1, 1, NAN, 1, 0, 1]),
    ("1 < a < 5", [0, 1, NAN, 1, 0, 0]),
    ("a > 1 and b > 0", [0, 0, NAN, NAN, 1, 0]),  # unknown and true is unknown
    ("a > 9 and b > 0", [0, 0, NAN, 0, 0, 0]),  # false decides
    ("a > 1 or b > 0", [1, 1, 1, 1, 1, 1]),  # true decides
    ("a > 9 or b > 9", [0, 0, NAN, NAN, 0, 0]),
    ("not a > 2", [1, 1, NAN, 0, 0, 0]),
    ("not b", [0, 1, 0, NAN, 0, 0]),
    ("(a > 1) + 1", [1, 2, NAN, 2, 2, 2]),
    ("if_(b == 0, 0, a / b)", [0.5, 0, NAN, NAN, 1, -1.5]),
    ("if_(a > 1, none, 3)", [3, NAN, NAN, NAN, NAN, NAN]),
    ("b if a > 1 else 3", [3, 0, NAN, NAN, 5, -4]),
    ("if_(1 < 2, a, b)", [1, 2, NAN, 4, 5, 6]),
    ("coalesce(a, b, 0)", [1, 2, 3, 4, 5, 6]),
    ("coalesce(none, b)", [2, 0, 3, NAN, 5, -4]),
    ("abs(b)", [2, 0, 3, NAN, 5, 4]),
    ("min(a, b)", [1, 0, 3, 4, 5, -4]),
    ("max(a, b, 3)", [3, 3, 3, 4, 5, 6]),
    ("max(none, none)", [NAN] * 6),
    ("sum(a, b)", [3, 2, 3, 4, 10, 2]),
    ("sum(none, none)", [NAN] * 6),  # no data is not 0
    ("avg(a, b)", [1.5, 1, 3, 4, 5, 1]),
    ("round(a / 4, 1)", [0.3, 0.5, NAN, 1, 1.3, 1.5]),  # 0.25 and 1.25 away from 0
    ("round(b / 8)", [0, 0, 0, NAN, 1, -1]),  # -0.5 away from 0
    ("round(b / 0.03, -1)", [70, 0, 100, NAN, 170, -130]),
    ("round(a * 1e300, 9)", [1e300, 2e300, NAN, 4e300, 5e300, 6e300]),
    ("prev(a)", [NAN, 1, 2, NAN, 4, 5]),
    ("prev(a, 2)", [NAN, NAN, 1, 2, NAN, 4]),
    ("prev(a, 6)", [NAN] * 6),
    ("prev(a, 300)", [NAN] * 6),
    ("prev(prev(a), 2)", [NAN, NAN, NAN, 1, 2, NAN]),
    ("rolling(a, 1)", [1, 2, NAN, 4, 5, 6]),
    ("rolling(a, 2)", [1, 1.5, 2, 4, 4.5, 5.5]),
    ("rolling(a, 3)", [1, 1.5, 1.5, 3, 4.5, 5]),
    ("rolling(a, 5)", [1, 1.5, 1.5, 7 / 3, 3, 17 / 4]),
    ("rolling(a, 300)", [1, 1.5, 1.5, 7 / 3, 3, 3.6]),
    ("rolling(none, 3)", [NAN] * 6),
    ("ytd(a)", [1, 3, 3, 4, 9, 15]),  # the year begins again in the fourth month
    ("ytd(b)", [2, 2, 5, NAN, 5, 1]),  # nothing known yet in the fourth
    ("ytd(prev(a))", [NAN, 1, 3, NAN, 4, 9]),
    ("prev(ytd(a))", [NAN, 1, 3, 3, 4, 9]),
    ("a / target(a)", [0.1, 0.2, NAN, 0.2, 0.25, NAN]),
    ("baseline(a)", [NAN] * 6),
    ("a / days_in_period() * 31", [1, 2 / 28 * 31, NAN, 4 / 30 * 31, 5, 6 / 30 * 31]),
    ("days_in_period", [31, 28, 31, 30, 31, 30]),
]


def context(scopes=1):
    return EvalContext(
        scopes,
        DAYS,
        YEARS,
        targets={code: np.array([row] * scopes) for code, row in TARGETS.items()},
    )


def inputs(scopes=1):
    return {code: np.array([row] * scopes, float) for code, row in INPUTS.items()}


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_formula_gives(text, expected):
    values = evaluate(parse(text), inputs(), context()).values
    np.testing.assert_allclose(values, [expected], rtol=1e-14)


def test_inputs_and_targets_stay_as_they_were():
    given, where = inputs(2), context(scopes=2)
    targets = where.targets["a"].copy()
    for text, _ in CASES:
        result = evaluate(parse(text), given, where)
        result.values[:] = 99  # the result belongs to the caller
    for code, array in inputs(2).items():
        np.testing.assert_array_equal(given[code], array)
    np.testing.assert_array_equal(where.targets["a"], targets)
    np.testing.assert_array_equal(where.days, [DAYS, DAYS])


def test_formulas_over_several_scopes_give_what_each_gives_alone():
    for text, expected in CASES:
        result = evaluate(parse(text), inputs(3), context(scopes=3))
        assert result.values.shape == (3, 6), text
        np.testing.assert_allclose(result.values[2], expected, rtol=1e-14)


def test_small_values_survive_beside_large_ones_in_a_rolling_mean():
    # a difference of running totals would give 0
    values = {"x": np.array([[1e17, 1, 1, 1, 1, 1]])}
    result = evaluate(parse("rolling(x, 3)"), values, context())
    np.testing.assert_array_equal(result.values[0, 3:], [1, 1, 1])


REASONS = [
    # text, month, reason
    ("a + b", 2, "a has no value."),
    ("b + a", 3, "b has no value."),
    ("a / b", 1, "No value: b is 0."),
    ("100 * a / (b - b)", 0, "No value: b - b is 0."),
    ("a % b", 1, "No value: b is 0."),
    ("b ** -1", 1, "No value: b is 0."),
    ("b ** 0.5", 5, "b is negative and needs an integer exponent."),
    ("a * 1e308", 1, "a * 1e308 is too large."),
    ("prev(a)", 0, "prev(a) has no earlier period."),
    ("prev(a)", 3, "a has no value."),
    ("prev(1 / b)", 2, "No value: b is 0."),
    ("target(a)", 5, "a has no target."),
    ("baseline(b)", 0, "b has no baseline."),
    ("if_(a > 1, none, b)", 1, "none has no value."),
    ("if_(a > 1, b, none)", 0, "none has no value."),
    ("if_(a > 1, b, none)", 2, "a has no value."),
    ("if_(a > 1, none, baseline(b))", 0, "b has no baseline."),  # the branch taken
    ("a > 0 and b > 0", 3, "b has no value."),
    ("sum(none, 1 / b)", 1, "none has no value."),
    ("rolling(none, 2)", 4, "none has no value."),
    ("ytd(b)", 3, "b has no value."),
    ("1 + \n\t (a\n/ b)", 1, "No value: b is 0."),
]


@pytest.mark.parametrize(("text", "month", "reason"), REASONS)
def test_missing_result_says_why(text, month, reason):
    result = evaluate(parse(text), inputs(), context())
    assert str(result.reasons.at(0, month)) == reason


@pytest.mark.parametrize(("text", "_expected"), CASES, ids=[case[0] for case in CASES])
def test_reason_is_given_exactly_where_the_value_is_missing(text, _expected):
    result = evaluate(parse(text), inputs(), context())
    np.testing.assert_array_equal(result.reasons.codes > 0, np.isnan(result.values))
    used = set(result.reasons.codes.ravel().tolist()) - {0}
    assert used == set(range(1, len(result.reasons.kinds) + 1))


def test_explanation_lists_the_parts_with_their_values():
    formula = parse("100 * a / (a + b) - prev(a)")
    parts = explain(formula, inputs(), context(), period=1)
    assert parts == [
        ("a", 2),
        ("100 * a", 200),
        ("b", 0),
        ("a + b", 2),
        ("100 * a / (a + b)", 100),
        ("prev(a)", 1),
        ("100 * a / (a + b) - prev(a)", 99),
    ]


def test_explanation_is_of_the_last_period_unless_another_is_named():
    assert explain(parse("a + 1"), inputs(), context()) == [("a", 6), ("a + 1", 7)]


def test_explanation_shows_what_is_missing():
    parts = explain(parse("if_(a > 1, b, 0)"), inputs(), context(), period=3)
    assert parts == [("a", 4), ("a > 1", 1), ("b", None), ("if_(a > 1, b, 0)", None)]


def test_explanation_of_a_number_is_the_number():
    assert explain(parse("2 * 3"), {}, context()) == [("2 * 3", 6)]


def test_lacking_or_misshapen_input_is_refused():
    with pytest.raises(ValueError, match="values of b are lacking"):
        evaluate(parse("a + b"), {"a": np.ones((1, 6))}, context())
    with pytest.raises(ValueError, match=r"a have the shape \(1, 5\)"):
        evaluate(parse("a + 1"), {"a": np.ones((1, 5))}, context())


def test_whole_numbers_are_taken_as_numbers():
    result = evaluate(parse("a / 4"), {"a": np.arange(6).reshape(1, 6)}, context())
    np.testing.assert_array_equal(result.values, [[0, 0.25, 0.5, 0.75, 1, 1.25]])


@pytest.mark.parametrize(("days", "years"), [([30, 30], [1]), ([30, 30], [2, 1])])
def test_context_that_cannot_be_is_refused(days, years):
    with pytest.raises(ValueError):
        EvalContext(1, np.array(days), np.array(years))
