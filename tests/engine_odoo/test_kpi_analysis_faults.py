"""Analyses that are killed, met or overtaken: nothing doubled, lost or out of date."""

import pytest
from fault_processes import (
    advisory_locks,
    copied,
    finish,
    kill,
    killed_at_last,
    rows,
    run,
    start,
    wait_for,
)

POINTS = 13 * 2  # latest ones, and those made as the period before closed
RESULTS = """
    SELECT definition.code, analysis.expected_value, analysis.expected_low,
           analysis.confidence_score, analysis.skill, trend.performance_velocity,
           (SELECT sum(value) FROM kpi_predictive_point AS point
             WHERE point.report_id = report.id AND is_latest)
      FROM kpi_report AS report
      JOIN kpi_definition AS definition ON definition.id = report.definition_id
      JOIN kpi_predictive_analytics AS analysis ON analysis.kpi_id = report.id
      JOIN kpi_trend_analysis AS trend ON trend.kpi_id = report.id
     WHERE definition.code LIKE 'series%'
  ORDER BY definition.code
"""
PER_KPI = """
    SELECT count(*)
      FROM kpi_predictive_point AS point
      JOIN kpi_report AS report ON report.id = point.report_id
      JOIN kpi_definition AS definition ON definition.id = report.definition_id
     WHERE definition.code LIKE 'series%'
  GROUP BY report.id
"""


@pytest.fixture(scope="module")
def original(module_database):
    """Twelve KPIs that nobody has analysed."""
    run(module_database, "prepare_series")
    return module_database


@pytest.fixture
def prepared(original):
    """A copy of that for one test, which may commit to it."""
    with copied(original) as name:
        yield name


@pytest.fixture(scope="module")
def undisturbed(original):
    """What comes of an analysis that nobody disturbs."""
    with copied(original) as name:
        run(name, "cron")
        return rows(name, RESULTS)


def results(database):
    """As ``RESULTS``; the last digits depend on which KPIs are analysed together."""
    return [
        (code, *(pytest.approx(number, rel=1e-9) for number in numbers))
        for code, *numbers in rows(database, RESULTS)
    ]


def marks(database):
    """Number of KPIs that something changed of since."""
    query = "SELECT count(DISTINCT report_id) FROM kpi_predictive_mark"
    return rows(database, query)[0][0]


def states(database):
    query = "SELECT state FROM kpi_job WHERE kind = 'analyse' ORDER BY id"
    return [state for (state,) in rows(database, query)]


def go_on(process):
    """Let the process commit the chunk at hand."""
    wait_for(process, "chunk")
    process.stdin.write("go on\n")
    process.stdin.flush()


def test_a_killed_run_leaves_whole_chunks_and_the_next_one_goes_on(
    prepared, undisturbed
):
    with killed_at_last(start(prepared, "step_analyse")) as process:
        go_on(process)
        wait_for(process, "chunk")
        # The second chunk is written and not committed.
        kill(process)
    assert 0 < len(rows(prepared, RESULTS)) < 12
    assert states(prepared) == ["running"]

    run(prepared, "cron")
    assert undisturbed == results(prepared)
    assert {count for (count,) in rows(prepared, PER_KPI)} == {POINTS}
    assert states(prepared) == ["done"]
    assert marks(prepared) == advisory_locks(prepared) == 0


def test_a_second_run_meanwhile_does_nothing_twice(prepared, undisturbed):
    with killed_at_last(start(prepared, "step_analyse")) as first:
        wait_for(first, "chunk")
        run(prepared, "cron")
        first.stdin.write("go on\n" * 9)
        finish(first)
    run(prepared, "cron")
    assert undisturbed == results(prepared)
    assert {count for (count,) in rows(prepared, PER_KPI)} == {POINTS}
    assert set(states(prepared)) == {"done"}
    assert marks(prepared) == 0


def test_two_runs_that_start_together_both_end(prepared, undisturbed):
    pair = [start(prepared, "cron") for _number in range(2)]
    with killed_at_last(pair[0]), killed_at_last(pair[1]):
        for process in pair:
            finish(process)
    run(prepared, "cron")
    assert undisturbed == results(prepared)
    assert set(states(prepared)) == {"done"}


def test_a_value_corrected_during_a_run_is_analysed_by_the_next(prepared, undisturbed):
    with killed_at_last(start(prepared, "step_analyse")) as process:
        wait_for(process, "chunk")
        run(prepared, "correct")
        process.stdin.write("go on\n" * 9)
        finish(process)
    assert undisturbed == results(prepared), "read before the correction"
    assert marks(prepared) == 1
    run(prepared, "cron")
    assert marks(prepared) == 0
    changed = [
        before[0]
        for before, after in zip(undisturbed, results(prepared), strict=True)
        if before != after
    ]
    assert changed == ["series_0"]
