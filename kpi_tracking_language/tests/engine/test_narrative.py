from dataclasses import replace

import pytest

from ...engine.narrative import MAX_SENTENCES, Standing, choose_kpis

NAN = float("nan")
# 10% below its target, after a usual change
KPI = Standing(
    report_id=1,
    definition_id=1,
    scope_type="company",
    value=90.0,
    gap=-0.1,
    step=-2.0,
    usual=2.0,
    worst_of=1,
    weight=1.0,
    is_money=False,
)


@pytest.mark.parametrize(
    ("changes", "importance"),
    [
        ({}, 0.4),  # 4 × 10%
        ({"gap": -0.25}, 1.0),
        ({"gap": -2.0}, 1.5),  # no more than this
        ({"gap": 0.3}, 0.0),  # reached, and nothing else to say
        ({"step": -8.0}, 0.4 + 0.6),  # four times the usual change
        ({"step": 5.0}, 0.4 + 0.6 * 0.5),
        ({"usual": 0.0, "step": 1.8}, 0.4 + 0.6 / 3),  # twice 1% of 90
        ({"usual": NAN}, 0.4),
        ({"step": NAN}, 0.4),
        ({"worst_of": 13}, 0.4 + 0.5),
        ({"worst_of": 99}, 0.4 + 0.5),
        ({"gap": 0.3, "worst_of": 13}, 0.0),  # the worst, but good enough
        ({"scope_type": "department"}, 0.4 * 0.35),
        ({"scope_type": "team"}, 0.4 * 0.2),
        ({"scope_type": "user"}, 0.4 * 0.05),
        ({"weight": 1.5}, 0.6),
        ({"weight": 9.0}, 0.8),
        ({"weight": 0.0}, 0.2),
        ({"gap": NAN, "worst_of": 13}, 0.15 * 0.5),
    ],
)
def test_importance(changes, importance):
    assert replace(KPI, **changes).importance == pytest.approx(importance)


def test_money_comes_first_among_equals_only():
    little = replace(KPI, report_id=2, definition_id=2, gap=-0.09, is_money=True)
    assert choose_kpis([KPI, little]) == [little, KPI]
    less = replace(little, gap=-0.05)
    assert choose_kpis([KPI, less]) == [KPI, less]


def test_one_of_each_definition_and_at_most_five():
    many = [replace(KPI, report_id=at, definition_id=at) for at in range(9)]
    assert len(choose_kpis(many)) == MAX_SENTENCES == 5
    below = replace(KPI, report_id=5, scope_type="department", gap=-0.5)
    assert choose_kpis([below, KPI]) == [below]


def test_without_a_target_only_where_nothing_else_is_to_say():
    bare = replace(KPI, report_id=2, definition_id=2, gap=NAN, step=-99.0)
    assert choose_kpis([bare, KPI]) == [KPI]
    assert choose_kpis([bare, replace(KPI, gap=0.1)]) == [bare]
    assert choose_kpis([replace(KPI, gap=0.1)]) == []
