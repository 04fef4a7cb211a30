"""An Odoo of its own on a database, for what only a server shows."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from odoo_server import SECONDS as START_SECONDS
from odoo_server import OdooServer

__all__ = ["START_SECONDS", "server"]


@contextmanager
def server(database: str) -> Iterator[str]:
    """The address of an Odoo of its own on a database, in one process."""
    log = Path(os.environ["KPI_STATE"], "logs", "bench-server.log")
    process = OdooServer(database, log, ["--workers=0"], "/web/login")
    process.start()
    try:
        yield f"http://localhost:{process.port}"
    finally:
        process.stop()
