"""A PostgreSQL server of a test alone, which it can restart."""

import os
import shlex
import shutil
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from templates import counted_copy

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
# what names the server of the other tests
NAMES = ("DATABASE_URL", "PGHOST", "PGPASSWORD", "PGPORT", "PGUSER")
START = """
_find_postgres || exit 3
open_cache
ensure_postgres
echo "fsync = off" >>"$KPI_HOME"/postgres-*/kpi.conf
_as_postgres "$KPI_PG_BIN/pg_ctl" --pgdata "$KPI_HOME"/postgres-* --silent reload
echo "$PGHOST"
"""
CONTROL = """
_find_postgres
_as_postgres "$KPI_PG_BIN/pg_ctl" --pgdata "$KPI_HOME"/postgres-* --wait --silent \\
    --log "$KPI_HOME"/postgres-*/server.log --mode fast %s
"""


class Cluster:
    """A PostgreSQL server of this test alone, without fsync, below ``home``."""

    def __init__(self, home):
        self.home = home
        process = self._run(START)
        if process.returncode == 3:
            pytest.skip("no PostgreSQL server here: another one is given by PGHOST")
        assert process.returncode == 0, process.stderr
        self.host = process.stdout.strip()

    def _run(self, lines):
        environment = {**os.environ, "KPI_HOME": str(self.home)}
        for name in NAMES:
            environment.pop(name, None)
        library = shlex.quote(f"{ROOT}/setup/lib/common.sh")
        script = f"set -euo pipefail\n. {library}\n{lines}"
        return subprocess.run(
            ["bash", "-c", script, "setup"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )

    def control(self, action):
        """``restart`` or ``stop``; ends the connections that are open."""
        process = self._run(CONTROL % action)
        assert process.returncode == 0, process.stderr


@contextmanager
def cluster():
    """Not below pytest's folder: the user of PostgreSQL cannot reach root's."""
    home = Path(tempfile.mkdtemp(prefix="kpi-home-"))
    home.chmod(0o755)
    try:
        found = Cluster(home)
        try:
            yield found
        finally:
            found.control("stop")
    finally:
        shutil.rmtree(home)


@contextmanager
def database_in_own_cluster(database=None):
    """Name of a copy of it, or the template, in a cluster the environment names."""
    with ExitStack() as stack:
        database = database or stack.enter_context(counted_copy())
        postgres = stack.enter_context(cluster())
        dump = subprocess.check_output(["pg_dump", "-O", "--no-comments", database])
        environment = stack.enter_context(pytest.MonkeyPatch.context())
        environment.delenv("PGPASSWORD", raising=False)
        for name, value in ("HOST", postgres.host), ("PORT", "5432"), ("USER", "odoo"):
            environment.setenv(f"PG{name}", value)
        subprocess.run(["createdb", database], check=True)
        load = ["psql", "-q", "--single-transaction", "-v", "ON_ERROR_STOP=1", database]
        subprocess.run(load, input=dump, stdout=subprocess.DEVNULL, check=True)
        yield database, postgres
