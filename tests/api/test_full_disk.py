"""A disk for files that is full: people read a sentence, and nothing is half stored."""

import os
import re
from contextlib import contextmanager, nullcontext, suppress

import pytest
import requests

SENTENCE = "The server's disk is full; nothing was saved."


@contextmanager
def filled(folder):
    """No byte more finds room there."""
    ballast = folder / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        yield
    finally:
        ballast.unlink()


@pytest.fixture(autouse=True, scope="module")
def disk(server):
    """The server's disk has what a page needs, and is not full."""
    if not server.disk:
        pytest.skip("needs the right to mount a small disk")
    log_in(server)  # makes the bundles


def log_in(server, around=None):
    """A client, and the page it arrives at; the attempt is made within ``around``."""
    client, url = requests.Session(), f"{server.url}/web/login"
    page = client.get(url, timeout=60)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]
    form = {"login": "admin", "password": "admin", "csrf_token": token}
    with around or nullcontext():
        return client, client.post(url, data=form, timeout=60)


def call(client, server, model, method, *args, **kwargs):
    """The answer to a call of the web client, an error included."""
    params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
    url = f"{server.url}/web/dataset/call_kw/{model}/{method}"
    answer = client.post(url, json={"params": params}, timeout=60)
    assert answer.status_code in (200, 503), answer.text
    return answer.json()


def stored(server):
    """What is there of mails and files: rows, and files with their sizes."""
    rows = server.rows(
        "SELECT (SELECT count(*) FROM kpi_delivery),"
        " (SELECT count(*) FROM ir_attachment)"
    )
    folder = server.disk / "filestore"
    files = {
        file: file.stat().st_size
        for file in folder.rglob("*")
        if file.is_file() and "checklist" not in file.parts
    }
    return rows, files


@pytest.fixture(scope="module")
def schedule(server):
    """The id of a mail with two files, due since long ago, and the client of a user."""
    client, _page = log_in(server)
    kpis = call(client, server, "kpi.report", "search", [], limit=5)["result"]
    values = {"name": "Visits", "report_ids": [[6, 0, kpis]]}
    table = call(client, server, "kpi.period.report", "create", values)["result"]
    # On the first day of a month it is due from this hour on.
    values = {"period_report_id": table, "has_pdf": True, "has_xlsx": True, "hour": 0}
    model = "kpi.period.report.schedule"
    number = call(client, server, model, "create", values)["result"]
    server.execute(f"UPDATE {model.replace('.', '_')} SET active_since = '2020-01-01'")
    return client, number


def test_logging_in(server):
    _client, refused = log_in(server, filled(server.disk))
    assert refused.status_code == 503
    assert "disk is full" in refused.text
    assert "No space left" not in refused.text
    params = {"db": server.database, "login": "admin", "password": "admin"}
    url = f"{server.url}/web/session/authenticate"
    with filled(server.disk):
        answer = requests.post(url, json={"params": params}, timeout=60)
    assert SENTENCE in answer.json()["error"]["data"]["message"]
    _client, page = log_in(server)
    assert page.url.endswith("/odoo"), page.text


def test_a_mail_with_files_that_somebody_asks_for(server, schedule):
    client, number = schedule
    ask = (client, server, "kpi.period.report.schedule", "action_send_to_me", [number])
    before = stored(server)
    with filled(server.disk):
        error = call(*ask)["error"]["data"]
    assert error["name"] == "odoo.exceptions.UserError"
    assert SENTENCE in error["message"]
    assert stored(server) == before
    assert "result" in call(*ask)
    ((rows,), files) = stored(server)
    assert rows[0] == before[0][0][0] + 1
    assert len(files) == len(before[1]) + 2
    assert all(files.values())


def test_a_mail_with_files_that_is_due(server, schedule):
    """It is tried again as soon as there is room."""
    client, _number = schedule
    ((cron,),) = server.rows(
        "SELECT res_id FROM ir_model_data WHERE module = 'kpi_tracking'"
        " AND name = 'kpi_period_report_schedule_cron'"
    )
    due = "SELECT last_day IS NULL FROM kpi_period_report_schedule"
    before = stored(server)
    with filled(server.disk):
        call(client, server, "ir.cron", "method_direct_trigger", [cron])
    assert server.rows(due) == [(True,)]
    assert stored(server)[1] == before[1]
    call(client, server, "ir.cron", "method_direct_trigger", [cron])
    assert server.rows(due) == [(False,)]
    assert len(stored(server)[1]) > len(before[1])


def test_a_file_that_somebody_attaches(server, schedule):
    client, _number = schedule
    page = client.get(f"{server.url}/odoo", timeout=60).text
    token = re.search(r'csrf_token: "([^"]+)"', page)[1]
    form = {"csrf_token": token, "thread_model": "res.partner", "thread_id": "1"}
    url = f"{server.url}/mail/attachment/upload"
    content = {"ufile": ("a.txt", os.urandom(9000))}
    before = stored(server)
    with filled(server.disk):
        refused = client.post(url, data=form, files=content, timeout=60)
    assert refused.status_code == 503, refused.text
    assert "disk is full" in refused.text
    assert stored(server) == before
    assert client.post(url, data=form, files=content, timeout=60).status_code == 200
