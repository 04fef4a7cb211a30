"""Questions that are offered in the place of one that was not understood."""

import pytest

from ...engine.catalogue import Catalogue, Metric
from ...engine.offers import MAX_OFFERS, find_offers, mark_struck
from ...engine.reading import read
from .questions_case import TODAY, load_catalogue

CATALOGUE = load_catalogue()


def offer(text, names=None):
    def ask(question):
        return read(question, CATALOGUE, TODAY)

    refused = ask(text)
    assert refused.kind == "clarify"
    found = find_offers(text, refused, CATALOGUE, names or {}, ask)
    assert all(ask(one.question).kind != "clarify" for one in found)
    assert len(found) <= MAX_OFFERS
    return [one.question for one in found]


def test_the_likeliest_correction_comes_first():
    assert offer("Umsats im Februar")[0] == "umsatz im Februar"


def test_the_unknown_word_can_be_left_out():
    text = "red flurb KPIs of sales"
    assert offer(text) == ["red KPIs of sales"]
    parts = [("red ", False), ("flurb", True), (" KPIs of sales", False)]
    assert mark_struck(text, ("flurb",)) == parts


def test_names_that_hold_the_word_are_offered():
    names = {"flurb": ["Win Rate", "Customer Churn Rate", "Scrap Rate", "SLA"]}
    found = offer("flurb last month", names)
    assert found[0] == "Win Rate last month"
    assert len(found) == MAX_OFFERS


@pytest.mark.parametrize(
    "text",
    [
        "which KPIs are not flurbed",
        "revenue except flurbs",
        "revenue for 17 flurbs",
        "revenue flurbs17",
        "alert me when flurbs revenue is below 5",
        "email me flurbs revenue every monday",
        "stop flurb alerts about churn",
        "delete all KPIs",
    ],
)
def test_nothing_that_decides_and_no_action_is_offered(text):
    for question in offer(text):
        kept = text.split()
        kept.remove(next(word for word in kept if word.startswith("flurb")))
        assert question.split() == kept
        assert read(question, CATALOGUE, TODAY).kind == "value"


@pytest.mark.parametrize(
    "text", ["flurbs " * 70, "(.*) [ \\ flurb)(", "revenue flurb flurb", "flurb" * 100]
)
def test_odd_questions_are_offered_something_or_nothing(text):
    offer(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("compare churn", "no_comparison"),
        ("notify me about churn", "no_limit"),
        ("top 3", "no_group"),
    ],
)
def test_the_missing_part_is_named(text, reason):
    assert read(text, CATALOGUE, TODAY).reason == reason


def test_of_names_that_differ_in_case_the_one_that_is_spelled_so_is_meant():
    catalogue = Catalogue(
        (Metric("csat", ("CSAT",)),), departments={"1": ("Ops",), "2": ("OPS",)}
    )
    assert read("csat of OPS", catalogue, TODAY).scope.ids == ("2",)
    assert read("csat of Ops", catalogue, TODAY).scope.ids == ("1",)
    assert read("csat of ops", catalogue, TODAY).reason == "ambiguous_name"


def test_a_kpi_named_as_an_exception_excepts_nothing():
    catalogue = Catalogue(
        (Metric("odd", ("except Sales",)), Metric("csat", ("CSAT",))),
        departments={"1": ("Sales",)},
    )
    found = read("except Sales last month", catalogue, TODAY)
    assert found.metrics == ("odd",)
