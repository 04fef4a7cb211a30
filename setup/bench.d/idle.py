"""What a company costs that nobody works with."""

import time
from collections.abc import Iterator
from contextlib import closing

import psutil

import databases
from _harness import Bench, Figure, case
from _server import running
from templates import template_copy

START_SECONDS = 120  # what was due while no server ran is done by then
QUIET_SECONDS = 300


@case()
def idle_share(_bench: Bench) -> Iterator[Figure]:
    """Processor seconds of the server of the demo company, in five quiet minutes.

    One update of changed values, of which there is one in fifteen, is among them.
    """
    with template_copy("demo") as database:
        with running(database, "--workers=0", "--max-cron-threads=2") as server:
            time.sleep(START_SECONDS)
            before, started = _used_seconds(server.process.pid), time.monotonic()
            _wake(database)
            time.sleep(QUIET_SECONDS)
            used = _used_seconds(server.process.pid) - before
            elapsed = time.monotonic() - started
    yield Figure("idle_share", used, "s", elapsed, "<= 0.01")


def _used_seconds(pid: int) -> float:
    server = psutil.Process(pid)
    times = [each.cpu_times() for each in [server, *server.children(recursive=True)]]
    return sum(each.user + each.system for each in times)


def _wake(database: str) -> None:
    """Have the cron that runs jobs run within a minute."""
    with closing(databases.connect(database)) as connection, connection.cursor() as cr:
        cr.execute(
            """
            UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC'
              FROM ir_model_data AS known
             WHERE known.res_id = ir_cron.id
               AND known.module = 'kpi_base' AND known.name = 'kpi_job_cron'
            """
        )
