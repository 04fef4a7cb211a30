"""A connection pool that breaks the locks of sessions is noticed, and no job is run."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

SECONDS = 120
PGBOUNCER = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
CONFIGURATION = """
[databases]
* = host={host} port={server_port} user=odoo
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = {mode}
unix_socket_dir =
ignore_startup_parameters = extra_float_digits,options
"""
CODE = """
from odoo.addons.kpi_base.models.record.session_lock import are_locks_kept
env["kpi.job"].search([]).unlink()
env["kpi.job"]._cron_run()
print("kept", are_locks_kept(env.registry), env["kpi.job"].search_count([]) > 0)
"""


@pytest.mark.skipif(not Path(PGBOUNCER).exists(), reason="no pgbouncer here")
@pytest.mark.parametrize(
    ("mode", "is_kept"), [("transaction", False), ("session", True)]
)
def test_locks_that_a_pool_loses_stop_the_jobs(mode, is_kept):
    from installer import ODOO_BIN
    from ports import free_port
    from templates import counted_copy

    is_kept = mode == "session"
    port, root = free_port(), os.geteuid() == 0
    values = {"server_port": os.environ.get("PGPORT", 5432), "port": port, "mode": mode}
    with tempfile.TemporaryDirectory() as folder, counted_copy() as database:
        os.chmod(folder, 0o755)
        file = Path(folder, "pgbouncer.ini")
        file.write_text(CONFIGURATION.format(host=os.environ["PGHOST"], **values))
        # it refuses to be root
        user = {"user": "postgres", "group": pwd.getpwnam("postgres").pw_gid}
        user = {**user, "extra_groups": []} if root else {}
        pool = subprocess.Popen([PGBOUNCER, "--quiet", str(file)], cwd="/", **user)
        try:
            time.sleep(1)
            address = ["--db_host", "127.0.0.1", "--db_port", str(port)]
            command = [sys.executable, ODOO_BIN, "shell", "--no-http", "-d", database]
            run = subprocess.run(
                [*command, *address, "--log-level=error"],
                input=CODE,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                env={**os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(port)},
            )
        finally:
            pool.terminate()
            pool.wait(SECONDS)
    assert f"kept {is_kept} {is_kept}" in run.stdout, run.stdout + run.stderr
    assert ("No jobs are run" in run.stderr) is not is_kept
