"""Odoo's server on a database, as a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

from installer import ODOO_BIN
from ports import free_port

SECONDS, SHELL_SECONDS = 120, 90
WORKERS = 2


class OdooServer:
    """Starts and stops; knows the processes that serve requests.

    :param log: file that gets the output
    :param options: of the command line, beyond database, workers and port
    :param ready_path: path that answers as soon as requests to the database are
        served; where kpi_base is not installed another one is needed
    :param workers: processes that serve requests; 0 = one process alone, which loads
        the addons once only
    """

    def __init__(
        self,
        database: str,
        log: Path,
        options: Sequence[str] = (),
        ready_path: str = "/api/kpi/openapi.json",
        *,
        workers: int = WORKERS,
    ):
        self.database, self.log, self.port = database, Path(log), free_port()
        self.options, self.ready_path = list(options), ready_path
        self.worker_count = workers
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def command(self, *arguments: str) -> list[str]:
        """Odoo's command line on the database."""
        return [sys.executable, ODOO_BIN, *arguments, "-d", self.database] + (
            self.options
        )

    def start(self) -> None:
        """Returns when requests are served.

        :raises AssertionError: they are not after two minutes; carries the log
        """
        options = [f"--workers={self.worker_count}", "--max-cron-threads=0"]
        options.append(f"--http-port={self.port}")
        with self.log.open("a") as log:
            # A client on the same busy machine may take a while to send its request.
            patient = {**os.environ, "ODOO_HTTP_SOCKET_TIMEOUT": str(SECONDS)}
            self.process = subprocess.Popen(
                self.command("server", *options), stdout=log, stderr=log, env=patient
            )
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                urlopen(self.url + self.ready_path, timeout=5).close()
                return
            except OSError:
                time.sleep(0.3)
        raise AssertionError(self.log.read_text())

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=SECONDS)

    def kill(self) -> None:
        """As when a machine loses its power: nobody gets to finish anything."""
        import psutil

        parent = psutil.Process(self.process.pid)
        for process in [*parent.children(recursive=True), parent]:
            process.kill()
        self.process.wait()

    def shell(self, code: str) -> str:
        """What the code prints, in a process of this server."""
        run = subprocess.run(
            self.command("shell", "--no-http", "--log-level=error"),
            input=code,
            capture_output=True,
            text=True,
            timeout=SHELL_SECONDS,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def rows(self, query: str) -> list[tuple]:
        """What PostgreSQL answers, in a transaction of its own."""
        import databases

        with closing(databases.connect(self.database)) as connection:
            with connection.cursor() as cursor:
                cursor.execute(query)
                return cursor.fetchall()

    def workers(self) -> list[int]:
        """Process ids of what serves requests."""
        import psutil

        children = psutil.Process(self.process.pid).children()
        return [child.pid for child in children if "gevent" not in child.cmdline()]
