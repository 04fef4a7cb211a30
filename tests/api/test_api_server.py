"""What two workers do to each other, and what a client sees when one of them dies."""

import ast
import json
import os
import signal
import subprocess
import sys
import threading
import time
import xmlrpc.client
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from http.client import HTTPException
from pathlib import Path

import pytest
from calls import ask, operations

ROOT = Path(__file__).resolve().parents[2]
DAYS = 60
TABLES = """
    SELECT relname
      FROM pg_class
     WHERE relkind = 'r'
       AND (relname LIKE 'kpi\\_%' OR relname IN ('res_users', 'hr_department'))
       AND relname NOT IN ('kpi_api_log', 'kpi_api_counter', 'kpi_api_use')
  ORDER BY relname
"""


def at_once(count, action):
    """Results of an action done by ``count`` clients at the same moment."""
    barrier = threading.Barrier(count)

    def wait_and_act(number):
        barrier.wait()
        return action(number)

    with ThreadPoolExecutor(count) as clients:
        return list(clients.map(wait_and_act, range(count)))


def digest(server):
    """Table → what is in it."""
    content = "SELECT md5(string_agg(one::text, ' ' ORDER BY one::text)) FROM"
    return {
        table: server.rows(f"{content} {table} AS one")
        for (table,) in server.rows(TABLES)
    }


@pytest.mark.long
def test_reading_stays_on_the_replica(server):
    paths = {path for method, path in operations(server) if method == "GET"}
    for path in sorted(paths):
        query = "?first=2026-01-01&last=2026-01-31" if path.endswith("values") else ""
        ask(server, path + query)
    ask(server, "/api/kpi/query", "POST", {"question": "visits 1"})
    safe = ('"GET /api/kpi', '"POST /api/kpi/query')
    lines = [
        line
        for line in server.log.read_text().splitlines()
        if any(request in line for request in safe)
    ]
    assert lines
    assert not [line for line in lines if "ro->rw" in line]
    served = [line for line in lines if '" 200' in line or '" 404' in line]
    assert all(line.split()[-1] == "ro" for line in served), served


def test_options_head_and_trace_change_nothing(server):
    before = digest(server)
    for _method, path in operations(server):
        for method in ("OPTIONS", "HEAD", "TRACE"):
            status, headers, _text = ask(server, path, method)
            assert status < 500
            assert method != "OPTIONS" or (status == 204 and headers["Allow"])
            assert method != "TRACE" or status == 405
    assert digest(server) == before


def test_a_limit_holds_across_workers(server):
    server.execute(
        "UPDATE kpi_api_key SET requests_per_minute = 5 WHERE name = 'Key 2'"
    )
    answers = at_once(16, lambda number: ask(server, "/api/kpi/alerts", key=2))
    assert Counter(answer[0] for answer in answers) == {200: 5, 429: 11}
    waits = [int(headers["Retry-After"]) for s, headers, _t in answers if s == 429]
    assert set(waits) <= set(range(1, 13))


def test_of_a_hundred_calls_of_assistants_some_have_to_wait(server):
    server.execute(
        "UPDATE kpi_api_key SET requests_per_minute = 20 WHERE name = 'Key 1'"
    )
    params = {"name": "list_kpis", "arguments": {"limit": 2}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    started = time.monotonic()
    with ThreadPoolExecutor(16) as clients:  # as many connections as two workers take
        calls = [
            clients.submit(ask, server, "/api/kpi/mcp", "POST", body, key=1)
            for _call in range(100)
        ]
        answers = [call.result() for call in calls]
    free = (time.monotonic() - started) / 3  # became so meanwhile
    server.execute(
        "UPDATE kpi_api_key SET requests_per_minute = 0 WHERE name = 'Key 1'"
    )
    counts = Counter(status for status, _headers, _text in answers)
    assert set(counts) == {200, 429}
    assert 20 <= counts[200] <= 21 + free
    for status, headers, text in answers:
        if status == 200:
            assert json.loads(text)["result"]["isError"] is False
        else:
            assert 1 <= int(headers["Retry-After"]) <= 60
            assert json.loads(text)["error"]["code"]
    said = "route = '/api/kpi/mcp#list_kpis' AND record_ids ~ '^[0-9]+, [0-9]+$'"
    assert server.rows(f"SELECT count(*) FROM kpi_api_log WHERE {said}") == [
        (counts[200],)
    ]


def test_what_assistants_read_is_shown_and_what_they_were_refused_is_not(server):
    kpi = server.rows("SELECT id, name FROM kpi_report WHERE name ~ 'Visits 1\\y'")
    ((kpi_id, name),) = kpi
    days = {"first": "2026-01-01", "last": "2026-01-31"}
    cases = (
        ("get_values", {"report_id": kpi_id, **days}, 200, str(kpi_id)),
        ("get_values", {"report_id": kpi_id, **days, "last": "never"}, 400, ""),
        ("get_values", {"report_id": 999_999, **days}, 404, "999999"),
        ("ask", {"question": "visits 1"}, 200, str(kpi_id)),
        ("nothing", {}, 400, ""),
    )
    for number, (tool, arguments, _status, _ids) in enumerate(cases):
        params = {"name": tool, "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        ask(server, "/api/kpi/mcp", "POST", body, X_Request_ID=f"tool-{number}")
    log = (
        "SELECT status, record_ids FROM kpi_api_log WHERE request_id ~ '^tool-'"
        " ORDER BY request_id"
    )
    assert server.rows(log) == [(status, ids) for *_call, status, ids in cases]
    mine = [("key_name", "=", "Key 0")]
    rpc = xmlrpc.client.ServerProxy(f"{server.url}/xmlrpc/2/object")
    seen = rpc.execute_kw(
        server.database, 2, "admin", "kpi.mcp.reading", "search_read",
        [mine, ["tool", "kpis"]], {"order": "id"},
    )  # fmt: skip
    assert [(row["tool"], row["kpis"]) for row in seen] == [
        ("get_values", name),
        ("ask", name),
    ]


def test_reading_leaves_lines_in_the_access_log(server):
    for path, key, status in (
        ("/api/kpi/definitions/1", 0, 200),
        ("/api/kpi/definitions/999999", 0, 404),
        ("/api/kpi/definitions", None, 401),
    ):
        name = f"log-{status}"
        assert ask(server, path, key=key, X_Request_ID=name)[0] in (status, 404)
        ((known,),) = server.rows(
            f"SELECT status FROM kpi_api_log WHERE request_id = '{name}'"
        )
        assert known in (status, 404)


def test_an_error_is_one_line_without_what_was_sent(server):
    body = {"name": "Confidential", "decimals": "Confidential"}
    before = server.log.stat().st_size  # faults of other tests stand there
    status, _headers, _text = ask(server, "/api/kpi/definitions", "POST", body)
    assert status == 422
    log = server.log.read_bytes()[before:].decode()
    assert "Confidential" not in log
    assert "Traceback" not in log


def test_one_idempotency_key_from_many_clients_is_one_execution(server):
    body = {"name": "Once", "code": "once"}

    def create(_number):
        for _attempt in range(20):
            answer = ask(
                server, "/api/kpi/definitions", "POST", body, Idempotency_Key="once"
            )
            if answer[0] != 409:
                return answer
            time.sleep(int(answer[1]["Retry-After"]))
        return answer

    answers = at_once(4, create)
    assert {answer[0] for answer in answers} == {201}, answers
    assert len({answer[2] for answer in answers}) == 1
    found = server.rows("SELECT count(*) FROM kpi_definition WHERE code = 'once'")
    assert found == [(1,)]


def test_a_revoked_key_ends_on_every_worker(server):
    assert ask(server, "/api/kpi/alerts", key=1)[0] == 200
    server.execute("UPDATE kpi_api_key SET revoked_at = now() WHERE name = 'Key 1'")
    statuses = [ask(server, "/api/kpi/alerts", key=1)[0] for _number in range(6)]
    assert set(statuses) == {401}


def test_a_database_that_is_not_served_is_as_a_key_that_is_none(server):
    named = [
        ask(server, "/api/kpi/alerts", X_Odoo_Database=name)
        for name in (server.database, "postgres", "nothing")
    ]
    assert [status for status, _headers, _text in named] == [200, 401, 401]
    unknown = ask(server, "/api/kpi/alerts", key=None, X_API_Key="unknown")
    bodies = {
        text.replace(headers["X-Request-ID"], "")
        for _status, headers, text in [*named[1:], unknown]
    }
    assert len(bodies) == 1


def rows_of(code):
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(DAYS)]
    return [
        {"code": code, "day": str(day), "value": n + 0.5} for n, day in enumerate(days)
    ]


def send_until_done(server, code, stop_after=90):
    """Send the values of a KPI again and again until an answer comes."""
    name = f"bulk-{code}"
    deadline = time.monotonic() + stop_after
    while time.monotonic() < deadline:
        try:
            body = {"rows": rows_of(code)}
            status, _headers, text = ask(
                server, "/api/kpi/measurements", "POST", body, Idempotency_Key=name
            )
            if status == 200:
                return json.loads(text)
            assert status in (409, 429, 500, 502, 503), (status, text)
        except (HTTPException, OSError):
            pass  # the worker died before its answer, or in the middle of it
        time.sleep(0.2)
    raise AssertionError(f"{code}: no answer")


def recorded(server):
    return server.rows(
        "SELECT definition.code, count(*), count(DISTINCT fact.period_start),"
        "       sum(fact.value)"
        "  FROM kpi_measurement AS fact"
        "  JOIN kpi_report AS report ON report.id = fact.report_id"
        "  JOIN kpi_definition AS definition ON definition.id = report.definition_id"
        " WHERE definition.code LIKE 'visits%'"
        " GROUP BY definition.code"
        " ORDER BY definition.code"
    )


def forget(server, condition="true"):
    """Delete values that other tests have sent."""
    server.execute(f"DELETE FROM kpi_measurement WHERE {condition}")


@pytest.mark.long
def test_workers_killed_during_ingestion_lose_and_double_nothing(server):
    forget(server)
    revisions = revision_count(server)
    with ThreadPoolExecutor(3) as clients:
        sent = [
            clients.submit(send_until_done, server, f"visits_{number}")
            for number in range(3)
        ]
        for _kill in range(4):
            time.sleep(0.4)
            for pid in server.workers()[:1]:
                os.kill(pid, signal.SIGKILL)
        results = [future.result() for future in sent]
    assert all(result["added"] == DAYS for result in results)
    total = sum(n + 0.5 for n in range(DAYS))
    expected = [(f"visits_{number}", DAYS, DAYS, total) for number in range(3)]
    assert recorded(server) == expected
    assert revision_count(server) == revisions


@contextmanager
def database_away(server):
    """Nobody gets a connection, and those there were are gone."""
    import databases

    name = server.database

    def on_the_side(statement):
        connection = databases.connect("postgres")
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    on_the_side(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    on_the_side(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{name}'"
    )
    try:
        yield
    finally:
        on_the_side(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_key_revoked_during_a_request_ends_behind_it(server):
    """What began with a good key is done as a whole; what comes after it is refused."""
    server.execute("UPDATE kpi_api_key SET revoked_at = NULL WHERE name = 'Key 1'")
    body = {"rows": rows_of("visits_3")}

    def send(number):
        if number:
            time.sleep(0.05)
            server.execute(
                "UPDATE kpi_api_key SET revoked_at = now() WHERE name = 'Key 1'"
            )
            return None
        return ask(server, "/api/kpi/measurements", "POST", body, key=1)

    (status, _headers, text), _nothing = at_once(2, send)
    assert status in (200, 401), text
    kept = {code: count for code, count, _periods, _sum in recorded(server)}
    assert kept.get("visits_3", 0) == (DAYS if status == 200 else 0)
    assert ask(server, "/api/kpi/alerts", key=1)[0] == 401


def test_under_load_a_database_that_goes_away_is_never_anything_but_that(server):
    """Neither an unknown path, nor a bad key, nor an error of ours; and nothing is lost
    of what was answered with success."""
    server.execute("DELETE FROM kpi_api_counter")
    stop = time.monotonic() + 6
    done = []

    def work(number):
        answers = []
        while time.monotonic() < stop:
            name = f"under-load-{number}-{len(answers)}"
            body = {"name": name, "code": name.replace("-", "_")}
            if number % 2:
                answer = ask(server, "/api/kpi/definitions", "POST", body)
                done.extend([body["code"]] if answer[0] == 201 else [])
            else:
                answer = ask(server, "/api/kpi/reports?limit=5")
            answers.append(answer)
        return answers

    with ThreadPoolExecutor(6) as clients:
        futures = [clients.submit(work, number) for number in range(6)]
        time.sleep(2)
        with database_away(server):
            time.sleep(2)
        answers = [answer for future in futures for answer in future.result()]
    found = Counter(status for status, _headers, _text in answers)
    assert found.keys() == {200, 201, 503}, found
    kept = {code for (code,) in server.rows("SELECT code FROM kpi_definition")}
    assert kept.issuperset(done)


def test_while_the_database_is_away_clients_are_asked_to_wait(server):
    with database_away(server):
        answers = [ask(server, "/api/kpi/definitions") for _number in range(6)]
        answers += [ask(server, "/api/kpi/nothing")]
    for status, headers, text in answers:
        assert status == 503, text
        assert headers["Retry-After"]
        assert json.loads(text)["type"] == "/api/kpi/problems/unavailable"
    for _attempt in range(20):
        if ask(server, "/api/kpi/definitions")[0] == 200:
            return
        time.sleep(0.5)
    raise AssertionError("does not come back")


def revision_count(server):
    ((count,),) = server.rows("SELECT count(*) FROM kpi_measurement_revision")
    return count


def _dict_of(line):
    return ast.literal_eval(line[line.index("{") :])


@pytest.mark.long
def test_the_program_of_the_docs_goes_on_through_restarts(server):
    """One in peace and one by force: no value is lost, and none is written twice."""
    server.execute("DELETE FROM kpi_api_idempotency; DELETE FROM kpi_api_counter")
    forget(server, "date_part('year', period_start) != 2025")
    replaced = sum(count for _code, count, _periods, _total in recorded(server))
    revisions = revision_count(server)
    program = subprocess.Popen(
        [
            sys.executable,
            "-u",
            ROOT / "docs" / "api_export.py",
            server.url,
            server.keys[0],
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    for end in (server.stop, server.kill):
        lines.append(program.stdout.readline())
        end()
        server.start()
    lines += program.stdout.read().splitlines()
    assert program.wait(timeout=180) == 0, lines
    told = {line.split()[0]: _dict_of(line) for line in lines[:-1]}
    shown = {c: v for c, v in _dict_of(lines[-1]).items() if c.startswith("visits_")}
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]
    total = sum(float(day.day) for day in days)
    found = recorded(server)
    assert found == [(code, 365, 365, total) for code in sorted(shown)]
    assert shown == dict.fromkeys((f"visits_{n}" for n in range(20)), days[-1].day)
    # What other tests had sent has been replaced, once.
    assert sum(told[code]["added"] for code in shown) == 20 * 365 - replaced
    assert revision_count(server) == revisions + replaced
