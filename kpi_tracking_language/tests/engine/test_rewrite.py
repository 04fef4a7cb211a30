import numpy as np
import pytest

from odoo.addons.kpi_tracking.engine import formula as formulas

from ...engine.rewrite import find_differences, list_rewrites

NAN = float("nan")


def rewrites(text, kind=None, **options):
    found = list_rewrites(formulas.parse(text), **options)
    return [each.text for each in found if kind in (None, each.kind)]


@pytest.mark.parametrize(
    ("text", "shorter"),
    [
        ("won + 0", "won"),
        ("1 * won", "won"),
        ("100 * (won - 0) / lost", "100 * won / lost"),
        ("(won + lost) * 1", "won + lost"),
        ("2 ** (won / 1)", "2 ** won"),
        ("abs((won + lost) + 0)", "abs(won + lost)"),
        ("a - (b - c) * 1", "a - (b - c)"),  # brackets that count stay
        ("max(won, won)", "won"),
        ("if_(won > 1, lost, lost)", "lost"),
        ("won if lost else won", "won"),
        ("won / lost * lost", "won"),
        ("won * lost / lost", "won"),
        ("won / all + lost / all", "(won + lost) / all"),
        ("2 * (won / all - lost / all)", "2 * ((won - lost) / all)"),
    ],
)
def test_a_step_that_changes_nothing_is_left_out(text, shorter):
    assert shorter in rewrites(text, "simple")


@pytest.mark.parametrize("text", ["0 - won", "won - lost / lost", "1 / won", "2 * won"])
def test_what_changes_something_stays(text):
    assert rewrites(text) == []


def test_a_part_that_is_another_kpi_is_named():
    others = {"closed": "won+lost", "whole": "100 * won / (won + lost)"}
    found = rewrites("100 * won / (won + lost)", others=others)
    assert found == ["100 * won / closed", "whole"]


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("avg(a / b, c / d)", "(a + c) / (b + d)"),
        ("(a / b + c / d) / 2", "(a + c) / (b + d)"),
        ("avg(100 * a / b, 100 * (c / d))", "((100 * a) + 100 * c) / (b + d)"),
        ("rolling(a / b, 3)", "rolling(a, 3) / rolling(b, 3)"),
    ],
)
def test_an_average_of_ratios_has_a_ratio_of_totals(text, total):
    assert rewrites(text, "ratio") == [total]


@pytest.mark.parametrize("text", ["(a / b + c / d) / 3", "avg(a, b / c)", "a / b"])
def test_what_is_no_average_of_ratios_has_none(text):
    assert rewrites(text, "ratio") == []


def test_a_second_choice_is_left_out_only_where_it_is_dear():
    assert rewrites("2 * coalesce(a, b)", dear={"b"}) == ["2 * a"]
    assert rewrites("2 * coalesce(a, b)", dear={"a"}) == []


def test_the_same_is_the_same_to_a_billionth_with_the_same_gaps():
    own = np.array([[1e12, 5.0, NAN, 0.0, 3.0]])
    other = np.array([[1e12 + 1, 5.00001, NAN, NAN, 3.0]])
    differs = [False, True, False, True, False]
    assert find_differences(own, other).tolist() == [differs]
