from datetime import date

import pytest

from ...engine.question import (
    Span,
    find_named_period,
    find_names,
    not_understood,
    words,
)

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", Span("day", TODAY)),
        ("yesterday", Span("day", date(2026, 11, 19))),
        ("this quarter", Span("quarter", TODAY)),
        ("last week", Span("week", TODAY, back=1)),
        ("2026-03-14", Span("day", date(2026, 3, 14), stop=date(2026, 3, 15))),
        ("14 March 2026", Span("day", date(2026, 3, 14), stop=date(2026, 3, 15))),
        ("March 14, 2026", Span("day", date(2026, 3, 14), stop=date(2026, 3, 15))),
        ("2026-03", Span("month", date(2026, 3, 1), stop=date(2026, 4, 1))),
        ("in December 2025", Span("month", date(2025, 12, 1), stop=date(2026, 1, 1))),
        ("in December", Span("month", date(2025, 12, 1), stop=date(2026, 1, 1))),
        ("in November", Span("month", date(2026, 11, 1), stop=date(2026, 12, 1))),
        ("Q4 2025", Span("quarter", date(2025, 10, 1), stop=date(2026, 1, 1))),
        ("2025 Q1", Span("quarter", date(2025, 1, 1), stop=date(2025, 4, 1))),
        ("2025-W01", Span("week", date(2024, 12, 30), stop=date(2025, 1, 6))),
        ("week 53 2026", Span("week", date(2026, 12, 28), stop=date(2027, 1, 4))),
        ("in 2025", Span("year", date(2025, 1, 1), stop=date(2026, 1, 1))),
        ("12", None),
        ("1066", None),
        ("٢٠٢٥", None),
        ("", None),
    ],
)
def test_periods(text, expected):
    assert find_named_period(words(text), TODAY)[0] == expected


@pytest.mark.parametrize(
    "text", ["2026-02-30", "2026-13", "2025-W53", "31 April 2026", "2026-W00"]
)
def test_days_that_there_are_not(text):
    with pytest.raises(ValueError):
        find_named_period(words(text), TODAY)


NAMES = {
    1: [words("Won revenue"), ("won_revenue",)],
    2: [words("Revenue")],
    3: [words("Cycle time (days)")],
    4: [words("Revenue last month")],
    5: [words("Umsatz äöü")],
    6: [words("Revenue")],
}


@pytest.mark.parametrize(
    ("text", "things", "beside"),
    [
        ("What is the won revenue?", {1}, "what is the …"),
        ("WON REVENUE in 2026", {1}, "… in 2026"),
        ("value of won_revenue", {1}, "value of …"),
        ("revenue today", {2, 6}, "… today"),  # two of one name
        ("revenue last month", {4}, "…"),  # the longest name counts
        ("cycle time days", {3}, "…"),
        ("cycle time", set(), "cycle time"),
        ("umsatz ÄÖÜ", {5}, "…"),
        ("won revenue and cycle time days", {3}, "won revenue and …"),
        ("", set(), ""),
    ],
)
def test_names(text, things, beside):
    assert find_names(NAMES, words(text)) == (things, tuple(beside.split()))


def test_a_name_that_stands_twice_is_taken_once():
    """“Sales for Sales”: the second one is the department."""
    found, beside = find_names({1: [("sales",)]}, words("sales for sales"))
    assert (found, beside) == ({1}, ("…", "for", "sales"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("what is the … for", []),
        ("what drove …", ["drove"]),
        ("is … above 5", ["above", "5"]),
        ("… and … without refunds", ["and", "without", "refunds"]),
    ],
)
def test_words_that_say_more_are_named(text, left):
    assert not_understood(tuple(text.split())) == left
