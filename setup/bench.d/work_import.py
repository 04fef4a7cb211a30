"""Importing a file of 100,000 values, beside parsing it and recording its facts."""

import base64
import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from _harness import Bench, DifferentResults, Figure, case
from _kpis import forget, stored_facts, track, vacuum

KPIS, DAYS = 200, 500
FIRST_DAY = date(2024, 1, 1)
MIB_LIMIT = 400

Fact = tuple[int, date, float]


@case("engine", group="work")
def import_vs_parse_and_upsert(bench: Bench) -> Iterator[Figure]:
    """The importer, from the stored file to the facts, and what it cannot do without:
    reading the text with ``csv`` and recording the same facts with ``_upsert``.

    The importer also finds the KPIs by their codes, reads days and numbers, looks for
    rows that say the same, and counts what is new; memory is measured on the file.
    """
    env = bench.env
    reports = _reports(env)
    content = _file(reports)
    facts = _facts(reports)
    job = _job(env, content)
    forget(env)
    vacuum(env)
    for run in (lambda: _import(job), lambda: _by_hand(env, content, facts)):
        run()
        if stored_facts(env) != facts:
            raise DifferentResults("not the values of the file")
        forget(env)
    ours, by_hand = bench.measure(
        lambda: _import(job),
        lambda: _by_hand(env, content, facts),
        before=lambda: forget(env),
    )
    yield Figure("import_vs_parse_and_upsert", ours, "s", by_hand, "<= 3")
    env.cr.rollback()  # nothing locked stands in the way of the processes below
    _read, peak = bench.peak_memory(import_once)
    yield Figure("import_peak_rss_mb", peak, "MiB", MIB_LIMIT, "<= 1")
    _read, twice = bench.peak_memory(import_twice_as_many)
    yield Figure("import_peak_rss_of_twice_the_rows", twice, "MiB", peak, "<= 1.2")


def import_once(env: Any) -> None:
    """In a process of its own: KPIs, file and import."""
    _import_days(env, DAYS)


def import_twice_as_many(env: Any) -> None:
    _import_days(env, 2 * DAYS)


def _import_days(env: Any, days: int) -> None:
    reports = _reports(env)
    _import(_job(env, _file(reports, days)))


def _reports(env: Any) -> Any:
    """The KPIs of the file, made once per database."""
    known = env["kpi.report"].search([("code", "=like", "entered_%")], order="id")
    daily = {"frequency": "day", "history_start": FIRST_DAY}
    return known or track(env, KPIS, "Entered", **daily)


def _facts(reports: Any, days: int = DAYS) -> list[Fact]:
    return [
        (report_id, FIRST_DAY + timedelta(days=day), 1 + report_id % 97 + day / 8)
        for report_id in reports.ids
        for day in range(days)
    ]


def _file(reports: Any, days: int = DAYS) -> bytes:
    codes = {report.id: report.code for report in reports}
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["code", "date", "value", "remark"])
    for report_id, day, value in _facts(reports, days):
        writer.writerow([codes[report_id], day, value, "as counted"])
    return stream.getvalue().encode()


def _job(env: Any, content: bytes) -> Any:
    job = env["kpi.import"].create(
        {"file": base64.b64encode(content), "file_name": "values.csv"}
    )
    job.action_read()
    return job


def _import(job: Any) -> None:
    job._run()
    if job.state != "done" or job.refused_count:
        raise DifferentResults(job.error or f"{job.refused_count} rows were refused")


def _by_hand(env: Any, content: bytes, facts: list[Fact]) -> None:
    list(csv.reader(io.StringIO(content.decode())))
    env["kpi.measurement"]._upsert("day", facts, source="import")
