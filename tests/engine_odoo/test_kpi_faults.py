"""Two runs at once, a kill in the middle, cancelling: nothing doubled, lost or half."""

from collections import Counter
from datetime import timedelta

import pytest
from fault_processes import (
    advisory_locks,
    copied,
    execute,
    finish,
    kill,
    killed_at_last,
    rows,
    run,
    start,
    wait_for,
)
from fault_worker import FIRST, LAST, MIDDLE

DAYS = (LAST - FIRST).days + 1
REPORTS = 21


def step(process):
    """Let the process commit the chunk at hand."""
    wait_for(process, "chunk")
    process.stdin.write("go on\n")
    process.stdin.flush()


def states(database):
    """Of the jobs that compute, in their order; analyses follow them."""
    kinds = "kind IN ('recompute', 'refresh')"
    found = rows(database, f"SELECT state FROM kpi_job WHERE {kinds} ORDER BY id")
    return [state for (state,) in found]


def facts(database):
    """(report's user or None, day) → value; a fact twice would be an error."""
    found = rows(
        database,
        "SELECT report.user_id, fact.period_start, fact.value"
        " FROM kpi_measurement AS fact"
        " JOIN kpi_report AS report ON report.id = fact.report_id",
    )
    assert len({row[:2] for row in found}) == len(found)
    return {row[:2]: row[2] for row in found}


def expected(database):
    """The same, counted one by one in Python."""
    contacts = rows(
        database,
        "SELECT user_id, create_date FROM res_partner WHERE name LIKE 'Contact %'",
    )
    counted = Counter()
    users = {user for user, _moment in contacts}
    for user, moment in contacts:
        counted[user, moment.date()] += 1
        counted[None, moment.date()] += 1
    every_day = [FIRST + timedelta(days=n) for n in range(DAYS)]
    return {
        (user, day): counted[user, day] for user in [None, *users] for day in every_day
    }


@pytest.fixture(scope="module")
def original():
    """One KPI, 21 reports, 1,000 records and a job that waits."""
    from odoo.modules.registry import Registry

    from templates import counted_copy

    with counted_copy() as name:
        run(name, "prepare")
        yield name
        Registry.delete(name)


@pytest.fixture
def prepared(original):
    """A copy of that for one test, which may commit to it."""
    with copied(original) as name:
        yield name


def test_a_killed_run_leaves_whole_chunks_and_the_next_one_completes_them(prepared):
    with killed_at_last(start(prepared, "step_cron")) as process:
        for _number in range(2):
            step(process)
        wait_for(process, "chunk")
        # The third chunk is written and not committed.
        kill(process)
    known = facts(prepared)
    by_day = Counter(day for _user, day in known)
    assert set(by_day.values()) == {REPORTS}, "a day has some of its values only"
    assert len(by_day) == 60, "two chunks of 30 days were committed"
    counted = expected(prepared)
    assert all(counted[key] == value for key, value in known.items())
    assert states(prepared) == ["running", "queued"]

    run(prepared, "cron")
    assert facts(prepared) == expected(prepared)
    assert states(prepared) == ["done", "done"]
    assert rows(prepared, "SELECT count(*) FROM kpi_measurement_revision") == [(0,)]
    assert advisory_locks(prepared) == 0


def test_a_run_killed_at_a_change_of_the_definition_is_completed(prepared):
    """No day has values of both ways, and those before it stay as they were."""
    run(prepared, "cron")
    before = facts(prepared)
    run(prepared, "change")
    with killed_at_last(start(prepared, "step_cron")) as process:
        step(process)
        wait_for(process, "chunk")
        kill(process)
    run(prepared, "cron")
    rename = "UPDATE res_partner SET name = 'Other' WHERE name LIKE 'Contact %'"
    execute(prepared, f"{rename} AND name NOT LIKE '%7'")
    changed = expected(prepared)
    after = facts(prepared)
    assert {key: after[key] for key in after if key[1] < MIDDLE} == {
        key: before[key] for key in before if key[1] < MIDDLE
    }
    for (user, day), value in after.items():
        if day >= MIDDLE:
            assert value == changed.get((user, day), 0), (user, day)
    assert set(states(prepared)) == {"done"}


def test_a_job_at_work_is_neither_taken_over_nor_done_twice(prepared):
    with killed_at_last(start(prepared, "step_cron")) as first:
        wait_for(first, "chunk")
        run(prepared, "second")  # its job needs the source that is at work
        waiting = states(prepared)
        assert waiting[0] == "running"
        assert set(waiting[1:]) == {"queued"}
        finish(first)
    run(prepared, "cron")
    assert set(states(prepared)) == {"done"}
    assert facts(prepared) == expected(prepared)
    assert rows(prepared, "SELECT count(*) FROM kpi_measurement_revision") == [(0,)]


def test_two_runs_that_start_together_both_end(prepared):
    pair = [start(prepared, "second") for _number in range(2)]
    with killed_at_last(pair[0]), killed_at_last(pair[1]):
        for process in pair:
            finish(process)
    run(prepared, "cron")
    assert set(states(prepared)) == {"done"}
    assert facts(prepared) == expected(prepared)


def test_records_that_change_during_a_run_are_found_by_the_next(prepared):
    with killed_at_last(start(prepared, "step_cron")) as process:
        step(process)
        wait_for(process, "chunk")
        # In the first chunk, committed, in the second and in those to come.
        execute(
            prepared,
            "UPDATE res_partner SET create_date = create_date + interval '3 days'"
            " WHERE name LIKE 'Contact %7'",
        )
        finish(process)
    run(prepared, "cron")
    assert facts(prepared) == expected(prepared)


def test_a_person_cancels_a_job_at_work(prepared):
    with killed_at_last(start(prepared, "step_cron")) as process:
        wait_for(process, "chunk")
        run(prepared, "cancel")
        finish(process)
    assert states(prepared)[0] == "cancelled"
    by_day = Counter(day for _user, day in facts(prepared))
    assert set(by_day.values()) == {REPORTS}
    assert facts(prepared) == expected(prepared), "the next job does the rest"


def test_an_update_of_many_sources_ends_however_short_its_runs_are(prepared):
    run(prepared, "cron")
    execute(
        prepared,
        """
        WITH first AS (
          SELECT source.*, fingerprint.period_start, fingerprint.fingerprint,
                 fingerprint.methods, fingerprint.reads
            FROM kpi_source AS source
            JOIN kpi_source_fingerprint AS fingerprint
              ON fingerprint.source_id = source.id
           WHERE source.date_field = 'create_date'),
        source AS (
          INSERT INTO kpi_source (key, model_name, kind, date_field, calendar_id, grain,
                                  company_id, user_field)
          SELECT DISTINCT key || '|' || number, model_name, kind, date_field,
                          calendar_id, grain, company_id, user_field
            FROM first, generate_series(1, 39) AS number
          RETURNING id),
        fingerprint AS (
          INSERT INTO kpi_source_fingerprint
          SELECT source.id, period_start, fingerprint, methods, reads
            FROM source, first)
        INSERT INTO kpi_definition_kpi_source_rel
        SELECT definition.id, source.id FROM kpi_definition AS definition, source
         WHERE definition.name->>'en_US' = 'Contacts';
        UPDATE kpi_definition SET history_start = current_date;
        INSERT INTO kpi_job (name, kind, state) VALUES ('Update', 'refresh', 'queued')
        """,
    )
    said = run(prepared, "short_crons")
    count = said.partition("runs ")[2].split()[0]
    assert int(count) > 1, "too short to show anything"
    assert rows(
        prepared,
        "SELECT state, step_done_count, written_count FROM kpi_job"
        " WHERE name = 'Update'",
    ) == [("done", 41, 0)]
