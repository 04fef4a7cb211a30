"""An Odoo of its own on a database, for what only a server shows."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from installer import ODOO_BIN
from ports import free_port

START_SECONDS = 120


@contextmanager
def server(database: str) -> Iterator[str]:
    """The address of an Odoo of its own on a database."""
    port = free_port()
    options = ["-d", database, "--http-port", str(port), "--max-cron-threads=0"]
    log = Path(os.environ["KPI_STATE"], "logs", "bench-server.log")
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, ODOO_BIN, *options], stdout=sink, stderr=sink
        )
    url = f"http://localhost:{port}"
    try:
        _wait_for(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            requests.get(f"{url}/web/login", timeout=START_SECONDS)
        except requests.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return
