"""OCA's Job Queue runs the jobs of a server whose crons never do."""

import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

SECONDS = 90
JOBS = 12
LOADED = "--load=base,web,rpc,queue_job"
ENQUEUE = f"""
from datetime import date
env["kpi.job"].search([]).unlink()
for day in range(1, {JOBS + 1}):
    # of other days it is another job
    env["kpi.job"]._enqueue("Recompute", "recompute", date_from=date(2026, 1, day))
env.cr.commit()
"""


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Two jobs of KPIs at a time, in two workers."""
    from odoo_server import OdooServer
    from templates import counted_copy

    monkeypatch.setenv("ODOO_QUEUE_JOB_CHANNELS", "root:4,root.kpi:2")
    with counted_copy() as database:
        found = OdooServer(database, tmp_path / "odoo.log", [LOADED])
        try:
            yield found
        finally:
            if found.process:
                found.stop()


def wait_for(server, is_reached):
    deadline = time.monotonic() + SECONDS
    while not is_reached():
        assert time.monotonic() < deadline, server.log.read_text()[-4000:]
        time.sleep(0.2)


def states(server):
    return dict(server.rows("SELECT state, count(*) FROM kpi_job GROUP BY state"))


def test_jobs_are_run_once_each_also_after_a_crash(server):
    server.shell(ENQUEUE)
    assert states(server) == {"queued": JOBS}
    server.start()
    wait_for(server, lambda: "done" in states(server))
    server.kill()
    server.start()
    wait_for(server, lambda: states(server) == {"done": JOBS})
    queue = "SELECT state, count(*) FROM queue_job GROUP BY state"
    wait_for(server, lambda: set(dict(server.rows(queue))) == {"done"})
    steps = "SELECT step_done_count - step_count, count(*) FROM kpi_job GROUP BY 1"
    assert dict(server.rows(steps)) == {0: JOBS}
