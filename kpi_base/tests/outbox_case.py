"""An outbox of a test, whose emails go to a mail server made for it."""

import smtplib
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

from odoo.tests import TransactionCase, new_test_user

from ..models.outbox import kpi_delivery_email, kpi_delivery_sending
from ..models.outbox.kpi_delivery_sending import claiming_run

USER = "kpi_base.kpi_base_group_user"


class FarServer:
    """A mail server as Odoo connects to it."""

    def __init__(self):
        self.messages = []
        self.error = None
        self.is_silent = threading.Event()
        self.sock = SimpleNamespace(
            shutdown=lambda _how: self.is_silent.clear(),
            settimeout=lambda _seconds: None,
        )

    def take(self, _servers, message, **_options):
        while self.is_silent.is_set():
            time.sleep(0.01)
        if self.error:
            raise self.error
        self.messages.append(message)

    def send(self, data):
        """What goes over the wire is none of these tests' matter."""

    def quit(self):
        raise smtplib.SMTPServerDisconnected("gone")  # how they part matters not

    def close(self):
        self.is_silent.clear()


class OutboxCase(TransactionCase):
    """Messages to Ann, and what ``server`` takes of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.outbox = cls.env["kpi.delivery"]
        cls.outbox.search([]).unlink()
        cls.ann = new_test_user(
            cls.env, "ann_sent", USER, name="Ann", email="ann@example.com"
        )
        cls.server = FarServer()
        servers = cls.registry["ir.mail_server"]
        cls.classPatch(servers, "_connect__", lambda _self, **_options: cls.server)
        cls.classPatch(
            servers,
            "send_email",
            lambda own, message, **options: cls.server.take(own, message, **options),
        )

        @contextmanager
        def cursor_of_the_test(registry):
            # that of the test, or of the cron that the test runs
            with registry.cursor() as cr:
                yield cr

        @contextmanager
        def no_cursor(_registry):
            yield cls.cr  # the far server needs none, in a thread of its own

        @contextmanager
        def no_lock(_cr):
            yield 0

        cls.classPatch(kpi_delivery_sending, "statement_cursor", cursor_of_the_test)
        cls.classPatch(kpi_delivery_email, "statement_cursor", no_cursor)
        cls.classPatch(kpi_delivery_email, "claiming_run", no_lock)

    def setUp(self):
        super().setUp()
        self.server.__init__()

    def _queue(self, *keys, **values):
        common = {"user_id": self.ann.id, "subject": "News", "body": "<p>Good</p>"}
        queued = self.outbox._queue([{**common, "key": k, **values} for k in keys])
        self.env.flush_all()
        return queued

    def _claim_one(self):
        with claiming_run(self.cr) as run:
            return self.outbox._claim("urgent", run)

    def _send_due(self, seconds=45, lane="urgent"):
        done = self.outbox._send_due(lane, time.monotonic() + seconds)
        self.env.invalidate_all()
        return done

    def _fail(self, error, message=None):
        """Send a message that fails with ``error``, and return it."""
        (message,) = message or self._queue("a")
        self.server.error = error
        self._send_due()
        return message
