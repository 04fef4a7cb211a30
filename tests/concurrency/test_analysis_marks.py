"""Values that change while their KPI is analysed, kept apart by two connections."""

from datetime import date

import pytest
from acts import definition_values

MONTHS = [date(2024 + at // 12, at % 12 + 1, 1) for at in range(20)]


@pytest.fixture
def kpi(commit):
    """Id of a KPI that was analysed."""

    def make(env):
        definition = env["kpi.definition"].create(definition_values())
        report = definition._track_for("company", env.company)
        # It moves so much that no later value is out of the ordinary.
        values = [100.0 + at + 11 * at % 31 for at in range(len(MONTHS))]
        rows = [(report.id, *one) for one in zip(MONTHS, values, strict=True)]
        env["kpi.measurement"]._upsert("month", rows, source="manual")
        env["kpi.predictive.analytics"]._analyse(report)
        return report.id

    return commit(make)


def change(kpi_id, value):
    rows = [(kpi_id, MONTHS[-1], value)]
    return lambda env: env["kpi.measurement"]._upsert("month", rows, source="manual")


def analyse(kpi_id):
    def run(env):
        report = env["kpi.report"].browse(kpi_id)
        env["kpi.predictive.analytics"]._analyse(report)

    return run


def is_due(kpi_id):
    return lambda env: kpi_id in env["kpi.predictive.analytics"]._find_due()


def first_forecast(kpi_id):
    domain = [("report_id", "=", kpi_id), ("is_latest", "=", True)]
    return lambda env: env["kpi.predictive.point"].search(domain, limit=1).value


def test_a_change_that_a_run_has_not_read_stays_due(commit, meet, kpi):
    commit(change(kpi, 135.0))
    before = commit(first_forecast(kpi))
    outcome = meet(change(kpi, 145.0), analyse(kpi))
    assert outcome.refusal == ""
    assert commit(is_due(kpi)), "it was analysed as it was before the second change"
    commit(analyse(kpi))
    assert not commit(is_due(kpi))
    assert commit(first_forecast(kpi)) > before


def test_who_enters_a_value_does_not_wait_for_a_run(commit, meet, kpi):
    commit(change(kpi, 135.0))
    outcome = meet(analyse(kpi), change(kpi, 145.0))
    assert (outcome.refusal, outcome.runs) == ("", 1)
    assert commit(is_due(kpi))


def test_two_runs_at_once_leave_one_forecast(commit, meet, kpi):
    commit(change(kpi, 135.0))
    outcome = meet(analyse(kpi), analyse(kpi))
    assert outcome.refusal == ""
    assert not commit(is_due(kpi))
    domain = [("report_id", "=", kpi), ("is_latest", "=", True)]
    points = commit(
        lambda env: env["kpi.predictive.point"].search(domain).mapped("period_start")
    )
    assert len(points) == len(set(points)) > 1


@pytest.fixture
def empty_kpi(commit):
    """Id of a KPI without values, which may be deleted."""

    def make(env):
        definition = env["kpi.definition"].create(definition_values())
        return definition._track_for("company", env.company).id

    return commit(make)


def delete(kpi_id):
    return lambda env: env["kpi.report"].browse(kpi_id).unlink()


def test_a_kpi_that_is_deleted_meanwhile_is_left_out(commit, meet, empty_kpi):
    outcome = meet(delete(empty_kpi), analyse(empty_kpi))
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert not commit(is_due(empty_kpi))


def test_a_kpi_is_deleted_while_it_is_analysed(commit, meet, empty_kpi):
    assert meet(analyse(empty_kpi), delete(empty_kpi)).refusal == ""
    assert not commit(lambda env: env["kpi.report"].browse(empty_kpi).exists())
