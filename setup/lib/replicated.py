"""A PostgreSQL server of a test alone with a streaming replica, and servers on both."""

import json
import subprocess
from contextlib import contextmanager
from http.cookiejar import CookieJar
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from odoo_server import SECONDS, OdooServer
from own_cluster import database_in_own_cluster
from ports import free_port

BEGIN = """
_find_postgres
[ -x "$KPI_PG_BIN/pg_basebackup" ] || exit 3
cluster=$(echo "$KPI_HOME"/postgres-*)
printf 'wal_level = replica\\nmax_wal_senders = 4\\n' >>"$cluster/kpi.conf"
echo 'local replication all peer map=kpi' >>"$cluster/pg_hba.conf"
_as_postgres "$KPI_PG_BIN/pg_ctl" --pgdata "$cluster" --wait --silent \\
    --log "$cluster/server.log" --mode fast restart
replica=$KPI_HOME/replica
mkdir -m 700 "$replica"
[ "$(id -u)" != 0 ] || chown "$KPI_PG_USER" "$replica"
_as_postgres "$KPI_PG_BIN/pg_basebackup" --host "$cluster" --username postgres \\
    --pgdata "$replica" --checkpoint fast --write-recovery-conf --no-sync
rm -f "$replica"/.s.PGSQL.* "$replica/server.log"  # of the first server
echo "$replica"
"""
CONTROL = """
_find_postgres
replica=$KPI_HOME/replica
_as_postgres "$KPI_PG_BIN/pg_ctl" --pgdata "$replica" --wait --silent --timeout 60 \\
    --log "$replica/server.log" --options "-k $replica" %s || {
    tail -n 20 "$replica/server.log" >&2
    exit 1
}
"""


class Replica:
    """Follows the server of ``postgres``; can be stopped, paused and promoted."""

    def __init__(self, postgres, database):
        self.postgres, self.database = postgres, database
        process = postgres._run(BEGIN)
        if process.returncode == 3:
            pytest.skip("no pg_basebackup here")
        assert process.returncode == 0, process.stderr
        self.host = process.stdout.split()[-1]
        self.control("start")

    def control(self, action):
        process = self.postgres._run(CONTROL % action)
        assert process.returncode == 0, process.stderr
        self.is_running = not action.startswith("stop")

    def execute(self, statement):
        command = ["psql", "-h", self.host, "-U", "postgres", "-Atc", statement]
        return subprocess.check_output([*command, self.database], text=True).strip()


@contextmanager
def replicated(database=None):
    """A database in a cluster of its own, which the environment names; its replica."""
    with database_in_own_cluster(database) as (name, postgres):
        replica = Replica(postgres, name)
        try:
            yield name, replica
        finally:
            if replica.is_running:
                replica.control("stop --mode immediate")


class Server(OdooServer):
    """Odoo that reads on the replica, if any, with a data folder of its own."""

    def __init__(self, database, replica, folder, options=()):
        folder.mkdir()
        self.folder = folder
        reading = []
        if replica:
            reading += [f"--db_replica_host={replica.host}", "--db_replica_port=5432"]
        self.live_port = free_port()
        own = [f"--data-dir={folder}", f"--gevent-port={self.live_port}"]
        super().__init__(database, folder / "log", [*reading, *own, *options])
        self.cookies = CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.cookies))

    def ask(self, path, **params):
        body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
        headers = {"Content-Type": "application/json"}
        request = Request(self.url + path, body, headers)
        with self.opener.open(request, timeout=SECONDS) as answer:
            found = json.load(answer)
        assert "result" in found, found
        return found["result"]

    def log_in(self):
        login = {"login": "admin", "password": "admin"}
        self.ask("/web/session/authenticate", db=self.database, **login)

    def call(self, model, method, *args, **kwargs):
        asked = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.ask("/web/dataset/call_kw", **asked)

    def read_name(self, record_id, **context):
        """Name of a team, which a reading request sees."""
        fields = ["name"]
        (row,) = self.call("kpi.team", "read", [record_id], fields, context=context)
        return row["name"]
