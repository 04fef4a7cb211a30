"""``setup/serve`` from an empty database to a page in the browser."""

import os
import re
import signal
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
import requests
import websocket

import databases
from addons import EXPECTED, ROOT, ready_addons
from ports import free_port
from templates import Template

NAME = f"kpi_test_{os.getpid()}_serve"
MINUTES = 30  # of a busy machine


@pytest.fixture
def database():
    """The name of a database that is gone after the test, with its notes and logs."""
    if not os.environ.get("PGHOST"):
        pytest.skip("PGHOST is not set: run this with setup/test")
    yield NAME
    for name in (NAME, f"{NAME}-building"):
        databases.drop(name, force=True)
    for file in Path(os.environ["KPI_STATE"]).glob(f"*/*{NAME}*"):
        file.unlink()


class Serve:
    """A running ``setup/serve``, in a process group as a terminal makes one."""

    def __init__(self, log, *arguments):
        self.port = free_port()
        self.log = log
        command = [str(ROOT / "setup/serve"), "--port", str(self.port), *arguments]
        with log.open("w") as stderr:
            self.process = subprocess.Popen(
                command, stderr=stderr, start_new_session=True
            )
        self._started = time.monotonic()

    def wait_for(self, pattern):
        """Seconds until the command has said it."""
        while not re.search(pattern, self.log.read_text()):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() - self._started < MINUTES * 60, "takes too long"
            time.sleep(0.1)
        return time.monotonic() - self._started

    def send(self, number):
        """What Ctrl-C does, or worse; returns when all is over."""
        os.killpg(self.process.pid, number)
        self.process.wait(MINUTES * 60)


@pytest.fixture
def serve(tmp_path):
    """Starts the command; whatever still runs is ended with the test."""
    started = []

    def start(*arguments):
        started.append(Serve(tmp_path / f"{len(started)}.log", *arguments))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.send(signal.SIGKILL)


def log_in(port):
    """The address where somebody who logs in as administrator arrives."""
    url = f"http://localhost:{port}/web/login"
    client = requests.Session()
    page = client.get(url, timeout=60)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    form = {"login": "admin", "password": "admin", "csrf_token": token}
    return client.post(url, data=form, timeout=60).url


def websocket_status(port):
    """How a browser's handshake is answered; Odoo's second process may come later."""
    url = f"localhost:{port}"
    for _attempt in range(360):
        try:
            connection = websocket.create_connection(
                f"ws://{url}/websocket", origin=f"http://{url}", timeout=30
            )
        except ConnectionRefusedError:
            time.sleep(0.25)
        else:
            connection.close()
            return connection.getstatus()
    return "nothing listens"


def administrators_home_action(name):
    query = """
        SELECT data.module || '.' || data.name
          FROM res_users AS administrator
          JOIN ir_model_data AS data ON data.res_id = administrator.action_id
         WHERE administrator.login = 'admin'
           AND data.model IN ('ir.actions.act_window', 'ir.actions.client')
    """
    with closing(databases.connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return [row[0] for row in cursor.fetchall()]


def read_value(name, query, *values):
    with closing(databases.connect(name)) as connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()[0]


def parameter(name, key):
    return read_value(name, "SELECT value FROM ir_config_parameter WHERE key = %s", key)


def is_installed(name, addon):
    query = "SELECT state = 'installed' FROM ir_module_module WHERE name = %s"
    return read_value(name, query, addon)


def test_a_first_run_ends_on_the_page_of_the_kpis(serve, database):
    first = serve("--db", database)
    first.wait_for(r"login +admin\n +password +admin")
    assert parameter(database, "web.base.url") == f"http://localhost:{first.port}"
    assert log_in(first.port).endswith("/odoo")
    assert not is_installed(database, "kpi_tracking_migration")
    assert administrators_home_action(database) == ["kpi_tracking.kpi_home_action"]
    first.send(signal.SIGINT)
    assert first.process.returncode == 0


@pytest.mark.long
def test_killed_first_run_is_continued_and_later_ones_are_quick(serve, database):
    arguments = ["--db", database, "--no-demo"]
    without_demo = tuple(addon for addon in ready_addons() if not addon.is_extra)
    template = Template(without_demo, beside=EXPECTED)
    databases.drop(template.name)
    killed = serve(*arguments)
    killed.wait_for("making a template database: kpi_base")
    time.sleep(3)  # somewhere within the installation
    killed.send(signal.SIGKILL)
    assert not databases.exists(database)

    first = serve(*arguments)
    first.wait_for(r"login +admin\n +password +admin")
    assert parameter(database, "web.base.url") == f"http://localhost:{first.port}"
    assert log_in(first.port).endswith("/odoo")
    assert not is_installed(database, "kpi_tracking_migration")
    assert administrators_home_action(database) == ["kpi_tracking.kpi_home_action"]
    first.send(signal.SIGINT)
    # A second database from one template is no double of the first.
    for key in ("database.uuid", "database.secret"):
        assert parameter(database, key) != parameter(template.name, key)

    second = serve(*arguments, "--workers", "1")
    # 15 s on two free processors; here other tests run beside
    assert second.wait_for("password +admin") < 90
    second.wait_for("stop +Ctrl-C")
    assert parameter(database, "web.base.url") == f"http://localhost:{second.port}"
    said = second.log.read_text()
    assert "making" not in said
    assert "installing" not in said
    port = re.search(r"websocket +port (\d+)", second.log.read_text())[1]
    assert websocket_status(port) == 101
    second.send(signal.SIGINT)
    assert second.process.returncode == 0
