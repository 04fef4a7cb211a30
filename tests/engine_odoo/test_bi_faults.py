"""The process that analyses a company is killed in the middle; another goes on."""

import pytest
from fault_processes import kill, killed_at_last, rows, run, start, wait_for

SHARES_DATABASE = True
RESULTS = "SELECT analysis, count(*) FROM kpi_bi_result GROUP BY 1"
JOB = "SELECT state, step_done_count FROM kpi_job WHERE kind = 'bi'"


def test_a_run_that_is_killed_goes_on_where_it_was(module_database):
    if not rows(module_database, "SELECT to_regclass('kpi_bi_result')")[0][0]:
        pytest.skip("kpi_bi_dashboard is not installed")
    with killed_at_last(start(module_database, "step_bi")) as process:
        wait_for(process, "cohorts")
        kill(process)
    before = dict(rows(module_database, RESULTS))
    ((_state, done),) = rows(module_database, JOB)
    assert "cohorts" not in before
    assert done == 2, "purchases and customers are committed"
    run(module_database, "cron")
    assert rows(module_database, JOB)[0][0] == "done"
    after = dict(rows(module_database, RESULTS))
    assert before.items() <= after.items(), "what was there is not computed again"
    assert set(after.values()) == {1}
