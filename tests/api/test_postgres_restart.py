"""A PostgreSQL server that restarts under load, as when its package is upgraded."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from calls import ask
from keyed_server import Server, running

from ports import free_port

ROOT = Path(__file__).resolve().parents[2]
UNAVAILABLE = "/api/kpi/problems/unavailable"
RESTARTS = 3
SECONDS = 60
# what names the server of the other tests
NAMES = ("DATABASE_URL", "PGHOST", "PGPASSWORD", "PGPORT", "PGUSER")
START = """
_find_postgres || exit 3
open_cache
ensure_postgres
echo "$PGHOST"
"""
CONTROL = """
_find_postgres
_as_postgres "$KPI_PG_BIN/pg_ctl" --pgdata "$KPI_HOME"/postgres-* --wait --silent \\
    --log "$KPI_HOME"/postgres-*/server.log --mode fast %s
"""


class Cluster:
    """A PostgreSQL server of this test alone, in the cache folder ``home``."""

    def __init__(self, home):
        self.home = home
        process = self._run(START)
        if process.returncode == 3:
            pytest.skip("no PostgreSQL server here: another one is given by PGHOST")
        assert process.returncode == 0, process.stderr
        self.host = process.stdout.strip()

    def _run(self, lines):
        environment = {**os.environ, "KPI_HOME": str(self.home)}
        for name in NAMES:
            environment.pop(name, None)
        script = f"set -euo pipefail\n. {ROOT}/setup/lib/common.sh\n{lines}"
        return subprocess.run(
            ["bash", "-c", script, "setup"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def control(self, action):
        """``restart`` or ``stop``; ends the connections that are open."""
        process = self._run(CONTROL % action)
        assert process.returncode == 0, process.stderr


@contextmanager
def cluster():
    """Not below pytest's folder: the user of PostgreSQL cannot reach root's."""
    home = Path(tempfile.mkdtemp(prefix="kpi-home-"))
    home.chmod(0o755)
    try:
        found = Cluster(home)
        try:
            yield found
        finally:
            found.control("stop")
    finally:
        shutil.rmtree(home)


@pytest.fixture
def restarting(tmp_path):
    """A server on a copy of the database in a cluster of its own, and that cluster."""
    from templates import counted_copy

    patched = pytest.MonkeyPatch.context()
    with counted_copy() as database, cluster() as postgres, patched as environment:
        command = ["pg_dump", "--no-owner", "--no-comments", database]
        dump = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
        environment.delenv("PGPASSWORD", raising=False)
        environment.setenv("PGHOST", postgres.host)
        environment.setenv("PGPORT", "5432")
        environment.setenv("PGUSER", "odoo")
        subprocess.run(["createdb", database], check=True)
        load = ["psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={database}"]
        subprocess.run(load, input=dump, stdout=subprocess.DEVNULL, check=True)
        live_port = free_port()
        options = [f"--gevent-port={live_port}"]
        with running(Server(database, tmp_path / "odoo.log", options)) as server:
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
