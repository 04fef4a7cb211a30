"""Odoo's own records cost with the suite what they cost without it."""

import json
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

# of the statements without the suite
MOST_RATIO = 1.1
BATCHES = Path(__file__).with_name("host_batches.py")


@pytest.mark.long
def test_batches_take_no_more_statements(tmp_path):
    from templates import counted_copy, foundation_copy

    with counted_copy() as name:
        counts = count_statements(name, tmp_path)
    with foundation_copy() as name:
        usual = count_statements(name, tmp_path)
    assert counts.keys() == usual.keys()
    dear = {
        what: (usual[what], count)
        for what, count in counts.items()
        if count > usual[what] * MOST_RATIO
    }
    assert not dear, dear


def count_statements(database, folder):
    from odoo_server import OdooServer

    server = OdooServer(database, folder / f"{database}.log")
    printed = server.shell(BATCHES.read_text())
    (line,) = [line for line in printed.splitlines() if "counts {" in line]
    return json.loads(line.partition("counts ")[2])
