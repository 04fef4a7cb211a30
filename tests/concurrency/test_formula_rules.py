"""Codes, formulas and targets set by a rule, kept by two connections."""

import pytest
from acts import create, definition_values, new_name, write


def new_kpis(commit, *formulas, **values):
    """Ids of new KPIs of these formulas; without one it is entered by people."""

    def create(env):
        return (
            env["kpi.definition"]
            .create([{**definition_values(each), **values} for each in formulas])
            .ids
        )

    return commit(create)


def code_of(commit, kpi_id):
    return commit(lambda env: env["kpi.definition"].browse(kpi_id).code)


def test_two_formulas_do_not_come_to_need_one_another(commit, meet):
    (part,) = new_kpis(commit, None)
    own = code_of(commit, part)
    a, b = new_kpis(commit, own, own)
    code_a, code_b = code_of(commit, a), code_of(commit, b)
    outcome = meet(
        write("kpi.definition", a, formula=f"{code_b} + 1"),
        write("kpi.definition", b, formula=f"{code_a} + 1"),
    )
    assert "Circular reference" in outcome.refusal
    assert outcome.runs == 2
    assert commit(lambda env: env["kpi.definition"].browse(b).formula) == own


def test_formulas_that_agree_are_both_saved(commit, meet):
    (part,) = new_kpis(commit, None)
    own = code_of(commit, part)
    a, b = new_kpis(commit, own, own)
    code_b = code_of(commit, b)
    outcome = meet(
        write("kpi.definition", a, formula=f"{code_b} + 1"),
        write("kpi.definition", b, formula=f"{own} + 1"),
    )
    assert (outcome.refusal, outcome.runs) == ("", 2)


@pytest.mark.parametrize("is_shared_first", [True, False])
def test_a_code_means_one_kpi(commit, meet, is_shared_first):
    code = new_name()
    company = commit(lambda env: env.company.id)
    shared = create("kpi.definition", name="Shared", code=code, company_id=False)
    own = create("kpi.definition", name="Own", code=code, company_id=company)
    outcome = meet(*(shared, own) if is_shared_first else (own, shared))
    assert "is already in use" in outcome.refusal
    assert outcome.runs == 2


def test_two_kpis_of_one_name_get_two_codes(commit, meet):
    name = new_name()
    making = create("kpi.definition", name=name, company_id=False)
    outcome = meet(making, making)
    assert (outcome.refusal, outcome.runs) == ("", 2)
    codes = commit(
        lambda env: env["kpi.definition"].search([("name", "=", name)]).mapped("code")
    )
    assert sorted(codes) == [name, f"{name}_2"]


@pytest.mark.parametrize("how", ["archived", "deleted"])
def test_what_goes_is_not_taken_up_by_a_formula(commit, meet, how):
    part, other = new_kpis(commit, None, None)
    code, formula = code_of(commit, part), code_of(commit, other)
    (kpi,) = new_kpis(commit, formula)
    outcome = meet(take_away(how, part), write("kpi.definition", kpi, formula=code))
    assert "No KPI has the code" in outcome.refusal
    assert outcome.runs == 2


@pytest.mark.parametrize("how", ["archived", "deleted"])
def test_what_a_formula_takes_up_does_not_go(commit, meet, how):
    part, other = new_kpis(commit, None, None)
    code, formula = code_of(commit, part), code_of(commit, other)
    (kpi,) = new_kpis(commit, formula)
    outcome = meet(write("kpi.definition", kpi, formula=code), take_away(how, part))
    assert "is used in the formulas" in outcome.refusal
    assert outcome.runs == 2


def take_away(how, kpi_id):
    if how == "archived":
        return write("kpi.definition", kpi_id, active=False)
    return lambda env: env["kpi.definition"].browse(kpi_id).unlink()


@pytest.fixture
def targeted(commit):
    """A KPI's report and a formula, of which neither stands on the other yet."""

    def prepare(env):
        values = [definition_values() for _kpi in range(2)]
        kpi, part = env["kpi.definition"].create(values)
        formula = env["kpi.definition"].create(definition_values(part.code))
        report = kpi._track_for("company", env.company)
        return report.id, formula.id, f"target({kpi.code})"

    return commit(prepare)


def ruled_target(report_id, source_id):
    return create(
        "kpi.target",
        report_id=report_id,
        date_from="2026-01-01",
        rule="kpi",
        source_definition_id=source_id,
    )


@pytest.mark.parametrize("is_formula_first", [True, False])
def test_a_target_and_a_formula_do_not_come_to_need_one_another(
    commit, meet, targeted, is_formula_first
):
    report_id, formula_id, text = targeted
    changing = write("kpi.definition", formula_id, formula=text)
    ruling = ruled_target(report_id, formula_id)
    outcome = meet(*(changing, ruling) if is_formula_first else (ruling, changing))
    assert "Circular targets" in outcome.refusal
    assert outcome.runs == 2
