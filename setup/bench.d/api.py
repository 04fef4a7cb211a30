"""The REST interface with two workers, beside what Odoo offers for the same."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from _harness import Bench, DifferentResults, Figure, case, check_equal
from _kpis import forget, make_key, make_model, stored_facts, track, vacuum
from _server import ask, server
from random_requests import random_requests

KPIS, DAYS, FIRST_DAY = 50, 1_000, date(2023, 1, 1)  # one KPI a call
PLAIN = "x_bench_fact"
EXAMPLES, RANDOM_SECONDS = 500, 3600

Fact = tuple[int, date, float]


@case("engine")
def json2_vs_ingest(bench: Bench) -> Iterator[Figure]:
    """50,000 values in calls of 1,000.

    Odoo's ``/json/2`` creates rows of a bare model, which cannot even replace a value;
    ours checks each row, says what became of it and keeps what it replaces.
    """
    env = bench.env
    columns = {"x_report_id": "many2one kpi.report", "x_period_start": "date"}
    make_model(env, PLAIN, x_grain="char", x_value="float", x_source="char", **columns)
    index = "(x_report_id, x_grain, x_period_start)"
    env.cr.execute(f"CREATE UNIQUE INDEX ON {PLAIN} {index}")
    kpis = track(env, KPIS, "Sent", frequency="day", history_start=FIRST_DAY)
    key, odoo_key = make_key(env), _make_odoo_key(env)
    vacuum(env)
    days = [FIRST_DAY + timedelta(days=n) for n in range(DAYS)]
    calls = [
        [(kpi_id, day, 1 + kpi_id % 97 + place / 8) for place, day in enumerate(days)]
        for kpi_id in kpis.ids
    ]

    def empty() -> None:
        env.cr.execute(f"TRUNCATE {PLAIN}")
        forget(env)

    with server(bench.database) as url:
        odoo = partial(_create, partial(_post, url, odoo_key), calls)
        ours = partial(_ingest, partial(_post, url, key), calls)
        facts = [fact for call in calls for fact in call]
        empty()
        odoo()
        env.cr.rollback()  # what others committed meanwhile
        env.cr.execute(f"SELECT x_report_id, x_period_start, x_value FROM {PLAIN}")
        check_equal(sorted(env.cr.fetchall()), facts)
        ours()
        env.cr.rollback()
        check_equal([fact[:3] for fact in stored_facts(env)], facts)
        theirs, seconds = bench.measure(odoo, ours, before=empty)
    yield Figure("json2_vs_ingest", theirs, "s", seconds, ">= 2")


@case("engine")
def schemathesis(bench: Bench) -> Iterator[Figure]:
    """So many requests to each operation of the description, good ones and bad ones.

    A failure is an operation with an answer that the description does not know, an
    error of the server among them.
    """
    key = make_key(bench.env)
    with server(bench.database) as url, TemporaryDirectory() as folder:
        outcome = random_requests(url, key, EXAMPLES, Path(folder), RANDOM_SECONDS)
        if outcome.failures:
            print(outcome.text)
        yield Figure("schemathesis_failures", outcome.failures, "", 1, "<= 0")
        yield Figure("schemathesis_operations", outcome.operations, "", 1)


def _make_odoo_key(env: Any) -> str:
    keys = env["res.users.apikeys"].with_user(env.ref("base.user_admin"))
    return keys._generate(None, "Benchmark", datetime.now() + timedelta(days=1))


def _post(url: str, key: str, path: str, body: Any) -> Any:
    return json.loads(ask(url, "POST", path, body, Authorization=f"Bearer {key}"))


def _create(post: Any, calls: list[list[Fact]]) -> None:
    common = {"x_grain": "day", "x_source": "api"}
    for facts in calls:
        rows = [
            {"x_report_id": kpi_id, "x_period_start": str(day), "x_value": value}
            for kpi_id, day, value in facts
        ]
        rows = [{**common, **row} for row in rows]
        ids = post(f"/json/2/{PLAIN}/create", {"vals_list": rows})
        if len(ids) != len(facts):
            raise DifferentResults(f"json2: {len(ids)} of {len(facts)} rows")


def _ingest(post: Any, calls: list[list[Fact]]) -> None:
    for facts in calls:
        rows = [
            {"report_id": kpi_id, "day": str(day), "value": value}
            for kpi_id, day, value in facts
        ]
        results = post("/api/kpi/measurements", {"rows": rows})["results"]
        outcomes = {result["outcome"] for result in results}
        if len(results) != len(facts) or outcomes != {"added"}:
            raise DifferentResults(f"ingest: {outcomes}")
