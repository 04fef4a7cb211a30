"""Webhooks against receivers that hang, come back, and send their senders away."""

import json
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from fault_processes import SECONDS, kill, killed_at_last, start

from odoo import SUPERUSER_ID, api, fields

SHARES_DATABASE = True
MOST_SECONDS = 1.0  # instead of 15, for a call that is not answered


@pytest.fixture
def web(registry):
    """The module of web servers, which is found once Odoo knows its addons."""
    from odoo.addons.kpi_base.tests import web_server

    return web_server


@pytest.fixture
def server(web):
    with web.WebServer(web.reply(204)) as running:
        yield running


@pytest.fixture
def sender(registry, server):
    """A KPI of a database whose changes are told to ``server``; it commits."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        for model in ("kpi.delivery", "kpi.delivery.host", "kpi.webhook"):
            env[model].search([]).unlink()
        parameters = env["ir.config_parameter"]
        parameters.set_param("kpi_base.outgoing_hosts", "127.0.0.1")
        yield Sender(env, server)


class Sender:
    def __init__(self, env, server):
        self.env = env
        definitions = env["kpi.definition"]
        definition = definitions.search([("code", "=", "told")])
        definition = definition or definitions.create(
            {"name": "Told", "code": "told", "computation": "manual"}
        )
        self.report = env["kpi.report"].search(
            [("definition_id", "=", definition.id)]
        ) or definition._track_for("company", env.company)
        self.add(server)

    def add(self, server, **values):
        webhook = self.env["kpi.webhook"].create(
            {
                "name": "Receiver",
                "address": server.url,
                "company_id": False,
                "owner_id": self.env.ref("base.user_admin").id,
                **values,
            }
        )
        self.env.cr.commit()
        return webhook

    def change(self, count):
        """Another value, so many times: a message each."""
        for _number in range(count):
            value = time.monotonic()
            rows = [(self.report.id, date(2026, 1, 1), value)]
            self.env["kpi.measurement"]._upsert("month", rows, source="external")
        self.env.cr.commit()

    def send(self):
        self.env["kpi.delivery"]._cron_send("bulk")
        self.env.cr.commit()
        self.env.invalidate_all()

    def count(self, state):
        calls = [("channel", "=", "webhook"), ("state", "=", state)]
        return self.env["kpi.delivery"].search_count(calls)


def sequences(server):
    """Number of each event → how often it came."""
    bodies = [json.loads(request.body) for request in server.received]
    return Counter(
        item["sequence"] for body in bodies for item in body["data"]["items"]
    )


def stay_silent(handler):
    handler.server.is_over.wait()


def test_a_run_killed_in_the_middle_loses_nothing(sender, server, web):
    """The message at hand comes twice with one id; the others do not."""
    sender.change(30)
    server.answers = [web.reply(204)] * 12 + [stay_silent]
    with killed_at_last(start(sender.env.cr.dbname, "deliver")) as process:
        deadline = time.monotonic() + SECONDS
        while len(server.received) < 13:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        kill(process)
    server.answers = [web.reply(204)]
    sender.env.cr.commit()
    assert sender.count("sent") == 12
    sender.send()
    assert sender.count("sent") == 30
    told = sequences(server)
    assert len(told) == 30
    assert sorted(told.values()) == [1] * 29 + [2]
    ids = Counter(request.headers["webhook-id"] for request in server.received)
    assert sorted(ids.values()) == [1] * 29 + [2]


def test_a_silent_receiver_holds_nobody_up(sender, web, monkeypatch):
    from odoo.addons.kpi_base.engine.outgoing import post

    monkeypatch.setitem(post.__kwdefaults__, "seconds", MOST_SECONDS)
    with web.WebServer(stay_silent) as silent:
        sender.add(silent, name="Silent", address=silent.url)
        sender.change(20)
        start_at = time.monotonic()
        sender.send()
        assert time.monotonic() - start_at < 15
        assert len(silent.received) <= 3  # then it is left alone
    assert sender.count("sent") == 20
    assert sender.count("waiting") == 20


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("is_date", [False, True])
def test_a_receiver_says_when_to_come_back(sender, server, web, status, is_date):
    after = "90"
    if is_date:
        after = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    server.answers = [web.reply(status, Retry_After=after), web.reply(204)]
    sender.change(5)
    sender.send()
    assert len(server.received) == 1
    (host,) = sender.env["kpi.delivery.host"].search([])
    left = (host.paused_until - fields.Datetime.now()).total_seconds()
    assert 60 < left <= 91
    host.paused_until = fields.Datetime.now() - timedelta(seconds=1)
    waiting = sender.env["kpi.delivery"].search([("state", "=", "waiting")])
    waiting.due_at = False
    sender.env.cr.commit()
    sender.send()
    assert sender.count("sent") == 5
    first, *_others = server.received
    again = [
        r
        for r in server.received
        if r.headers["webhook-id"] == first.headers["webhook-id"]
    ]
    assert len(again) == 2


def test_a_receiver_that_is_gone_is_sent_nothing_more(sender, server, web):
    server.answers = [web.reply(410)]
    sender.change(5)
    sender.send()
    assert len(server.received) == 1
    assert sender.count("failed") == 1
    assert sender.count("skipped") == 4
    sender.change(1)
    assert sender.count("waiting") == 0
