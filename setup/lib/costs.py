"""What tests cost: elapsed seconds, those of processors, and those of PostgreSQL.

Processor seconds depend less on what else the machine does than elapsed ones, but are
not the same on every machine: ``Pace`` tells how they compare.
"""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import databases

MEASURED = str(Path(__file__).with_name("measured.py"))
USER_AND_SYSTEM_TIME = slice(11, 15)  # of /proc/PID/stat after the name; children too
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
# what the work of a ``Pace`` takes on a processor that is shared with nothing else
PACE_SECONDS = 0.016
# Tests also wait for memory and disks: where that work took 2.34 times as long, they
# took 1.94 times as long.
SHARE_OF_PACE = 0.78
SECONDS_BETWEEN_PACES = 5


@dataclass(frozen=True)
class Cost:
    """What a process, all that it started and its databases took, in seconds.

    :ivar processor: without PostgreSQL, which is no child
    :ivar database: in which PostgreSQL executed statements; it waited for some of them
    """

    elapsed: float = 0.0
    processor: float = 0.0
    database: float = 0.0


def run_measured(
    command: list[str], environment: dict[str, str], output: Path, seconds: float
) -> tuple[int, Cost]:
    """Runs ``command`` and returns its exit status, with what it cost.

    :param output: file for all that it prints
    :param seconds: killed after so many
    :raises subprocess.TimeoutExpired: it was killed for that
    """
    dropped = output.with_suffix(".seconds")
    environment = {**environment, databases.SECONDS_FILE: str(dropped)}
    begin = time.monotonic()
    with output.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, MEASURED, *command],
            env=environment,
            stdout=sink,
            stderr=subprocess.STDOUT,
        )
    usage = _wait(process, begin + seconds)
    if usage is None:
        raise subprocess.TimeoutExpired(command, seconds)
    cost = Cost(
        elapsed=time.monotonic() - begin,
        processor=usage.ru_utime + usage.ru_stime,
        database=_read_seconds(dropped),
    )
    return process.returncode, cost


def _wait(process: subprocess.Popen, deadline: float):
    """What the process and its children used; None where it had to be killed."""
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            return None
        time.sleep(0.1)


def _read_seconds(file: Path) -> float:
    if not file.exists():
        return 0.0
    return sum(float(line) for line in file.read_text().splitlines())


class ServerClock:
    """Processor seconds of the PostgreSQL server, all of its processes that ended too.

    Not known where the server is on another machine, or hidden in a container.
    """

    def __init__(self) -> None:
        self._pid = self._find_server()
        self._begin = self._read() if self._pid else 0.0

    @property
    def seconds(self) -> float | None:
        """Since this clock was made; None where it is not known."""
        return self._read() - self._begin if self._pid else None

    def _find_server(self) -> int | None:
        if not os.environ.get("PGHOST", "").startswith("/"):
            return None
        with closing(databases.connect()) as connection:
            backend = Path("/proc", str(connection.info.backend_pid))
            try:
                is_postgres = (backend / "comm").read_text().startswith("postgres")
                return int(_read_stat(backend)[1]) if is_postgres else None
            except FileNotFoundError:
                return None

    def _read(self) -> float:
        times = _read_stat(Path("/proc", str(self._pid)))[USER_AND_SYSTEM_TIME]
        return sum(map(int, times)) / CLOCK_TICKS


class Pace:
    """How many processor seconds a fixed piece of work takes while this is entered.

    Processors that are older, throttled, or shared with other machines take more of
    them for the same tests.
    """

    def __init__(self) -> None:
        self._taken: list[float] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> "Pace":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._is_over.set()
        self._thread.join()

    @property
    def ratio(self) -> float:
        """Processor seconds here for one where the limits of a run were set."""
        return (statistics.median(self._taken) / PACE_SECONDS) ** SHARE_OF_PACE

    def _go_on(self) -> None:
        self._taken.append(_work())
        while not self._is_over.wait(SECONDS_BETWEEN_PACES):
            self._taken.append(_work())


def _work() -> float:
    """What Python does most: makes, sorts, writes and reads small objects."""
    begin = time.thread_time()
    rows = [{"name": str(n), "value": n * 7919 % 10007} for n in range(10000)]
    json.loads(json.dumps(sorted(rows, key=lambda row: row["value"])))
    return time.thread_time() - begin


def _read_stat(process: Path) -> list[str]:
    """The fields after the name, which may hold spaces: state, parent, …"""
    return (process / "stat").read_text().rpartition(")")[2].split()
