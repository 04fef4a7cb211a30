"""A real server with two workers on a database of its own."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

from keyed_server import Server, running  # noqa: E402 - its base by the line above


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    from templates import counted_copy

    log = tmp_path_factory.mktemp("api") / "odoo.log"
    with counted_copy() as database, running(Server(database, log)) as found:
        yield found
