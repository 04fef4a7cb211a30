"""Facts that somebody locks for long: whoever writes is refused, others are served."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from statistics import median
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from xmlrpc.client import Fault, ServerProxy

import pytest
from calls import ask

HELD_SECONDS, MOST_SECONDS = 25, 8
WRITERS = 6
DAY = date.today() - timedelta(days=3)


@pytest.fixture
def cookie(server):
    from screenshots import session

    return f"session_id={session(server.url, 'admin', 'admin')}"


@pytest.fixture
def locked(server):
    """A connection that holds a fact which everybody wants to write."""
    import databases

    (report_id,) = server.rows(
        "SELECT report.id FROM kpi_report AS report JOIN kpi_definition AS definition"
        " ON definition.id = report.definition_id WHERE definition.code = 'visits_1'"
    )[0]
    with closing(databases.connect(server.database)) as connection:
        connection.autocommit = False
        yield report_id, connection


def enter(server, cookie, report_id, value):
    """Save an entry as the grid does: status, seconds, headers and answer."""
    cell = {"report_id": report_id, "start": f"{DAY}", "text": str(value)}
    cell["reason"] = "Counted again"
    params = {"model": "kpi.report", "method": "save_entries", "args": [[cell]]}
    request = Request(
        f"{server.url}/web/dataset/call_kw/kpi.report/save_entries",
        json.dumps({"jsonrpc": "2.0", "params": {**params, "kwargs": {}}}).encode(),
        {"Content-Type": "application/json", "Cookie": cookie},
    )
    started = time.monotonic()
    try:
        with urlopen(request, timeout=60) as answer:
            status, headers, text = answer.status, answer.headers, answer.read()
    except HTTPError as error:
        status, headers, text = error.code, error.headers, error.read()
    return status, time.monotonic() - started, headers, json.loads(text)


def test_a_form_is_refused_and_others_are_served(server, cookie, locked):
    report_id, connection = locked
    status, _seconds, _headers, answer = enter(server, cookie, report_id, 1.0)
    assert (status, [*answer["result"][0]]) == (200, ["cell"]), answer
    # the first answer of a server takes longer
    assert ask(server, "/api/kpi/reports?limit=5")[0] == 200
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM kpi_measurement WHERE report_id = %s FOR UPDATE", [report_id]
        )
        assert cursor.rowcount
        with ThreadPoolExecutor(WRITERS) as people:
            entries = [
                people.submit(enter, server, cookie, report_id, 2.0 + number)
                for number in range(WRITERS)
            ]
            reads, until = [], time.monotonic() + HELD_SECONDS
            while not all(entry.done() for entry in entries):
                if time.monotonic() > until:
                    connection.rollback()
                started = time.monotonic()
                urlopen(f"{server.url}/web/health", timeout=60).close()
                assert ask(server, "/api/kpi/reports?limit=5")[0] == 200
                reads.append(time.monotonic() - started)
                time.sleep(0.2)
        connection.rollback()
    for entry in entries:
        status, seconds, headers, answer = entry.result()
        assert (status, headers["Retry-After"]) == (503, "2"), answer
        assert "Try again in a moment" in answer["error"]["data"]["message"]
        assert seconds < MOST_SECONDS
    # the first begins together with all who write
    assert median(reads) < MOST_SECONDS / 4, reads
    assert enter(server, cookie, report_id, 9.0)[0] == 200


def test_xml_rpc_is_refused_in_a_sentence(server, locked):
    _report_id, connection = locked

    def call(method, *arguments):
        objects = ServerProxy(f"{server.url}/xmlrpc/2/object")
        person = server.database, 2, "admin"
        return objects.execute_kw(*person, "kpi.team", method, arguments)

    team_id = call("create", {"name": "Held"})
    with connection.cursor() as cursor, ThreadPoolExecutor(1) as people:
        cursor.execute("SELECT FROM kpi_team WHERE id = %s FOR UPDATE", [team_id])
        assert cursor.rowcount
        writing = people.submit(call, "write", [team_id], {"name": "Late"})
        try:
            with pytest.raises(Fault, match="Try again in a moment"):
                writing.result(HELD_SECONDS)
        finally:
            connection.rollback()
    assert call("write", [team_id], {"name": "In time"})
