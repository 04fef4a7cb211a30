"""Recording a million facts: our one way in, and COPY with INSERT … ON CONFLICT."""

from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from itertools import cycle, islice
from typing import Any

from _harness import Bench, Figure, case, check_equal
from _kpis import forget, stored_facts, track, vacuum

TEAMS, DEFINITIONS, DAYS = 100, 10, 1_000
FIRST_DAY = date(2023, 1, 1)
BATCH = 50_000
REVISIONS = """
    INSERT INTO kpi_measurement_revision
           (report_id, grain, period_start, old_value, new_value, old_source,
            new_source, old_recorded_by_id, recorded_at, replaced_at, replaced_by_id)
    SELECT fact.report_id, fact.grain, fact.period_start, fact.value, staging.value,
           fact.source, 'import', fact.recorded_by_id, fact.recorded_at,
           now() AT TIME ZONE 'UTC', %(user)s
      FROM staging
      JOIN kpi_measurement AS fact
        ON fact.report_id = staging.report_id
       AND fact.grain = 'day'
       AND fact.period_start = staging.period_start
     WHERE fact.value <> staging.value
"""
UPSERT = """
    INSERT INTO kpi_measurement AS fact
           (report_id, grain, period_start, value, source, recorded_at,
            recorded_by_id)
    SELECT report_id, 'day', period_start, value, 'import', now() AT TIME ZONE 'UTC',
           %(user)s
      FROM staging
        ON CONFLICT (report_id, grain, period_start)
        DO UPDATE SET value = EXCLUDED.value, recorded_at = EXCLUDED.recorded_at
     WHERE fact.value IS DISTINCT FROM EXCLUDED.value
"""

Fact = tuple[int, date, float]


@case("engine")
def upsert_vs_copy(bench: Bench) -> Iterator[Figure]:
    """Tuples from Python: into an empty table, over other values, over equal ones.

    Ours always keeps the values it replaces. The script does it in the comparison of
    changes, and once more without, which shows what that costs.
    """
    env = bench.env
    teams = env["kpi.team"].create([{"name": f"Team {n}"} for n in range(TEAMS)])
    daily = {"frequency": "day", "history_start": FIRST_DAY}
    reports = track(env, DEFINITIONS, "Entered", teams, **daily)
    facts, others = _facts(reports, 1.0), _facts(reports, 2.0)
    forget(env)
    vacuum(env)
    yield from _fresh(bench, facts)
    yield from _changed(bench, facts, others)


def _fresh(bench: Bench, facts: list[Fact]) -> Iterator[Figure]:
    env = bench.env
    for upsert in (_ours, _by_hand):
        upsert(env, facts)
        check_equal(stored_facts(env), facts)
        forget(env)
    ours, by_hand = bench.measure(
        lambda: _ours(env, facts),
        lambda: _by_hand(env, facts),
        before=lambda: forget(env),
    )
    yield Figure("upsert_vs_copy_fresh", ours, "s", by_hand, "<= 1.4")


def _changed(bench: Bench, facts: list[Fact], others: list[Fact]) -> Iterator[Figure]:
    """Every fact gets another value, back and forth."""
    env = bench.env
    turns = cycle([others, facts])
    ours, by_hand, without = bench.measure(
        lambda: _ours(env, next(turns)),
        lambda: _by_hand(env, next(turns), keep_revisions=True),
        lambda: _by_hand(env, next(turns)),
        before=lambda: vacuum(env, "kpi_measurement"),
    )
    yield Figure("upsert_vs_copy_changed", ours, "s", by_hand, "<= 1.4")
    yield Figure("upsert_vs_copy_changed_unrevised", ours, "s", without)
    last = next(turns)
    _ours(env, last)
    written = _ours(env, last).write_count
    yield Figure("upsert_same_rows_written", written, "rows", len(last), "<= 0")


def _facts(reports: Any, factor: float) -> list[Fact]:
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    return [
        (report_id, day, factor * (1 + report_id % 97 + number / 7))
        for report_id in sorted(reports.ids)
        for number, day in enumerate(days)
    ]


def _ours(env: Any, facts: list[Fact]) -> Any:
    return env["kpi.measurement"]._upsert("day", facts, source="import")


def _by_hand(env: Any, facts: list[Fact], *, keep_revisions: bool = False) -> None:
    cr, user = env.cr, {"user": env.uid}
    cr.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS staging"
        " (report_id integer, period_start date, value float8)"
    )
    cr.execute("TRUNCATE staging")
    rows = iter(facts)
    while batch := list(islice(rows, BATCH)):
        text = "".join([f"{report}\t{day}\t{value}\n" for report, day, value in batch])
        cr._obj.copy_expert("COPY staging FROM STDIN", StringIO(text))
    cr.execute("ANALYZE staging")
    if keep_revisions:
        cr.execute(REVISIONS, user)
    cr.execute(UPSERT, user)
