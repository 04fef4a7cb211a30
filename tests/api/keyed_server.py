"""Odoo on a database with keys of an administrator, and KPIs with values by day."""

import os
import subprocess
from contextlib import closing, contextmanager

from odoo_server import OdooServer
from ports import free_port

PREPARE = """
from datetime import datetime, timedelta
env["ir.config_parameter"].set_param("kpi_base.api_per_minute", 1000000)
env["ir.config_parameter"].set_param("kpi_tracking_connector.mcp_is_on", "True")
scopes = env["kpi.api.scope"].search([])
admin = env.ref("base.user_admin")
keys = env["kpi.api.key"].with_user(admin)
for number in range(3):
    text, key = keys._generate(
        {"name": f"Key {number}", "scope_ids": [(6, 0, scopes.ids)]},
        datetime.now() + timedelta(days=1),
    )
    print(f"key {text}")
for number in range(20):
    kpi = env["kpi.definition"].create(
        {"name": f"Visits {number}", "code": f"visits_{number}", "frequency": "day"}
    )
    report = kpi._track_for("company", env.company)
    env["kpi.target"].create({"report_id": report.id, "value": 1.0})
env.cr.commit()
"""


class Server(OdooServer):
    """Odoo with two workers, reading from what passes for a replica.

    :param keys: those of the database, where it has them
    """

    def __init__(self, database, log, options=(), keys=None):
        replica = ["--db_replica_host", os.environ["PGHOST"]]
        if os.environ.get("PGPORT"):
            replica += ["--db_replica_port", os.environ["PGPORT"]]
        # else it would be in the way of another server on this machine
        live = f"--gevent-port={free_port()}"
        super().__init__(database, log, [*replica, live, *options])
        self.keys = keys or self._prepared()

    def _prepared(self):
        """Twenty KPIs with values by day, and the keys of an administrator."""
        output = self.shell(PREPARE)
        keys = [line.split()[-1] for line in output.splitlines() if "key " in line]
        assert len(keys) == 3, output
        return keys

    def execute(self, statement):
        import databases

        with closing(databases.connect(self.database)) as connection:
            with connection.cursor() as cursor:
                cursor.execute(statement)


@contextmanager
def running(server):
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def small_disk(folder, megabytes):
    """A disk of its own at ``folder``; None without the right to mount one."""
    size = f"size={megabytes}m"
    command = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder]
    if subprocess.run(command, capture_output=True).returncode:
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
