"""A server whose database is locked or breaks off: every answer says so in JSON."""

import json
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

from calls import ask

UNAVAILABLE = "/api/kpi/problems/unavailable"
ROW = {"code": "visits_0", "day": "2024-03-01", "value": 1.0}
BREAKS_SECONDS = 5


@contextmanager
def locked(server, table):
    """Nobody but us writes to ``table``; who reads it is let."""
    import databases

    with closing(databases.connect(server.database)) as connection:
        connection.autocommit = False
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
            yield


def test_writes_that_wait_for_a_lock_are_asked_to_come_again(server):
    """It is held until all have their answers: none of them waits for its end."""

    def write(_number):
        body = {"rows": [ROW]}
        return ask(server, "/api/kpi/measurements", "POST", body)

    server.execute("DELETE FROM kpi_api_counter")
    with locked(server, "kpi_measurement"), ThreadPoolExecutor(3) as clients:
        written = clients.map(write, range(3))
        read = ask(server, "/api/kpi/reports?limit=5")
        answers = list(written)
    assert read[0] == 200
    for status, headers, text in answers:
        assert status == 503, text
        assert int(headers["Retry-After"]) > 0
        problem = json.loads(text)
        assert problem["type"] == UNAVAILABLE
        assert "changing the same data" in problem["detail"]
    status, _headers, text = write(0)
    assert status == 200, text


def test_a_claim_waits_no_longer_than_any_call(server):
    """The key of a request whose lock did not come is free again."""
    named = {"Idempotency_Key": "after the lock"}
    body = {"rows": [{**ROW, "code": "visits_1"}]}
    with locked(server, "kpi_measurement"):
        first = ask(server, "/api/kpi/measurements", "POST", body, **named)
    second = ask(server, "/api/kpi/measurements", "POST", body, **named)
    assert (first[0], second[0]) == (503, 200)
    assert json.loads(second[2])["added"] == 1


def test_connections_that_break_off_anywhere_are_told_in_json(server):
    """While the workers read their registry, between requests and within them."""
    import databases

    server.execute("DELETE FROM kpi_api_counter")
    stop = time.monotonic() + BREAKS_SECONDS
    is_over = threading.Event()

    def break_connections():
        with closing(databases.connect("postgres")) as connection:
            with connection.cursor() as cursor:
                while not is_over.is_set():
                    cursor.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE datname = %s AND backend_type = 'client backend'",
                        (server.database,),
                    )
                    is_over.wait(0.03)

    def work(number):
        answers = []
        while time.monotonic() < stop:
            name = f"break_{number}_{len(answers)}"
            if number % 2:
                body = {"name": name, "code": name}
                answers.append(ask(server, "/api/kpi/definitions", "POST", body))
            else:
                answers.append(ask(server, "/api/kpi/reports?limit=5"))
        return answers

    with ThreadPoolExecutor(5) as pool:
        breaking = pool.submit(break_connections)
        clients = [pool.submit(work, number) for number in range(4)]
        answers = [answer for client in clients for answer in client.result()]
        is_over.set()
        breaking.result()
    statuses = Counter(status for status, _headers, _text in answers)
    assert statuses.keys() <= {200, 201, 503}, statuses
    assert statuses[503]
    for status, headers, text in answers:
        if status == 503:
            assert headers["Content-Type"] == "application/problem+json", text
            assert json.loads(text)["type"] == UNAVAILABLE
            assert headers["Retry-After"]
