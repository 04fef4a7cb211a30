"""What is read is used: every slot of an intent is taken, or the answer is none."""

import pytest
from pydantic import ValidationError

from ...engine.conditions import CHECKS, OF_KPIS, OF_VALUES, keep
from ...engine.intent import (
    AlertWish,
    Frequency,
    Intent,
    LastUpdate,
    Number,
    Owner,
    Scope,
    Span,
    Status,
    Streak,
)
from ...engine.ledger import Ledger, UnusedError
from .questions_case import TODAY

MONTH = Span(TODAY.replace(day=1), TODAY, "month")
FULL = Intent(
    kind="value",
    metrics=("revenue",),
    scope=Scope(kind="department", ids=("sales",)),
    period=MONTH,
    compare_to="target",
    conditions=(Status(value=("off_target",)), Streak(periods=3)),
    aggregate="total",
    group_by="department",
    granularity="month",
    order="desc",
    limit=3,
    offset=1,
    rank_by="value",
    direction="up",
    about="formula",
    alerts=(AlertWish(metric="revenue", condition="below", threshold=1, unit="EUR"),),
)


@pytest.mark.parametrize("slot", [s for s in FULL.list_slots() if s != "conditions"])
def test_a_slot_that_no_answer_takes_is_named(slot):
    asked = Ledger(FULL)
    for other in FULL.list_slots():
        if other != slot:
            asked.take(other)
    asked.take_conditions("status", "streak")
    with pytest.raises(UnusedError) as caught:
        asked.close()
    assert (caught.value.slots, caught.value.conditions) == ([slot], [])
    asked.take(slot)
    asked.close()


def test_each_condition_is_taken_by_its_field():
    asked = Ledger(
        FULL.with_(
            **dict.fromkeys(set(FULL.list_slots()) - {"conditions"})
            | {"metrics": (), "alerts": ()}
        )
    )
    assert asked.take_conditions("status") == [FULL.conditions[0]]
    with pytest.raises(UnusedError) as caught:
        asked.close()
    assert caught.value.conditions == [FULL.conditions[1]]


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "value", "metric": "revenue"},
        {"kind": "values"},
        {"kind": "value", "limit": 0},
        {"kind": "value", "conditions": ({"field": "colour", "value": 3},)},
        {"kind": "value", "conditions": ({"field": "value", "operator": ">"},)},
        {"kind": "list_kpis", "scope": {"kind": "everybody"}},
    ],
)
def test_an_intent_has_no_other_keys_or_values(values):
    with pytest.raises(ValidationError):
        Intent(**values)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_limits_are_finite(number):
    with pytest.raises(ValidationError):
        Number(field="value", operator=">", value=number)


ROW = {
    "metric": "7",
    "value": 40.0,
    "target": None,
    "achievement": 90.0,
    "status": "off_target",
    "trend": "declining",
    "owners": {"user:3", "me"},
    "frequency": "monthly",
    "updated_on": None,
    "outlook": "off_target",
    "chance": 20.0,
    "streaks": {("off_target", "month"): 2},
}


@pytest.mark.parametrize(
    ("values", "is_met"),
    [
        ({"field": "status", "value": ("off_target", "at_risk")}, True),
        ({"field": "status", "operator": "not in", "value": ("off_target",)}, False),
        ({"field": "status", "value": ("declining",)}, True),
        ({"field": "status", "value": ("above_target",)}, False),
        ({"field": "value", "operator": ">=", "value": 40}, True),
        ({"field": "value", "operator": ">", "value": 40}, False),
        ({"field": "target", "operator": "<", "value": 40}, False),
        ({"field": "achievement", "operator": "<", "value": 96}, True),
        ({"field": "forecast_chance", "operator": "<", "value": 50}, True),
        ({"field": "forecast", "value": "on_target"}, False),
        ({"field": "without_target"}, True),
        ({"field": "streak", "periods": 2}, True),
        ({"field": "streak", "periods": 3}, False),
        ({"field": "streak", "periods": 2, "grain": "week"}, False),
        ({"field": "owner", "value": ("user:4", "me")}, True),
        ({"field": "owner", "operator": "not in", "value": ("user:3",)}, False),
        ({"field": "metric", "value": ("7",)}, False),
        ({"field": "frequency", "value": ("weekly",)}, False),
        ({"field": "last_update", "operator": "<", "value": TODAY}, True),
        ({"field": "last_update", "operator": ">=", "value": TODAY}, False),
    ],
)
def test_conditions(values, is_met):
    intent = Intent(kind="list_kpis", conditions=(values,))
    assert bool(keep([ROW], intent.conditions)) == is_met


def test_every_field_has_one_place_where_it_is_applied():
    assert sorted((*OF_KPIS, *OF_VALUES)) == sorted(CHECKS)


def test_answers_keep_their_names_of_what_was_read():
    intent = Intent(
        kind="list_kpis",
        scope=Scope(kind="my_team", excluded=("hr", "it")),
        conditions=(
            Streak(periods=3),
            Owner(value=("anna",)),
            Frequency(value=("weekly",)),
            LastUpdate(operator="<", value=TODAY),
            Number(field="achievement", operator="<", value=83.0),
        ),
    )
    assert intent.as_dict()["filters"] == [
        ["owner", "=", "my_team"],
        ["department", "not in", ["hr", "it"]],
        ["off_target_streak_months", ">=", 3],
        ["owner", "=", "anna"],
        ["frequency", "=", "weekly"],
        ["last_update", "<", "2026-03-18"],
        ["achievement", "<", 83],
    ]
