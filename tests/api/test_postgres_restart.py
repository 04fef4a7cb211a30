"""A PostgreSQL server that restarts under load, as when its package is upgraded."""

import json
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from calls import ask
from keyed_server import Server, running

from own_cluster import SECONDS, database_in_own_cluster
from ports import free_port

pytestmark = pytest.mark.long

UNAVAILABLE = "/api/kpi/problems/unavailable"
RESTARTS = 3


@pytest.fixture
def restarting(server, tmp_path):
    """A server on a copy of the database in a cluster of its own, and that cluster."""
    keys = server.keys
    with database_in_own_cluster(server.database) as (database, postgres):
        live_port = free_port()
        options = [f"--gevent-port={live_port}"]
        log = tmp_path / "odoo.log"
        with running(Server(database, log, options, keys)) as server:
            wait_for_port(live_port)
            yield server, postgres


def wait_for_port(port):
    """Odoo ends where it has to start one of its processes without PostgreSQL."""
    deadline = time.monotonic() + SECONDS
    while True:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        assert time.monotonic() < deadline, "the process for websockets is not there"
        time.sleep(0.2)


def wait_for_success(server):
    deadline = time.monotonic() + SECONDS
    while ask(server, "/api/kpi/definitions")[0] != 200:
        assert time.monotonic() < deadline, "does not come back"


def test_a_restart_is_told_in_json_and_calls_go_on(restarting):
    """Nothing is lost of what was answered with success."""
    server, postgres = restarting
    is_over = threading.Event()
    done = []

    def work(number):
        answers = []
        while not is_over.is_set():
            name = f"restart_{number}_{len(answers)}"
            if number % 2:
                body = {"name": name, "code": name}
                answer = ask(server, "/api/kpi/definitions", "POST", body)
                done.extend([name] if answer[0] == 201 else [])
            else:
                answer = ask(server, "/api/kpi/reports?limit=5")
            answers.append(answer)
        return answers

    with ThreadPoolExecutor(6) as pool:
        clients = [pool.submit(work, number) for number in range(6)]
        try:
            for _number in range(RESTARTS):
                wait_for_success(server)
                postgres.control("restart")
            wait_for_success(server)
        finally:
            is_over.set()
        answers = [answer for client in clients for answer in client.result()]
    found = Counter(
        (status, headers["Content-Type"]) for status, headers, _text in answers
    )
    failed = [answer for answer in answers if answer[0] not in (200, 201)]
    assert {(s, h["Content-Type"]) for s, h, _text in failed} == {
        (503, "application/problem+json")
    }, found
    for _status, headers, text in failed:
        assert int(headers["Retry-After"]) > 0
        assert json.loads(text)["type"] == UNAVAILABLE
    known = {code for (code,) in server.rows("SELECT code FROM kpi_definition")}
    assert known.issuperset(done)
    assert done
