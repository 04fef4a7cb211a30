"""Evaluations of alert rules at once, kept apart by two connections."""

from datetime import date

import pytest
from acts import definition_values, new_name

MONTHS = [date(2020 + at // 12, at % 12 + 1, 1) for at in range(24)]


@pytest.fixture
def kpi(commit):
    """Id of a KPI that a rule watches, whose only value breaks it."""

    def make(env):
        definition = env["kpi.definition"].create(definition_values())
        report = definition._track_for("company", env.company)
        calendar = definition.calendar_id
        closed = calendar._periods("month", date(2020, 1, 1), calendar._today())[-2]
        rows = [(report.id, closed.start, 1.0)]
        env["kpi.measurement"]._upsert("month", rows, source="manual")
        rule = env["kpi.smart.alert"].create(
            {
                "name": new_name(),
                "report_ids": [(6, 0, report.ids)],
                "compared": "value",
                "threshold": 5,
            }
        )
        rule.action_turn_on()
        return report.id

    return commit(make)


def evaluate(kpi_id):
    return lambda env: env["kpi.smart.alert"]._evaluate([kpi_id])


def sweep(env):
    env["kpi.smart.alert"]._sweep_marks()


def change(kpi_id, value):
    def run(env):
        fact = env["kpi.measurement"].search([("report_id", "=", kpi_id)])
        rows = [(kpi_id, fact.period_start, value)]
        env["kpi.measurement"]._upsert("month", rows, source="manual")

    return run


def count_open(kpi_id):
    asked = [("report_id", "=", kpi_id), ("state", "!=", "resolved")]
    return lambda env: env["kpi.alert.event"].search_count(asked)


def count_marks(env):
    env.cr.execute("SELECT count(*) FROM kpi_alert_mark")
    return env.cr.fetchone()[0]


def test_two_evaluations_of_the_same_kpi_open_one_alert(commit, meet, kpi):
    outcome = meet(evaluate(kpi), evaluate(kpi))
    assert (outcome.refusal, outcome.runs) == ("", 2)
    assert commit(count_open(kpi)) == 1


def test_two_sweeps_at_once_open_one_alert(commit, meet, kpi):
    assert meet(sweep, sweep).refusal == ""
    assert commit(count_open(kpi)) == 1
    assert commit(count_marks) == 0


def test_a_change_that_a_sweep_has_not_read_is_read_by_the_next(commit, meet, kpi):
    commit(sweep)
    commit(change(kpi, 2.0))
    assert meet(change(kpi, 9.0), sweep).refusal == ""
    assert commit(count_marks) > 0
    commit(sweep)
    assert commit(count_open(kpi)) == 0


def test_who_enters_a_value_does_not_wait_for_a_sweep(commit, meet, kpi):
    outcome = meet(sweep, change(kpi, 9.0))
    assert (outcome.refusal, outcome.runs) == ("", 1)
    assert commit(count_marks) > 0
