"""Badges and what they stand for, kept by two connections."""

from datetime import date, timedelta

import pytest
from acts import create, definition_values, write

NEXT_YEAR = date.today() + timedelta(days=365)


@pytest.fixture
def kpi_ids(commit):
    """Ids of a KPI and of a formula of it."""

    def prepare(env):
        part = env["kpi.definition"].create(definition_values())
        formula = env["kpi.definition"].create(definition_values(f"{part.code} * 2"))
        return part.id, formula.id

    return commit(prepare)


def certify(kpi_id):
    def act(env):
        admin = env.ref("base.user_admin")
        env["kpi.definition"].with_user(admin).browse(kpi_id)._certify(NEXT_YEAR)

    return act


def badge(commit, kpi_id):
    return commit(lambda env: env["kpi.definition"].browse(kpi_id).certification)


@pytest.mark.parametrize("is_certified_first", [True, False])
def test_no_badge_stands_for_what_a_part_was_before(
    commit, meet, kpi_ids, is_certified_first
):
    """Who certifies second has seen the change; who changes second takes it away."""
    part, formula = kpi_ids
    acts = certify(formula), write("kpi.definition", part, unit="score")
    outcome = meet(*acts if is_certified_first else acts[::-1])
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert bool(badge(commit, formula)) != is_certified_first


def test_a_breakdown_that_is_added_meanwhile_takes_the_badge_away(commit, meet):
    def prepare(env):
        values = {
            **definition_values(),
            "computation": "records",
            "model_name": "res.partner",
            "date_field": "create_date",
            "company_field": "company_id",
            "user_field": "user_id",
        }
        return env["kpi.definition"].create(values).id

    kpi_id = commit(prepare)
    split = create("kpi.definition.breakdown", definition_id=kpi_id, field_path="lang")
    outcome = meet(certify(kpi_id), split)
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert not badge(commit, kpi_id)
