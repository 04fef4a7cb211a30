"""A real server, and browsers that look at it."""

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "setup" / "lib"))

SECONDS = 120
# a tile, or that none is open to the reader
SHOWN = ".o_kpi_tile:not(.o_kpi_tile_frame), .o_kpi_screen_empty"
PASSWORD = "Live-and-let-live-1"
PREPARE = f"""
group = env.ref("kpi_base.kpi_base_group_user")
people = [
    env["res.users"].create(
        {{
            "name": login,
            "login": login,
            "password": "{PASSWORD}",
            "group_ids": [(6, 0, group.ids)],
        }}
    )
    for login in ("reader", "stranger")
]
kpi = env["kpi.definition"].create(
    {{
        "name": "Parcels",
        "code": "live_parcels",
        "computation": "manual",
        "frequency": "month",
        "history_start": "2020-01-01",
    }}
)
report = kpi._track_for("company", env.company)
report.owner_id = people[0]
for number in range(7):
    crates = kpi.copy({{"name": f"Crates {{number}}", "code": f"crates_{{number}}"}})
    crates._track_for("company", env.company).owner_id = people[0]
people[0].group_ids += env.ref("kpi_deal_pipeline.kpi_deal_pipeline_group_agent")
env["kpi.deal"].create({{"title": "Harbour crane", "agent_id": people[0].id}})
env["kpi.deal"].create(
    {{
        "title": "Floating dock",
        "agent_id": people[0].id,
        "estimated_value_amount": 1000,
        "pipeline_stage": "closed_won",
    }}
)
card = env["kpi.dashboard.card"].search([("card_style", "=", "metric")], limit=1)
dashboard = env["kpi.dashboard"].create(
    {{
        "name": "Parcels today",
        "group_ids": group.ids,
        "tile_ids": [
            (0, 0, {{"kind": "card", "card_id": card.id, "span": 4,
                     "scope_mode": "fixed", "report_ids": report.ids}}),
        ],
    }}
)
env.cr.commit()
print("ids", report.id, dashboard.id)
"""


class Server:
    """Odoo on a database of its own, which can be stopped and started again.

    :cvar password: of everybody
    """

    password = PASSWORD

    def __init__(self, database, log):
        from ports import free_port

        self.database, self.log, self.port = database, Path(log), free_port()
        self.url = f"http://localhost:{self.port}"
        self.report_id, self.dashboard_id = self._prepared()
        self.process = None

    def _odoo(self, *options):
        from installer import ODOO_BIN

        return [sys.executable, ODOO_BIN, *options, "-d", self.database]

    def _prepared(self):
        command = self._odoo("shell", "--no-http", "--log-level=error")
        output = subprocess.run(
            command, input=PREPARE, capture_output=True, text=True, timeout=SECONDS
        )
        for line in output.stdout.splitlines():
            if "ids " in line:
                return [int(each) for each in line.partition("ids ")[2].split()]
        raise AssertionError(output.stdout + output.stderr)

    def start(self):
        options = ["--max-cron-threads=0", f"--http-port={self.port}"]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self._odoo("server", *options), stdout=log, stderr=log
            )
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            try:
                urlopen(f"{self.url}/web/login", timeout=SECONDS).close()
                return
            except OSError:
                time.sleep(0.3)
        raise AssertionError(self.log.read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=SECONDS)

    def call(self, model, method, *args):
        """The server's answer to the administrator, without a browser."""
        from screenshots import session

        request = Request(f"{self.url}/web/dataset/call_kw/{model}/{method}")
        request.add_header("Content-Type", "application/json")
        request.add_header(
            "Cookie", f"session_id={session(self.url, 'admin', 'admin')}"
        )
        params = {"model": model, "method": method, "args": args, "kwargs": {}}
        request.data = json.dumps({"params": params}).encode()
        with urlopen(request, timeout=SECONDS) as response:
            answer = json.load(response)
        assert "error" not in answer, answer
        return answer["result"]

    @contextmanager
    def browser(self, login, password=PASSWORD, *, url=None):
        """Somebody with the dashboard open.

        :param url: of a proxy before the server
        """
        from devtools import Browser
        from screenshots import DESKTOP, session

        with Browser(*DESKTOP) as browser:
            cookie = {"value": session(self.url, login, password), "path": "/"}
            browser.call(
                "Network.setCookie", name="session_id", domain="localhost", **cookie
            )
            address = f"{url or self.url}/odoo/kpi-dashboard/{self.dashboard_id}"
            browser.call("Page.navigate", url=address)
            browser.wait_for(SHOWN, SECONDS)
            yield browser


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """One for all files: starting takes longer than most of the tests."""
    from templates import template_copy

    log = tmp_path_factory.mktemp("live") / "odoo.log"
    with template_copy("drawn") as database:
        found = Server(database, log)
        found.start()
        try:
            yield found
        finally:
            found.stop()


@pytest.fixture(scope="module")
def line(server):
    """What the reader's browser reaches the server through, and can be cut."""
    from cut_proxy import CutProxy

    found = CutProxy(server.port)
    yield found
    found.end()


@pytest.fixture(scope="module")
def reader(server, line):
    """A browser of the owner of the KPI, for all tests: a first page takes long."""
    with server.browser("reader", url=line.url) as browser:
        yield browser


@pytest.fixture(scope="module")
def writer(server):
    """A browser of an administrator, for all tests."""
    with server.browser("admin", "admin") as browser:
        yield browser
