"""Files that people bring: rows that are refused, and 20,000 values beside one COPY."""

import base64
import csv
import io
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any

import _kpis
from _harness import HERE, Bench, DifferentResults, Figure, case, check_equal
from _kpis import as_admin, forget, stored_facts, track

ROWS = 300  # that are refused, and as many good ones
KPIS, DAYS, FIRST_DAY = 20, 1_000, date(2023, 1, 1)
UPSERT = """
    INSERT INTO kpi_measurement AS fact
           (report_id, grain, period_start, value, source, recorded_at, recorded_by_id)
    SELECT report.id, 'day', given.day, given.value, 'import',
           now() AT TIME ZONE 'UTC', 1
      FROM given
      JOIN kpi_definition AS definition ON definition.code = given.code
      JOIN kpi_report AS report ON report.definition_id = definition.id
        ON CONFLICT (report_id, grain, period_start)
        DO UPDATE SET value = excluded.value, recorded_at = excluded.recorded_at
             WHERE fact.value IS DISTINCT FROM excluded.value
"""


@case("engine")
def refused_rows(bench: Bench) -> Iterator[Figure]:
    """Statements of the check of 300 rows that are refused, and of 300 good ones."""
    env = bench.env
    kpis = track(env, 1, "Work", frequency="day", history_start=FIRST_DAY)
    env.cr.commit()
    code = kpis.definition_id.code
    days = [FIRST_DAY + timedelta(days=n) for n in range(ROWS)]
    refused = {
        "an unknown department": ["code,department,day,value"]
        + [f"{code},Nowhere {n},{day},1" for n, day in enumerate(days)],
        "an unknown KPI": ["code,day,value"]
        + [f"nothing_{n},{day},1" for n, day in enumerate(days)],
        "what is no number": ["code,day,value"]
        + [f"{code},{day},x{n}" for n, day in enumerate(days)],
    }
    good = ["code,day,value", *(f"{code},{day},1" for day in days)]
    _count_check(env, good, 0)  # what Odoo keeps for all calls
    ours = max(_count_check(env, lines, ROWS) for lines in refused.values())
    reference = _count_check(env, good, 0)
    yield Figure("refused_vs_good_rows", ours, "queries", reference, "<= 2")


def _count_check(env: Any, lines: list[str], refused: int) -> float:
    job = _make_job(env, "\n".join(lines).encode())
    env.flush_all()
    env.invalidate_all()
    before = env.cr.sql_log_count
    job.sudo().is_check = True
    job._run()
    counted = env.cr.sql_log_count - before
    if (job.state, job.refused_count) != ("checked", refused):
        raise DifferentResults(f"{job.state}, {job.refused_count} refused: {job.error}")
    env.cr.rollback()
    env.invalidate_all()
    return float(counted)


def _make_job(env: Any, content: bytes) -> Any:
    job = as_admin(env["kpi.import"]).create(
        {
            "file": base64.b64encode(content),
            "file_name": "values.csv",
            "is_mapping_kept": False,
        }
    )
    job.action_read()
    if job.question:
        raise DifferentResults(f"the file is not understood: {job.question}")
    return job


@case("engine")
def import_values(bench: Bench) -> Iterator[Figure]:
    """A file of 20,000 values whose columns are matched, from the stored file to the
    facts; beside reading it with ``csv``, one COPY and one INSERT that updates what is
    there.

    The importer also checks each cell, finds the KPIs by their names, logs what was
    there before, and says what came of each row. Finding out what the columns are is
    the step before, which people confirm.
    """
    env = bench.env
    kpis = track(env, KPIS, "Work", frequency="day", history_start=FIRST_DAY)
    content = _make_file(kpis)
    job = _make_job(env, content)
    env.cr.commit()
    left, sides = [], (partial(_import, job), partial(_copy, env, content))
    for act in sides:
        forget(env)
        act()
        left.append(stored_facts(env))
    check_equal(*left)
    _kpis.vacuum(env)
    ours, reference = bench.measure(*sides, before=partial(forget, env))
    yield Figure("import_vs_parse_and_upsert", ours, "s", reference, "<= 3")
    forget(env)
    command = [sys.executable, HERE / "_import_memory.py", bench.database, str(job.id)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    yield Figure(
        "import_peak_rss_mb", float(done.stdout.split()[-1]), "MB", 1, "<= 400"
    )


def _make_file(kpis: Any) -> bytes:
    rows = [
        f"{code},{FIRST_DAY + timedelta(days=n)},{1 + place % 97 + n / 8}"
        for place, code in enumerate(kpis.definition_id.mapped("code"))
        for n in range(DAYS)
    ]
    return "\n".join(["code,day,value", *rows]).encode()


def _import(job: Any) -> None:
    job._run()
    if job.state != "done" or job.refused_count:
        raise DifferentResults(job.error or f"{job.refused_count} rows were refused")
    job.env.cr.commit()


def _copy(env: Any, content: bytes) -> None:
    """What somebody would write who needs it once."""
    rows = csv.DictReader(io.StringIO(content.decode()))
    lines = (f"{row['code']}\t{row['day']}\t{float(row['value'])}\n" for row in rows)
    env.cr.execute(
        "CREATE TEMPORARY TABLE given (code text, day date, value float8)"
        " ON COMMIT DROP"
    )
    env.cr._obj.copy_expert("COPY given FROM STDIN", io.StringIO("".join(lines)))
    env.cr.execute(UPSERT)
    env.cr.commit()
