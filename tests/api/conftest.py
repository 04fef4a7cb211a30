"""One real server with two workers for all tests, on a database of its own."""

import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

from keyed_server import Server, running, small_disk  # noqa: E402 - by the line above

SPARE_MEGABYTES = 64  # bundles of the web client are made on the way


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Its files lie on a small disk, where one can be mounted."""
    import databases
    from templates import counted_copy

    folder = tmp_path_factory.mktemp("disk")
    log = tmp_path_factory.mktemp("api") / "odoo.log"
    with ExitStack() as stack:
        database = stack.enter_context(counted_copy())
        files = databases.filestore(database)
        used = sum(file.stat().st_size for file in files.rglob("*") if file.is_file())
        megabytes = (used >> 20) + SPARE_MEGABYTES
        disk = stack.enter_context(small_disk(folder, megabytes))
        shutil.copytree(files, folder / "filestore" / database)
        server = Server(database, log, [f"--data-dir={folder}"])
        server.disk = disk
        yield stack.enter_context(running(server))
