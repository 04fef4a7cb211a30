"""Odoo's server with two workers on a database, as a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.request import urlopen

from installer import ODOO_BIN
from ports import free_port

SECONDS = 120
WORKERS = 2


class OdooServer:
    """Starts and stops; knows the processes that serve requests.

    :param log: file that gets the output
    :param options: of the command line, beyond database, workers and port
    :param ready_path: path that answers as soon as requests to the database are
        served; where kpi_base is not installed another one is needed
    """

    def __init__(
        self,
        database: str,
        log: Path,
        options: Sequence[str] = (),
        ready_path: str = "/api/kpi/openapi.json",
    ):
        self.database, self.log, self.port = database, Path(log), free_port()
        self.options, self.ready_path = list(options), ready_path
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
        options = [f"--workers={WORKERS}", "--max-cron-threads=0"]
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

    def workers(self) -> list[int]:
        """Process ids of what serves requests."""
        import psutil

        children = psutil.Process(self.process.pid).children()
        return [child.pid for child in children if "gevent" not in child.cmdline()]
