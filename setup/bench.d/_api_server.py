"""The REST interface on a server of its own, for the benchmarks of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from odoo.tools import config

from _harness import HERE, Bench
from _http import Client
from _kpis import track, vacuum
from installer import run_odoo
from odoo_server import OdooServer

ADDONS = HERE / "addons"
KPIS = 50
FIRST_DAY = date(2023, 1, 1)
NO_LIMIT = 10**9
PEOPLE = 4
KEY_DAYS = 1
MEBIBYTE = 2**20


@dataclass
class ApiServer:
    """A server with KPIs to fill, and clients with keys.

    :ivar clients: each with a key of its own, all of the same administrator
    :ivar odoo_client: with a key of Odoo for everything
    """

    process: OdooServer
    report_ids: list[int]
    clients: list[Client]
    odoo_client: Client

    @property
    def client(self) -> Client:
        return self.clients[0]

    def worker_mib(self) -> float:
        """Resident memory of what serves requests."""
        pids = self.process.workers()
        return sum(psutil.Process(pid).memory_info().rss for pid in pids) / MEBIBYTE

    @property
    def port(self) -> int:
        return self.process.port


@contextmanager
def serving(bench: Bench) -> Iterator[ApiServer]:
    """The case's database behind two workers."""
    with TemporaryDirectory() as folder:
        log = Path(folder, "odoo.log")
        options = ["--log-level=warn", "--limit-request", str(NO_LIMIT)]
        process = OdooServer(bench.database, log, [*_addons_path(), *options])
        _install(bench, Path(folder, "install.log"))
        server = _prepared(bench.env, process)
        process.start()
        try:
            yield server
        finally:
            process.stop()


def _addons_path() -> list[str]:
    return ["--addons-path", ",".join([str(ADDONS), *config["addons_path"]])]


def _install(bench: Bench, log: Path) -> None:
    """The addon that we are measured against."""
    bench.env.cr.rollback()  # nothing locked stands in its way
    options = ["-d", bench.database, "-i", "kpi_bench", "--stop-after-init"]
    run_odoo([*options, "--no-http", *_addons_path()], log)


def _prepared(env: Any, process: OdooServer) -> ApiServer:
    env["ir.config_parameter"].set_param("kpi_base.api_per_minute", NO_LIMIT)
    daily = {"frequency": "day", "history_start": FIRST_DAY}
    reports = track(env, KPIS, "Sent", **daily)
    clients = [Client(process.port, key) for key in _keys(env)]
    admin = env.ref("base.user_admin")
    secrets = env["res.users.apikeys"].with_user(admin)
    ends_at = datetime.now() + timedelta(days=KEY_DAYS)
    odoo_key = secrets._generate(None, "Benchmark", ends_at)
    vacuum(env)
    return ApiServer(process, reports.ids, clients, Client(process.port, odoo_key))


def _keys(env: Any) -> Iterator[str]:
    scopes = env["kpi.api.scope"].search([])
    keys = env["kpi.api.key"].with_user(env.ref("base.user_admin"))
    for number in range(PEOPLE):
        values = {"name": f"Client {number}", "scope_ids": [(6, 0, scopes.ids)]}
        text, _key = keys._generate(values, datetime.now() + timedelta(days=KEY_DAYS))
        yield text
