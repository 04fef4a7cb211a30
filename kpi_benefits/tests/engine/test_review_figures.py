import hashlib

import pytest

from ...engine.review_figures import Figure, exact_text, hash_figures, write_large


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1000, "1000.000000"),
        (0.1 + 0.2, "0.300000"),
        (-0.0, "0.000000"),
        (-2.5, "-2.500000"),
        (1e12, "1000000000000.000000"),
        (1234567890.123457, "1234567890.123457"),
        (1e300, f"1{'0' * 300}.000000"),
    ],
)
def test_exact_text(value, text):
    assert exact_text(value) == text


@pytest.mark.parametrize(
    ("value", "point", "text"),
    [
        (1e300, ".", "1 × 10³⁰⁰"),
        (-1.55e16, ",", "-1,55 × 10¹⁶"),
        (1.004e99, ".", "1 × 10⁹⁹"),
        (9.999e20, ".", "1 × 10²¹"),  # rounded up
        (1e100, ".", "1 × 10¹⁰⁰"),
    ],
)
def test_large_numbers_are_written_with_an_exponent(value, point, text):
    assert write_large(value, point) == text


def test_the_order_of_figures_does_not_change_their_hash():
    figures = [("total", "", "npv", "5.000000"), ("cost", "", "actual_cost", "")]
    lines = "cost||actual_cost|\ntotal||npv|5.000000"
    expected = hashlib.sha256(lines.encode()).hexdigest()
    assert hash_figures(figures) == hash_figures(figures[::-1]) == expected


def test_a_figure_is_its_number_or_its_text():
    assert Figure("total", "", "", "npv", 5.0).exact == "5.000000"
    assert Figure("total", "", "", "go_live_date", None, "2026-01-05").exact == (
        "2026-01-05"
    )
    assert Figure("total", "", "", "npv").exact == ""


def test_a_value_of_a_period_names_it():
    last = Figure("kpi", "7", "Hours", "last_value", 14.0, "2026-06-01")
    assert last.exact == "14.000000 2026-06-01"
