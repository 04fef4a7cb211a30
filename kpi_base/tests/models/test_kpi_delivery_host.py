import smtplib
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ...engine.delivery import ATTEMPTS
from ...outbox import DeliveryLater
from ..outbox_case import OutboxCase


@tagged("post_install", "-at_install")
class TestKpiDeliveryHost(OutboxCase):
    """Servers that fail, or get no more than their limit, are left alone."""

    def _host(self):
        self.env.invalidate_all()
        return self.env["kpi.delivery.host"].search([])

    def test_a_server_that_fails_is_left_alone_and_others_go_on(self):
        messages = self._queue(*(f"bad {n}" for n in range(10)))
        good = self._queue("good")
        self.server.error = ConnectionRefusedError("refused")
        find = type(self.outbox)._find_email_host

        def find_host(delivery):
            return "smtp://good:25" if delivery == good else find(delivery)

        def take(_servers, message, **_options):
            if message["Message-Id"] != good.message_id:
                raise ConnectionRefusedError("refused")

        with (
            patch.object(type(self.outbox), "_find_email_host", find_host),
            patch.object(self.server, "take", take),
        ):
            self._send_due()
            tried = messages.filtered("attempt_count")
            self.assertEqual(len(tried), 3)
            self.assertEqual((messages - tried).mapped("attempt_count"), [0] * 7)
            self.assertEqual(good.state, "sent")
            self.assertEqual(self._send_due(), 0)
        host = self._host()
        self.assertEqual(
            (host.name, host.failure_count),
            (find(messages[0]), 3),
            "good is not listed",
        )
        self.assertTrue(host.is_paused)
        self.assertIn(host, self._host().search([("is_paused", "=", True)]))
        self.assertEqual(
            self.outbox._find_next_moment("urgent"),
            min(host.paused_until, *tried.mapped("due_at")),
        )

    def test_a_server_that_is_back_gets_what_waited(self):
        messages = self._queue("a", "b", "c", "d")
        self.server.error = OSError("refused")
        self._send_due()
        host = self._host()
        messages.due_at = False
        host.paused_until = fields.Datetime.now() - timedelta(seconds=1)
        self.server.error = None
        self.env.flush_all()
        self._send_due()
        self.assertEqual(set(messages.mapped("state")), {"sent"})
        self.assertEqual((self._host().failure_count, host.last_error), (0, False))

    def test_a_server_that_fails_again_is_left_alone_for_longer(self):
        message = self._queue("a")
        host = self.env["kpi.delivery.host"].create(
            {"name": message._find_email_host(), "failure_count": 3}
        )
        now = fields.Datetime.now()
        self._fail(OSError("refused"), message)
        self.env.invalidate_all()
        self.assertEqual(host.failure_count, 4)
        pause = (host.paused_until - now).total_seconds()
        self.assertTrue(60 <= pause <= 62, pause)

    def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(self):
        """HTTP 429 with Retry-After, longer than we would wait or pause ourselves."""
        message, other = self._queue("a", "b")
        now = fields.Datetime.now()
        self._fail(DeliveryLater(7200, "429 Slow down"), message)
        self.assertEqual((message.state, message.attempt_count), ("waiting", 1))
        self.assertEqual(message.attempt_ids.answer, "429 Slow down")
        self.assertEqual((other.state, other.attempt_count), ("waiting", 0))
        host = self._host()
        self.assertEqual((host.failure_count, host.is_paused), (0, True))
        for until in (message.due_at, host.paused_until):
            self.assertTrue(7200 <= (until - now).total_seconds() <= 7202, until)
        self.assertEqual(self._send_due(), 0)
        self.assertEqual(self.outbox._due_count("urgent"), 0)
        self.assertEqual(self.outbox._find_next_moment("urgent"), host.paused_until)
        self.server.error = None
        earlier = {"asked_seconds": 7100}  # as if the clock had gone back
        message.write(earlier)
        host.write(earlier)
        self.env.flush_all()
        self._send_due()
        self.assertEqual((message.state, other.state), ("sent", "sent"))
        self.assertFalse(self._host().last_error)

    def test_nobody_is_asked_to_wait_for_a_year(self):
        now = fields.Datetime.now()
        message = self._fail(DeliveryLater(float("inf"), "503 Later"))
        hours = (message.due_at - now).total_seconds() / 3600
        self.assertAlmostEqual(hours, 6, places=2)

    def test_who_always_asks_to_wait_is_given_up_in_the_end(self):
        message = self._queue("a")
        message.attempt_count = ATTEMPTS - 1
        self.env.flush_all()
        self._fail(DeliveryLater(60, "503 Later"), message)
        self.assertEqual((message.state, message.last_error), ("failed", "503 Later"))

    def test_what_is_wrong_with_a_message_pauses_no_server(self):
        for number in range(4):
            self._fail(smtplib.SMTPDataError(451, b"no"), self._queue(str(number)))
        self.assertFalse(self._host())

    def test_a_server_gets_no_more_than_its_limit(self):
        first, *others = self._queue("a", "b", "c")
        host = self.env["kpi.delivery.host"].create(
            {"name": first._find_email_host(), "messages_per_minute": 6}
        )
        self.env.flush_all()
        now = fields.Datetime.now()
        self._send_due()
        self.assertEqual(first.state, "sent")
        self.assertEqual([each.state for each in others], ["waiting"] * 2)
        self.assertEqual([each.attempt_count for each in others], [0, 0])
        pause = (host.paused_until - now).total_seconds()
        self.assertTrue(10 <= pause <= 12, pause)

    def test_a_pause_that_a_wrong_clock_has_set_does_not_hold(self):
        message = self._queue("a")
        self.env["kpi.delivery.host"].create(
            {
                "name": message._find_email_host(),
                "paused_until": fields.Datetime.now() + timedelta(days=3),
            }
        )
        self.env.flush_all()
        self._send_due()
        self.assertEqual(message.state, "sent")
