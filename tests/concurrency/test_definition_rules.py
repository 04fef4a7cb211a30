"""What values stand on, and whose a KPI is, kept by two connections."""

from datetime import date

import pytest
from acts import create, definition_values, new_company, write

MONTH = date(2026, 1, 1)
CHANGES = {
    "code": {"code": "renamed"},
    "frequency": {"frequency": "week"},
}


@pytest.fixture
def kpi(commit):
    """Ids of a KPI that people enter, of its calendar, and of its report."""

    def prepare(env):
        company = new_company(env)
        calendar = env["kpi.calendar"].create({"name": "Own", "tz": "UTC"})
        values = {**definition_values(), "calendar_id": calendar.id}
        definition = env["kpi.definition"].create(values)
        report = definition._track_for("company", company)
        return definition.id, calendar.id, report.id

    return commit(prepare)


def enter(report_id):
    return lambda env: env["kpi.report"].browse(report_id)._enter_value(MONTH, 4)


def values_of(commit, report_id):
    return commit(
        lambda env: env["kpi.report"].browse(report_id).measurement_ids.mapped("value")
    )


@pytest.mark.parametrize("name", CHANGES)
def test_what_the_first_value_stands_on_is_not_changed_beside_it(
    commit, meet, kpi, name
):
    definition_id, _calendar_id, report_id = kpi
    values = {**CHANGES[name]}
    if name == "code":
        values["code"] = f"renamed_{definition_id}"
    change = write("kpi.definition", definition_id, **values)
    outcome = meet(enter(report_id), change)
    assert "cannot be changed" in outcome.refusal
    assert outcome.runs == 2
    assert values_of(commit, report_id) == [4.0]


def test_the_days_of_weeks_are_not_moved_under_a_first_value(commit, meet, kpi):
    _definition_id, calendar_id, report_id = kpi
    outcome = meet(
        enter(report_id), write("kpi.calendar", calendar_id, fiscal_month="4")
    )
    assert "cannot be changed" in outcome.refusal
    assert values_of(commit, report_id) == [4.0]


def test_the_first_value_is_of_the_period_that_was_chosen_meanwhile(commit, meet, kpi):
    definition_id, _calendar_id, report_id = kpi
    change = write("kpi.definition", definition_id, frequency="quarter")
    outcome = meet(change, enter(report_id))
    assert (outcome.refusal, outcome.runs) == ("", 2)
    grains = commit(
        lambda env: env["kpi.report"].browse(report_id).measurement_ids.mapped("grain")
    )
    assert grains == ["quarter"]


def test_two_names_that_differ_only_in_case_are_not_given_at_once(commit, meet):
    company_id = commit(lambda env: new_company(env).id)
    made = {"company_id": company_id, "computation": "manual"}
    outcome = meet(
        create("kpi.definition", **made, name="Won revenue"),
        create("kpi.definition", **made, name="Won Revenue"),
    )
    assert "differs from the name of another KPI only in case" in outcome.refusal
    assert outcome.runs == 2

    def prepare(env):
        kpis = env["kpi.definition"].create(
            [{**made, "name": "Lost"}, {**made, "name": "Dropped"}]
        )
        return kpis.ids

    lost_id, dropped_id = commit(prepare)
    outcome = meet(
        write("kpi.definition", lost_id, name="Open deals"),
        write("kpi.definition", dropped_id, name="Open Deals"),
    )
    assert "differs from the name of another KPI only in case" in outcome.refusal


def test_a_shared_kpi_is_not_limited_to_a_company_while_another_tracks_it(commit, meet):
    def prepare(env):
        first, second = new_company(env), new_company(env)
        return env["kpi.definition"].create(definition_values()).id, first.id, second.id

    def track(definition_id, company_id):
        def act(env):
            kpi = env["kpi.definition"].browse(definition_id)
            kpi._track_for("company", env["res.company"].browse(company_id))

        return act

    kpi_id, first_id, second_id = commit(prepare)
    limit = write("kpi.definition", kpi_id, company_id=first_id)
    outcome = meet(track(kpi_id, second_id), limit)
    assert "cannot be limited to" in outcome.refusal

    kpi_id, first_id, second_id = commit(prepare)
    limit = write("kpi.definition", kpi_id, company_id=first_id)
    outcome = meet(limit, track(kpi_id, second_id))
    assert "cannot be tracked for" in outcome.refusal
    assert outcome.runs == 2


def test_two_versions_from_one_day_do_not_stand_beside_each_other(commit, meet):
    def prepare(env):
        company = new_company(env)
        calendar = env["kpi.calendar"].create({"name": "Own", "tz": "UTC"})
        counted = {
            "calendar_id": calendar.id,
            "computation": "records",
            "model_name": "res.partner",
            "date_field": "create_date",
            "company_id": company.id,
            "history_start": "2025-01-01",
        }
        definition = env["kpi.definition"].create({**definition_values(), **counted})
        report = definition._track_for("company", company)
        env["kpi.measurement"]._upsert(
            "month", [(report.id, MONTH, 4.0)], source="records"
        )
        return definition.id

    def change(domain):
        def act(env):
            env["kpi.definition"].browse(kpi_id)._change({"domain": domain}, MONTH)

        return act

    def versions(env):
        every = env["kpi.definition.version"].with_context(active_test=False)
        return sorted(
            (str(each.valid_from), each.active, each.domain)
            for each in every.search([("definition_id", "=", kpi_id)])
        )

    kpi_id = commit(prepare)
    few, many = "[('id', '<', 5)]", "[('id', '<', 50)]"
    outcome = meet(change(few), change(many))
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert commit(versions) == [
        ("2025-01-01", True, "[]"),
        ("2026-01-01", False, few),
        ("2026-01-01", True, many),
    ]
