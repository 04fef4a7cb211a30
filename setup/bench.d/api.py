"""The REST interface with two workers, beside what Odoo offers for the same."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from _api_server import FIRST_DAY, ApiServer, serving
from _harness import Bench, DifferentResults, Figure, case
from _kpis import forget, stored_facts
from random_requests import random_requests

DAYS = 1_000
ROWS_PER_CALL = 1_000
EXAMPLES, RANDOM_SECONDS = 500, 3600

Fact = tuple[int, date, float]


@case("engine")
def json2_vs_ingest(bench: Bench) -> Iterator[Figure]:
    """50,000 values in calls of 1,000: of 50 KPIs by day, one KPI a call.

    Odoo's ``/json/2`` creates rows of a bare model, which cannot even replace a value;
    ours checks each row, says what became of it and keeps what it replaces. The engine
    records the same chunks in this process.
    """
    with serving(bench) as server:
        facts = _facts(server.report_ids)
        calls = [
            facts[n : n + ROWS_PER_CALL] for n in range(0, len(facts), ROWS_PER_CALL)
        ]
        sides = {
            "json2": lambda: _create(server, calls),
            "ingest": lambda: _ingest(server, calls),
            "engine": lambda: _upsert(bench.env, calls),
        }
        for name, side in sides.items():
            _empty(bench.env)
            side()
            if _stored(bench.env, name) != facts:
                raise DifferentResults(f"{name}: not the values that were sent")
        seconds = bench.measure(*sides.values(), before=lambda: _empty(bench.env))
        json2, ingest, engine = seconds
        yield Figure("json2_vs_ingest", json2, "s", ingest, ">= 2")
        yield Figure("ingest_vs_engine", ingest, "s", engine, "<= 3")


@case("engine")
def schemathesis(bench: Bench) -> Iterator[Figure]:
    """So many requests to each operation of the description, good ones and bad ones.

    A failure is an operation with an answer that the description does not know, an
    error of the server among them.
    """
    with serving(bench) as server, TemporaryDirectory() as folder:
        url, key = f"http://127.0.0.1:{server.port}", server.client.key
        outcome = random_requests(url, key, EXAMPLES, Path(folder), RANDOM_SECONDS)
        if outcome.failures:
            print(outcome.text)
        yield Figure("schemathesis_failures", outcome.failures, "", 1, "<= 0")
        yield Figure("schemathesis_operations", outcome.operations, "", 1)


def _facts(report_ids: list[int]) -> list[Fact]:
    """KPI by KPI, as the history of each is sent."""
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    return [
        (report_id, day, 1 + report_id % 97 + place / 8)
        for report_id in report_ids
        for place, day in enumerate(days)
    ]


def _create(server: ApiServer, calls: list[list[Fact]]) -> None:
    for facts in calls:
        rows = [
            {"report_id": report_id, "period_start": str(day), "value": value}
            for report_id, day, value in facts
        ]
        path = "/json/2/kpi.bench.fact/create"
        ids = json.loads(
            _good(server.odoo_client.ask("POST", path, {"vals_list": rows}))
        )
        if len(ids) != len(facts):
            raise DifferentResults(f"json2: {len(ids)} of {len(facts)} rows")


def _ingest(server: ApiServer, calls: list[list[Fact]]) -> None:
    for facts in calls:
        rows = [
            {"report_id": report_id, "day": str(day), "value": value}
            for report_id, day, value in facts
        ]
        path = "/api/kpi/measurements"
        answer = json.loads(_good(server.client.ask("POST", path, {"rows": rows})))
        outcomes = {result["outcome"] for result in answer["results"]}
        if len(answer["results"]) != len(facts) or outcomes != {"added"}:
            raise DifferentResults(f"ingest: {outcomes}")


def _upsert(env: Any, calls: list[list[Fact]]) -> None:
    for facts in calls:
        env["kpi.measurement"]._upsert("day", facts, source="api")
        env.cr.commit()


def _empty(env: Any) -> None:
    env.cr.execute("TRUNCATE kpi_bench_fact")
    forget(env)


def _stored(env: Any, name: str) -> list[Fact]:
    env.cr.rollback()  # what others committed meanwhile
    if name != "json2":
        return stored_facts(env)
    env.cr.execute("SELECT report_id, period_start, value FROM kpi_bench_fact")
    return sorted(env.cr.fetchall())


def _good(answer: tuple[int, bytes]) -> bytes:
    status, body = answer
    if status not in (200, 201, 204):
        raise DifferentResults(f"status {status}: {body[:300].decode()}")
    return body
