"""Values of periods that are being locked, kept by two connections."""

from datetime import date, timedelta

import pytest
from acts import definition_values, new_company

MONTH = date(2026, 1, 1)


@pytest.fixture
def manual_report(commit):
    """Id of a KPI's report for a company of its own."""

    def prepare(env):
        company = new_company(env)
        kpi = env["kpi.definition"].create(definition_values())
        return kpi._track_for("company", company).id

    return commit(prepare)


def enter(report_id):
    return lambda env: env["kpi.report"].browse(report_id)._enter_value(MONTH, 4)


def lock(report_id, for_company):
    until = MONTH + timedelta(days=30)

    def act(env):
        report = env["kpi.report"].browse(report_id)
        if for_company:
            report.company_id.kpi_lock_date = until
        else:
            report.locked_until = until

    return act


def values_of(commit, report_id):
    return commit(
        lambda env: env["kpi.report"].browse(report_id).measurement_ids.mapped("value")
    )


@pytest.mark.parametrize("for_company", [True, False])
def test_no_value_is_entered_while_its_period_is_locked(
    commit, meet, manual_report, for_company
):
    outcome = meet(lock(manual_report, for_company), enter(manual_report))
    assert "is locked" in outcome.refusal
    assert outcome.runs == 2
    assert values_of(commit, manual_report) == []


@pytest.mark.parametrize("for_company", [True, False])
def test_a_period_is_locked_after_the_value_that_came_first(
    commit, meet, manual_report, for_company
):
    outcome = meet(enter(manual_report), lock(manual_report, for_company))
    assert outcome.refusal == ""
    assert values_of(commit, manual_report) == [4.0]


def test_no_entry_waits_for_approval_in_a_period_that_is_locked(commit, meet):
    def prepare(env):
        company = new_company(env)
        values = {**definition_values(), "has_entry_approval": True}
        return env["kpi.definition"].create(values)._track_for("company", company).id

    report_id = commit(prepare)
    outcome = meet(lock(report_id, True), enter(report_id))
    assert "is locked" in outcome.refusal
    entries = commit(lambda env: env["kpi.report"].browse(report_id).submission_ids.ids)
    assert entries == []


def test_values_of_one_company_are_entered_side_by_side(commit, meet):
    def prepare(env):
        company = new_company(env)
        values = [definition_values() for _kpi in range(2)]
        kpis = env["kpi.definition"].create(values)
        reports = [kpi._track_for("company", company) for kpi in kpis]
        for report in reports:  # the calendar has its days
            report._enter_value(MONTH - timedelta(days=1), 3)
        return [report.id for report in reports]

    first, second = commit(prepare)
    outcome = meet(enter(first), enter(second))
    assert (outcome.refusal, outcome.runs) == ("", 1), "nobody has to wait for that"
