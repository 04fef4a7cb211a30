"""KPIs that need one another, as two connections could store them before."""

from datetime import date

import pytest
from acts import new_name

MONTH = date(2026, 1, 1)


def new_kpi(env, formula=None):
    values = {"name": new_name(), "history_start": "2025-01-01"}
    if formula:
        values |= {"computation": "formula", "formula": formula}
    kpi = env["kpi.definition"].create(values)
    kpi._track_for("company", env.company)
    return kpi


def store_formula(env, kpi, *parts, text):
    """Write a formula past all checks, and what it is made of."""
    env.flush_all()
    env.cr.execute(
        "UPDATE kpi_definition SET formula = %s, stale_from = history_start"
        " WHERE id = %s",
        (text, kpi.id),
    )
    env.cr.executemany(
        "INSERT INTO kpi_definition_component_rel (definition_id, component_id)"
        " VALUES (%s, %s)",
        [(kpi.id, part.id) for part in parts],
    )
    env.invalidate_all()


@pytest.fixture
def cycle(commit):
    """Ids: a part of 3 in January, two that need one another and stand on it, one
    that stands on these, one that stands on the part alone.
    """

    def prepare(env):
        part = new_kpi(env)
        part.report_ids._enter_value(MONTH, 3)
        one, other = new_kpi(env, part.code), new_kpi(env, part.code)
        above, beside = new_kpi(env, one.code), new_kpi(env, f"{part.code} * 2")
        store_formula(env, one, other, text=f"{part.code} + {other.code}")
        store_formula(env, other, one, text=f"{one.code} + 1")
        env["kpi.job"].search([]).unlink()
        return (part | one | other | above | beside).ids

    return commit(prepare)


@pytest.fixture
def target_cycle(commit):
    """Ids: a KPI whose target is the value of a formula that names this target, one
    that stands on the formula, one that does not.
    """

    def prepare(env):
        kpi = new_kpi(env)
        formula, beside = new_kpi(env, kpi.code), new_kpi(env, f"{kpi.code} * 2")
        above = new_kpi(env, f"coalesce({formula.code}, 1)")
        env["kpi.target"].create(
            {
                "report_id": kpi.report_ids.id,
                "date_from": MONTH,
                "rule": "kpi",
                "source_definition_id": formula.id,
            }
        )
        kpi.report_ids._enter_value(MONTH, 3)
        # Who is tracked for the KPI alone: the formula is evaluated on the spot.
        person = kpi._track_for("user", env.user)
        env["kpi.target"].create(
            {
                "report_id": person.id,
                "date_from": MONTH,
                "rule": "kpi",
                "source_definition_id": formula.id,
            }
        )
        store_formula(env, formula, text=f"target({kpi.code})")
        env["kpi.job"].search([]).unlink()
        return (kpi | formula | above | beside).ids

    return commit(prepare)


def run_jobs(env):
    env["kpi.job"]._cron_run()
    return env["kpi.job"].search([], order="id desc", limit=1).mapped("state")


def january(kpi):
    facts = kpi.report_ids.measurement_ids
    return facts.filtered(
        lambda fact: fact.period_start == MONTH and fact.grain == "month"
    ).mapped("value")


def test_a_job_computes_the_others_and_names_the_cycle(commit, cycle):
    assert commit(run_jobs) == ["done"]

    def check(env):
        part, one, other, above, beside = env["kpi.definition"].browse(cycle)
        for kpi in (one, other):
            assert f"{one.name} → {other.name} → {one.name}" in kpi.computation_error
            assert kpi.report_ids.computation_error == kpi.computation_error
        assert not (part | above | beside).filtered("computation_error")
        assert january(beside) == [6.0]

    commit(check)


def test_a_job_of_the_whole_history_ends(commit, cycle):
    def ask(env):
        kpis = env["kpi.definition"].browse(cycle)
        start = kpis[0].history_start
        env["kpi.job"]._enqueue_computation("All", "recompute", kpis, start)

    commit(ask)
    assert commit(run_jobs) == ["done"]


def test_kpis_are_created_beside_a_cycle(commit, cycle):
    def create(env):
        part, one, *_others = env["kpi.definition"].browse(cycle)
        entered, computed = new_kpi(env), new_kpi(env, f"{part.code} + 1")
        new_kpi(env, f"{one.code} + 1")  # of which nothing will come
        computed.formula = f"{part.code} + {entered.code}"
        env["kpi.target"].create(
            {
                "report_id": entered.report_ids.id,
                "date_from": MONTH,
                "rule": "kpi",
                "source_definition_id": computed.id,
            }
        )

    commit(create)


def test_a_cycle_is_taken_apart_by_changing_one_formula(commit, cycle):
    commit(run_jobs)

    def mend(env):
        part, one, _other, *_more = env["kpi.definition"].browse(cycle)
        one.formula = f"{part.code} + 1"

    commit(mend)
    commit(run_jobs)

    def check(env):
        _part, one, other, above, _beside = env["kpi.definition"].browse(cycle)
        assert not (one | other).filtered("computation_error")
        assert [january(kpi) for kpi in (one, other, above)] == [[4.0], [5.0], [4.0]]

    commit(check)


def test_what_needs_itself_is_shown_and_explained(commit, cycle):
    """At a scope that no KPI is tracked for all formulas are evaluated on the spot."""

    def look(env):
        from odoo.addons.kpi_tracking.models.formula.formula_values import (
            FormulaEvaluation,
        )

        _part, one, _other, above, _beside = env["kpi.definition"].browse(cycle)
        calendar = one.calendar_id
        periods = calendar._periods("month", one.history_start, one.history_start)
        evaluation = FormulaEvaluation(env, calendar, "month", periods)
        scope = ("user", env.uid, env.company.id)
        values = evaluation.values_at(above, [scope]).values
        assert values.shape == (1, 1)
        assert values[0, 0] != values[0, 0], "nothing is known of it"
        for kpi in (one, above):
            assert kpi.report_ids.get_explanation(MONTH)

    commit(look)


def test_a_target_that_needs_itself_leaves_the_others_alone(commit, target_cycle):
    assert commit(run_jobs) == ["done"]

    def check(env):
        kpi, formula, above, beside = env["kpi.definition"].browse(target_cycle)
        path = f"{kpi.name} → {formula.name}"
        assert "target of " + path in formula.computation_error
        assert not (kpi | above | beside).filtered("computation_error")
        assert january(beside) == [6.0]
        company = kpi.report_ids.filtered(lambda each: each.scope_type == "company")
        company._enter_value(MONTH, 4, note="Counted again")
        new_kpi(env, f"{kpi.code} + 1")
        for each in (company, *formula.report_ids, *above.report_ids):
            assert each.get_explanation(MONTH)

    commit(check)


def test_a_target_that_needs_itself_is_nothing_where_nobody_is_tracked(
    commit, target_cycle
):
    def look(env):
        kpi = env["kpi.definition"].browse(target_cycle[0])
        person = kpi.report_ids.filtered(lambda report: report.scope_type == "user")
        person._enter_value(MONTH, 4)
        judged = env["kpi.target.value"].search([("report_id", "=", person.id)])
        assert not any(judged.mapped("target"))

    commit(look)
