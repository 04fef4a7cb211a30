"""The outbox against a mail server that refuses, hangs, dies and comes back."""

import socket
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from fault_processes import (
    SECONDS,
    finish,
    kill,
    killed_at_last,
    rows,
    run,
    start,
    wait_for,
)
from smtp_server import DATA, RECIPIENT, SmtpServer

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.tools import mute_logger

from odoo_environment import load_odoo
from own_cluster import database_in_own_cluster

BULK = "bulk"


@pytest.fixture
def server():
    with SmtpServer() as running:
        yield running


@pytest.fixture
def outbox(registry, server):
    """The outbox of a database whose mail leaves through ``server``; it commits."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"lang": "en_US"})
        env.company.email = "kpi@example.com"
        env["kpi.delivery"].search([]).unlink()
        env["kpi.delivery.host"].search([]).unlink()
        env["ir.mail_server"].search([]).unlink()
        env["ir.mail_server"].create(
            {"name": "Test", "smtp_host": "127.0.0.1", "smtp_port": server.port}
        )
        yield Outbox(env)


class Outbox:
    def __init__(self, env):
        self.env = env
        self.deliveries = env["kpi.delivery"]
        # Odoo would mail an invitation.
        users = env["res.users"].with_context(active_test=False, no_reset_password=True)
        self.user = users.search([("login", "=", "ann@outbox.example")])
        self.user = self.user or users.create(
            {
                "name": "Ann",
                "login": "ann@outbox.example",
                "email": "ann@outbox.example",
                "group_ids": [(4, env.ref("kpi_base.kpi_base_group_user").id)],
            }
        )
        self.user.active = True

    def queue(self, *keys, **values):
        queued = self.deliveries._queue(
            [
                {
                    "key": key,
                    "user_id": self.user.id,
                    "subject": key,
                    "body": f"<p>{key}</p>",
                    "lane": BULK,
                    **values,
                }
                for key in keys
            ]
        )
        self.env.cr.commit()
        return queued

    def tracked(self):
        """A KPI of the company, which is shared with nobody."""
        definition = self.env["kpi.definition"].create(
            {"name": "Outbox", "code": "outbox", "computation": "manual"}
        )
        return definition._track_for("company", self.env.company)

    def send(self):
        """What the cron does; the tests' own view of the outbox is fresh after it."""
        with mute_logger("odoo.addons.base.models.ir_mail_server"):
            self.deliveries._cron_send(BULK)
        self.env.cr.commit()

    def pass_time(self, seconds):
        """As if it were later: all that is stored about times moves back."""
        self.env.cr.execute(
            """
            UPDATE kpi_delivery SET due_at = due_at - %(time)s * INTERVAL '1 second';
            UPDATE kpi_delivery_host
               SET paused_until = paused_until - %(time)s * INTERVAL '1 second'
            """,
            {"time": seconds},
        )
        self.env.cr.commit()
        self.env.invalidate_all()

    def make_due(self, **values):
        """As if the time to wait for had passed."""
        past = fields.Datetime.now() - timedelta(seconds=1)
        self.deliveries.search([]).write({"due_at": past, **values})
        self.env.cr.commit()


def test_a_message_arrives_once_with_its_files_and_its_message_id(outbox, server):
    file = outbox.env["ir.attachment"].create({"name": "kpi.csv", "raw": b"a;b"})
    (queued,) = outbox.queue("Won revenue 82.4 k€", attachment_ids=file.ids)
    outbox.send()
    outbox.send()
    (message,) = server.received
    assert message["Subject"] == "Won revenue 82.4 k€"
    assert message["To"] == "Ann <ann@outbox.example>"
    assert message["Message-Id"] == queued.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_body(("plain",)).get_content().strip() == "Won revenue 82.4 k€"
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "kpi.csv"
    assert queued.state == "sent"
    assert queued.sent_at


def test_what_is_due_later_waits(outbox, server):
    later = fields.Datetime.now() + timedelta(hours=1)
    outbox.queue("later", scheduled_at=later)
    outbox.send()
    assert server.received == []
    outbox.make_due()
    outbox.send()
    assert server.subjects() == ["later"]


def test_a_busy_server_is_asked_again_with_the_same_message_id(outbox, server):
    server.replies[RECIPIENT] = "450 try later"
    (queued,) = outbox.queue("busy")
    outbox.send()
    assert (queued.state, queued.attempt_count) == ("waiting", 1)
    assert "450" in queued.last_error
    server.replies.clear()
    outbox.make_due()
    outbox.send()
    assert queued.state == "sent"
    assert [m["Message-Id"] for m in server.received] == [queued.message_id]


@pytest.mark.parametrize(
    ("step", "reply"), [(RECIPIENT, "550 no such user"), (DATA, "554 not wanted")]
)
def test_a_refusal_for_good_is_given_up_at_once(outbox, server, step, reply):
    server.replies[step] = reply
    (queued,) = outbox.queue(f"refused at {step}")
    outbox.send()
    assert (queued.state, queued.attempt_count) == ("failed", 1)
    assert reply[:3] in queued.last_error


def test_what_a_server_took_without_an_answer_is_sent_three_times_at_most(
    outbox, server
):
    server.replies[DATA] = ""
    (queued,) = outbox.queue("taken")
    for _time in range(5):
        outbox.env["kpi.delivery.host"].search([]).unlink()
        outbox.make_due()
        outbox.send()
    assert [m["Message-Id"] for m in server.received] == [queued.message_id] * 3
    assert (queued.state, queued.attempt_count) == ("failed", 3)
    assert "may have arrived" in queued.last_error
    outcomes = queued.attempt_ids.sorted("number").mapped("outcome")
    assert outcomes == ["unconfirmed", "unconfirmed", "failed"]


@pytest.mark.parametrize("step", [RECIPIENT, DATA])
def test_a_server_is_quoted_in_its_own_words(outbox, server, step):
    server.replies[step] = "421 busy, come back"
    (queued,) = outbox.queue("quoted")
    outbox.send()
    assert (queued.state, queued.last_error) == ("waiting", "421 busy, come back")
    server.replies[step] = "554 no"
    outbox.make_due()
    outbox.send()
    assert (queued.state, queued.last_error) == ("failed", "554 no")


def test_a_server_that_is_away_is_tried_until_it_is_back(outbox, server):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed_port = nobody.getsockname()[1]
    mail_server = outbox.env["ir.mail_server"].search([])
    mail_server.smtp_port = closed_port
    (queued,) = outbox.queue("away")
    outbox.send()
    assert (queued.state, queued.attempt_count) == ("waiting", 1)
    assert "refused" in queued.last_error
    mail_server.smtp_port = server.port
    outbox.make_due()
    outbox.send()
    assert server.subjects() == ["away"]


def test_the_last_attempt_ends_in_failed_and_an_administrator_may_repeat_it(
    outbox, server
):
    server.replies[RECIPIENT] = "451 broken"
    (queued,) = outbox.queue("tired")
    outbox.make_due(attempt_count=11)
    outbox.send()
    assert (queued.state, queued.attempt_count) == ("failed", 12)
    outbox.send()
    assert queued.attempt_count == 12
    server.replies.clear()
    queued.action_send_again()
    outbox.env.cr.commit()
    outbox.send()
    assert queued.state == "sent"


def test_a_silent_server_holds_nobody_up(outbox, server, monkeypatch):
    module = "odoo.addons.kpi_base.models.outbox.kpi_delivery_email.SEND_SECONDS"
    monkeypatch.setattr(module, 0.5)
    server.silent_at = "greeting"
    (queued,) = outbox.queue("silent")
    started = time.monotonic()
    outbox.send()
    assert time.monotonic() - started < 5
    assert (queued.state, queued.attempt_count) == ("waiting", 1)
    assert "No answer within" in queued.last_error


def test_one_silent_server_does_not_eat_the_run(outbox, server, monkeypatch):
    """Thirty messages for it, ten for another one; a run takes 45 seconds."""
    email = "odoo.addons.kpi_base.models.outbox.kpi_delivery_email"
    monkeypatch.setattr(f"{email}.SEND_SECONDS", 6.0)
    server.silent_at = "greeting"
    env = outbox.env
    other = env["res.company"].create({"name": "Other", "email": "it@other.example"})
    outbox.queue(*(f"silent {n}" for n in range(30)))
    with SmtpServer() as good:
        env["ir.mail_server"].create(
            {
                "name": "Other",
                "smtp_host": "127.0.0.1",
                "smtp_port": good.port,
                "from_filter": "other.example",
            }
        )
        outbox.queue(*(f"good {n}" for n in range(10)), company_id=other.id)
        started = time.monotonic()
        outbox.send()
        assert time.monotonic() - started < 15
        assert len(good.received) == 10
    waiting = outbox.deliveries.search([("state", "=", "waiting")])
    assert sum(waiting.mapped("attempt_count")) == 1
    (host,) = env["kpi.delivery.host"].search([("is_paused", "=", True)])
    assert host.name == f"smtp://127.0.0.1:{server.port}"
    server.silent_at = None
    server.released.set()
    host.paused_until = fields.Datetime.now() - timedelta(seconds=1)
    outbox.make_due()
    outbox.send()
    assert len(server.received) == 30


@pytest.mark.parametrize(
    ("reply", "state", "count"), [("250 taken", "sent", 1), ("554 no", "failed", 0)]
)
def test_a_server_that_takes_its_time_after_the_dot_gets_no_copies(
    outbox, server, monkeypatch, reply, state, count
):
    """It may take ten minutes (RFC 5321, 4.5.3.2.6)."""
    module = "odoo.addons.kpi_base.models.outbox.kpi_delivery_email"
    monkeypatch.setattr(f"{module}.SEND_SECONDS", 0.5)
    monkeypatch.setattr(f"{module}.DOT_SECONDS", 0.5)
    server.silent_at, server.replies[DATA] = DATA, reply
    started = fields.Datetime.now()
    (queued,) = outbox.queue("slow")
    outbox.send()
    assert (queued.state, queued.attempt_count) == ("waiting", 1)
    assert queued.claimed_until > started + timedelta(minutes=10)
    outbox.make_due()
    outbox.send()  # its claim holds
    assert queued.attempt_count == 1
    server.released.set()
    for thread in threading.enumerate():
        if thread.name == "kpi-delivery":
            thread.join(SECONDS)
    outbox.env.cr.commit()
    assert (queued.state, len(server.received)) == (state, count)


def test_no_transaction_is_open_while_the_server_is_waited_for(
    outbox, server, monkeypatch
):
    module = "odoo.addons.kpi_base.models.outbox.kpi_delivery_email.SEND_SECONDS"
    monkeypatch.setattr(module, 2)
    server.silent_at = DATA
    outbox.queue("idle")
    seen = []

    def look():
        server.is_waiting.wait(10)
        with outbox.env.registry.cursor() as cr:
            cr.execute(
                "SELECT query FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                "   AND state LIKE 'idle in transaction%'"
            )
            seen.extend(cr.fetchall())
        server.released.set()

    watcher = threading.Thread(target=look)
    watcher.start()
    outbox.send()
    watcher.join()
    assert seen == []


def test_who_was_archived_or_lost_the_right_gets_nothing(outbox, server):
    report = outbox.tracked()
    report.shared_user_ids = outbox.user
    (seen,) = outbox.queue("allowed", res_model=report._name, res_id=report.id)
    outbox.send()
    assert seen.state == "sent"
    report.shared_user_ids = False
    by_record = outbox.queue("by record", res_model=report._name, res_id=report.id)
    by_number = outbox.queue("by number", report_ids=report.ids)
    outbox.send()
    assert by_record.state == by_number.state == "skipped"
    assert "cannot access the record" in by_record.last_error
    tag = outbox.env["kpi.tag"].create({"name": "Gone"})
    (gone,) = outbox.queue("gone", res_model=tag._name, res_id=tag.id)
    tag.unlink()
    outbox.user.active = False
    (archived,) = outbox.queue("archived")
    outbox.send()
    assert "archived" in archived.last_error
    assert gone.state == archived.state == "skipped"
    assert server.subjects() == ["allowed"]


def test_two_runs_at_once_send_each_message_once(outbox, server):
    keys = [f"message {n}" for n in range(60)]
    outbox.queue(*keys)
    database = outbox.env.cr.dbname
    pair = [start(database, "deliver") for _number in range(2)]
    with killed_at_last(pair[0]), killed_at_last(pair[1]):
        for process in pair:
            finish(process)
    assert sorted(server.subjects()) == sorted(keys)


def test_a_run_killed_in_the_middle_loses_nothing(outbox, server):
    """The message at hand may come twice, with one Message-Id; the others do not."""
    keys = [f"killed {n}" for n in range(30)]
    outbox.queue(*keys)
    server.silent_at, server.silent_from = DATA, 13  # the 13th is taken, not answered
    with killed_at_last(start(outbox.env.cr.dbname, "deliver")) as process:
        assert server.is_waiting.wait(SECONDS)
        kill(process)
    server.silent_at = None
    server.released.set()
    outbox.env.cr.commit()
    assert outbox.deliveries.search_count([("state", "=", "sent")]) == 12
    outbox.send()  # what the dead run had claimed is free with its session
    counts = Counter(server.subjects())
    assert sorted(counts) == sorted(keys)
    twice = [key for key, count in counts.items() if count > 1]
    assert len(twice) == 1 and counts[twice[0]] == 2
    ids = {m["Message-Id"] for m in server.received if m["Subject"] == twice[0]}
    assert len(ids) == 1
    assert set(outbox.deliveries.search([]).mapped("state")) == {"sent"}


@pytest.mark.parametrize(
    ("command", "word", "copies"),
    [("step_before", "begun", 1), ("step_after", "answered", 2)],
)
def test_a_run_killed_before_or_after_a_call_loses_nothing(
    outbox, server, command, word, copies
):
    """What was taken but not marked comes twice, with one Message-Id."""
    outbox.queue("first", "second")
    with killed_at_last(start(outbox.env.cr.dbname, command)) as process:
        wait_for(process, word)
        kill(process)
    outbox.env.cr.commit()
    outbox.send()
    counts = Counter(server.subjects())
    assert counts == {"first": copies, "second": 1}
    first, _second = outbox.deliveries.search([], order="id")
    assert {
        each["Message-Id"] for each in server.received if each["Subject"] == "first"
    } == {first.message_id}
    assert first.attempt_ids.mapped("outcome") == ["sent", False]
    assert set(outbox.deliveries.search([]).mapped("state")) == {"sent"}


def test_messages_of_a_run_share_a_connection(outbox, server, monkeypatch):
    module = "odoo.addons.kpi_base.models.outbox.kpi_delivery_email.MOST_MESSAGES"
    monkeypatch.setattr(module, 10)
    keys = [f"message {n:02}" for n in range(25)]
    outbox.queue(*keys)
    outbox.send()
    assert server.subjects() == keys
    assert server.connection_count == 3
    outbox.queue("next run")
    outbox.send()
    assert server.connection_count == 4


@pytest.mark.parametrize("closing_line", ["", "421 enough for now"])
def test_a_server_that_ends_a_connection_is_called_again(outbox, server, closing_line):
    server.most_messages, server.closing_line = 3, closing_line
    keys = [f"message {n}" for n in range(10)]
    outbox.queue(*keys)
    outbox.send()
    assert server.subjects() == keys
    assert server.connection_count == 4
    deliveries = outbox.deliveries.search([])
    assert set(deliveries.mapped("state")) == {"sent"}
    assert set(deliveries.mapped("attempt_count")) == {1}
    assert not outbox.env["kpi.delivery.host"].search([])


def test_a_refused_message_does_not_hold_up_the_next_on_its_connection(outbox, server):
    server.replies[RECIPIENT] = "550 no such user"
    outbox.queue("refused", "refused as well")
    outbox.send()
    server.replies.clear()
    outbox.queue("taken")
    outbox.send()
    assert server.subjects() == ["taken"]


def test_a_mail_server_that_is_away_for_an_hour_gets_each_message_once(outbox, server):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed_port = nobody.getsockname()[1]
    mail_server = outbox.env["ir.mail_server"].search([])
    mail_server.smtp_port = closed_port
    keys = [f"message {n}" for n in range(30)]
    outbox.queue(*keys)
    for _minute in range(60):
        outbox.send()
        outbox.pass_time(60)
    waiting = outbox.deliveries.search([("state", "=", "waiting")])
    assert len(waiting) == 30
    assert max(waiting.mapped("attempt_count")) < 12
    mail_server.smtp_port = server.port
    outbox.env["kpi.delivery.host"].search([]).name = f"smtp://127.0.0.1:{server.port}"
    for _minute in range(60):
        outbox.send()
        outbox.pass_time(60)
    assert sorted(server.subjects()) == sorted(keys)
    assert set(outbox.deliveries.search([]).mapped("state")) == {"sent"}


@pytest.fixture
def in_own_cluster(registry):
    """A database and its PostgreSQL server, which Odoo asks here and in processes."""
    with database_in_own_cluster() as found:
        yield found
    Registry.delete(found[0])
    load_odoo(registry.db_name)


@pytest.mark.long
def test_a_restart_of_postgresql_loses_nothing(in_own_cluster):
    """Of what a run is sending, the message at hand may come twice."""
    database, postgres = in_own_cluster
    with SmtpServer() as server:
        server.silent_at, server.silent_from = DATA, 13
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("KPI_SMTP_PORT", str(server.port))
            run(database, "fill_outbox")
        with killed_at_last(start(database, "deliver")) as process:
            assert server.is_waiting.wait(SECONDS)
            postgres.control("restart")
            server.silent_at = None
            server.released.set()
            process.communicate()
        run(database, "deliver")
        counts = Counter(server.subjects())
        assert len(counts) == 30
        twice = [key for key, count in counts.items() if count > 1]
        assert len(twice) <= 1
        ids = {m["Message-Id"] for m in server.received}
        assert len(ids) == 30
        states = rows(database, "SELECT DISTINCT state FROM kpi_delivery")
        assert states == [("sent",)]


def test_of_two_runs_at_once_one_is_killed(outbox, server):
    """The other takes what the dead one had claimed, and no message of the living."""
    keys = [f"two {n}" for n in range(30)]
    outbox.queue(*keys)
    server.silent_at = DATA  # each run waits for the answer to its first message
    pair = [start(outbox.env.cr.dbname, "deliver") for _number in range(2)]
    with killed_at_last(pair[0]), killed_at_last(pair[1]):
        deadline = time.monotonic() + SECONDS
        while len(server.received) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        kill(pair[0])
        server.silent_at = None
        server.released.set()
        finish(pair[1])
    outbox.env.cr.commit()
    counts = Counter(server.subjects())
    assert sorted(counts) == sorted(keys)
    (in_hand,) = [key for key, count in counts.items() if count > 1]
    assert counts[in_hand] == 2
    ids = {m["Message-Id"] for m in server.received if m["Subject"] == in_hand}
    assert len(ids) == 1
    (twice,) = outbox.deliveries.search([("subject", "=", in_hand)])
    assert twice.attempt_ids.mapped("outcome") == ["sent", False]
    assert set(outbox.deliveries.search([]).mapped("state")) == {"sent"}
