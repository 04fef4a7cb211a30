"""What tests cost is counted: processes, their children, and PostgreSQL."""

import os
import re
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

import costs
import databases
from costs import Pace, ServerClock, run_measured
from run_tests import _print_cost

BURN = "import os; all(sum(os.times()[:2]) < 0.3 for _ in iter(int, 1))"
# a child that is waited for counts with its parent
PARENT = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])"


@pytest.fixture
def has_server():
    if not os.environ.get("PGHOST"):
        pytest.skip("PGHOST is not set: run this with setup/test")


def test_children_of_a_process_count_with_it(tmp_path):
    command = [sys.executable, "-c", f"{PARENT}\nprint('done')\nsys.exit(3)"]
    status, cost = run_measured(command, dict(os.environ), tmp_path / "some.log", 60)
    assert status == 3
    assert (tmp_path / "some.log").read_text() == "done\n"
    assert 0.3 <= cost.processor < 30
    assert cost.elapsed >= 0.3
    assert cost.database == 0


# as a browser that is killed leaves its pages behind
ORPHAN = f"""
import subprocess, sys, time
from pathlib import Path
burning = "import subprocess, sys; " \\
    "child = subprocess.Popen([sys.executable, '-c', {BURN!r}]); " \\
    "print(child.pid, flush=True); child.wait()"
browser = subprocess.Popen(
    [sys.executable, "-c", burning], stdout=subprocess.PIPE, text=True)
page = Path("/proc", browser.stdout.readline().strip())
browser.kill()
browser.wait()
while page.exists():
    time.sleep(0.05)
"""


def test_what_a_killed_process_leaves_behind_counts(tmp_path):
    output = tmp_path / "some.log"
    status, cost = run_measured(
        [sys.executable, "-c", ORPHAN], dict(os.environ), output, 60
    )
    assert (status, output.read_text()) == (0, "")
    assert 0.3 <= cost.processor < 30


def test_a_process_that_is_killed_has_failed(tmp_path):
    lines = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    command = [sys.executable, "-c", lines]
    status, _cost = run_measured(command, dict(os.environ), tmp_path / "some.log", 60)
    assert status == 128 + 9


def test_a_process_that_does_not_end_is_killed(tmp_path):
    output = tmp_path / "some.log"
    lines = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
    with pytest.raises(subprocess.TimeoutExpired):
        run_measured([sys.executable, "-c", lines], dict(os.environ), output, 2)
    place = Path("/proc", output.read_text().strip())
    deadline = time.monotonic() + 30
    while place.exists():
        assert time.monotonic() < deadline, "it goes on"
        time.sleep(0.05)


@pytest.mark.usefixtures("has_server")
def test_databases_that_a_process_drops_leave_their_seconds(tmp_path):
    lines = (
        "import databases; from contextlib import closing\n"
        "with databases.temporary_copy('template1') as name:\n"
        "    with closing(databases.connect(name)) as connection:\n"
        "        connection.cursor().execute('SELECT pg_sleep(0.3)')\n"
    )
    environment = dict(
        os.environ, PYTHONPATH=str(databases.__file__).rpartition("/")[0]
    )
    command = [sys.executable, "-c", lines]
    status, cost = run_measured(command, environment, tmp_path / "some.log", 60)
    assert status == 0, (tmp_path / "some.log").read_text()
    assert 0.3 <= cost.database < 30


@pytest.mark.usefixtures("has_server")
def test_the_server_counts_with_connections_that_have_ended(monkeypatch):
    clock = ServerClock()
    if clock.seconds is None:
        pytest.skip("PGHOST names a server on another machine")
    with closing(databases.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT sum(sqrt(n)) FROM generate_series(1, 3000000) n")
    # the server counts a process a moment after it has ended
    deadline = time.monotonic() + 30
    while clock.seconds < 0.1 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert clock.seconds >= 0.1
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    assert ServerClock().seconds is None


@pytest.mark.usefixtures("has_server")
def test_a_run_that_took_more_than_allowed_fails(capsys):
    subprocess.run([sys.executable, "-c", BURN], check=True)
    clock = ServerClock()
    with Pace() as pace:
        pass
    assert _print_cost(clock, pace, None)
    assert _print_cost(clock, pace, 1000)
    assert not _print_cost(clock, pace, 0.001)
    *_, minutes, compared, failure = capsys.readouterr().out.splitlines()
    words = r"[\d.]+ min elapsed, [\d.]+ processor minutes, .+ PostgreSQL.*"
    assert re.fullmatch(words, minutes)
    assert re.fullmatch(r"[\d.]+ at the pace of the limit: [\d.]+ are .+", compared)
    assert failure.startswith("FAILED more than 0.001 processor minutes")


def test_a_slow_machine_may_take_more_than_the_one_the_limit_was_set_on(monkeypatch):
    with Pace() as pace:
        time.sleep(0.1)
    taken = costs.PACE_SECONDS * pace.ratio ** (1 / costs.SHARE_OF_PACE)
    monkeypatch.setattr(costs, "PACE_SECONDS", taken / 2.34)
    assert pace.ratio == pytest.approx(1.94, rel=0.01)
