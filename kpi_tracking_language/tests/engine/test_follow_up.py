"""Questions that follow up on the one before."""

import datetime as dt

import pytest
from pydantic import ValidationError

from ...engine.intent import Context, Intent
from .questions_case import TODAY, ask, is_as_expected, load_catalogue

CATALOGUE = load_catalogue()
C = "churn in february for sales"
FEBRUARY = {"from": "2026-02-01", "to": "2026-02-28"}
JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
YEAR = {"from": "2025-01-01", "to": "2025-12-31"}
SALES, SUPPORT = (["department", "=", name] for name in ("sales", "support"))
RED = ["status", "=", "off_target"]


def asked(kind="value", *filters, metric="churn_rate", **slots):
    metrics = [metric] if metric else []
    return {"intent": kind, "metrics": metrics, "filters": list(filters), **slots}


OF_SUPPORT = asked("value", SUPPORT, period=FEBRUARY)
BY_SALES = asked("value", SALES, period=YEAR)
COMPARED = asked("compare", period=FEBRUARY, compare_to=JANUARY)


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        # a scope, a period or a KPI in the place of another
        (
            C,
            "and support?",
            OF_SUPPORT,
        ),
        (
            C,
            "the same for Support",
            OF_SUPPORT,
        ),
        ("churn for sales", "and in 2025?", BY_SALES),
        ("churn in february", "the month before", asked(period=JANUARY)),
        ("churn in february", "how about nps?", asked(metric="nps", period=FEBRUARY)),
        (
            "churn by department in 2025",
            "only sales",
            asked("value", SALES, period=YEAR),
        ),
        (
            "Churn im Februar",
            "und für den Support?",
            OF_SUPPORT,
        ),
        (
            "churn en février",
            "et pour le support ?",
            OF_SUPPORT,
        ),
        (
            "churn en febrero",
            "lo mismo para soporte",
            OF_SUPPORT,
        ),
        # exclusions
        ("churn for sales and marketing", "without Marketing", asked("value", SALES)),
        (
            "churn by department",
            "without Marketing",
            asked("value", ["department", "!=", "marketing"], group_by="department"),
        ),
        (
            "KPIs except churn",
            "without nps",
            asked(
                "list_kpis", ["metric", "not in", ["churn_rate", "nps"]], metric=None
            ),
        ),
        # another kind
        ("churn in 2025 for sales", "as a trend", asked("trend", SALES, period=YEAR)),
        ("churn in february", "why did it rise", asked("explain", period=FEBRUARY)),
        (
            "churn in february",
            "compare that to january",
            asked("compare", period=FEBRUARY, compare_to=JANUARY),
        ),
        ("churn in february", "who owns it", asked("about", about="owner")),
        (
            "which kpis in sales are red",
            "how many",
            asked("count", SALES, RED, metric=None),
        ),
        (
            "top 3 departments by churn",
            "and the worst?",
            asked("rank", group_by="department", order="desc", limit=1),
        ),
        # a list keeps its conditions
        ("which kpis are red", "in sales", asked("list_kpis", SALES, RED, metric=None)),
        # a complete question
        (C, "nps", asked(metric="nps")),
        (
            "churn in february",
            "which KPIs are red",
            asked("list_kpis", RED, metric=None),
        ),
        # an alert on what was asked for
        (
            "churn for sales",
            "alert me if it rises above 5 %",
            asked(
                "create_alert",
                SALES,
                metric=None,
                alerts=[
                    {
                        "metric": "churn_rate",
                        "condition": "above",
                        "threshold": 5,
                        "unit": "%",
                        "consecutive": 1,
                    }
                ],
            ),
        ),
    ],
)
def test_what_is_named_takes_the_place_of_what_was(before, text, expected):
    found = ask(text, CATALOGUE, TODAY, context=before)
    assert is_as_expected({"expected": expected}, found), found


@pytest.mark.parametrize(
    "text",
    ["flurbs", "and flurbs for sales", "delete it", "and", "thanks", "", "me too"],
)
def test_what_is_not_understood_is_asked_back(text):
    found = ask(text, CATALOGUE, TODAY, context=C)
    assert found["intent"] == "clarify"


def test_nothing_of_a_ranking_is_lost():
    found = ask("as a trend", CATALOGUE, TODAY, context="top 3 departments by churn")
    assert found["limit"] == 3


NOW = dt.datetime(2026, 3, 18, 12, tzinfo=dt.UTC)


def test_a_question_is_sent_and_read_as_it_was():
    intent = Intent(
        kind="list_kpis",
        metrics=("a",),
        scope={"kind": "department", "ids": ("sales",), "excluded": ("hr",)},
        period={"first": TODAY, "last": TODAY, "grain": "day"},
        compare_to="target",
        conditions=(
            {"field": "status", "value": ("off_target",)},
            {"field": "last_update", "operator": "<", "value": dt.date(2026, 1, 1)},
        ),
    )
    sent = intent.as_context(NOW)
    got = Context(**sent)
    assert got.asked_at == NOW
    assert all(
        getattr(got, name) == getattr(intent, name) for name in intent.list_slots()
    )


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"kind": "value"},
        {"kind": "drop_table", "asked_at": NOW},
        {"kind": "value", "asked_at": NOW, "sql": "x"},
        {"kind": "value", "asked_at": NOW, "limit": 10**9},
        {"kind": "value", "asked_at": NOW, "metrics": ["x"] * 101},
        {"kind": "value", "asked_at": NOW, "metrics": ["x" * 201]},
        {"kind": "value", "asked_at": dt.datetime(2026, 3, 18)},  # of which zone?
        {
            "kind": "value",
            "asked_at": NOW,
            "conditions": [{"field": "value", "operator": "<", "value": float("nan")}],
        },
    ],
)
def test_a_context_that_is_none_is_refused(values):
    with pytest.raises(ValidationError):
        Context(**values)
