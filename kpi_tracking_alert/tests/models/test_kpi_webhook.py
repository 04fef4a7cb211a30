import socket
from datetime import datetime, timedelta
from unittest.mock import patch

from standardwebhooks.webhooks import WebhookVerificationError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed
from odoo.addons.kpi_base.fields import HIDDEN
from odoo.addons.kpi_base.outbox import DeliveryGone, DeliverySkipped
from odoo.addons.kpi_base.tests.web_server import reply

from .webhook_case import WebhookCase, verify

NOW = datetime(2026, 3, 2, 12)


@tagged("post_install", "-at_install")
class TestKpiWebhook(WebhookCase):
    """A webhook's secret, its course, and who may have one."""

    def test_its_secret_is_shown_once(self):
        webhook = self._webhook()
        self.assertEqual(webhook.secret, HIDDEN)
        first = webhook._read_secret("secret")
        text = webhook.action_new_secret()["context"]["default_key"]
        self.assertEqual(webhook._read_secret("secret"), text)
        self.assertNotEqual(first, text)
        self.assertEqual(webhook.secret, HIDDEN)

    def test_a_copy_is_off_and_has_a_secret_of_its_own(self):
        webhook = self._webhook()
        own = webhook.with_user(self.officer)
        copy = own.with_context(allowed_company_ids=self.company.ids).copy()
        self.assertEqual((webhook.state, copy.state), ("on", "off"))
        self.assertEqual(copy.address, webhook.address)
        self.assertNotEqual(copy._read_secret("secret"), webhook._read_secret("secret"))
        copy.action_turn_on()
        self.assertEqual(copy.state, "on")

    def test_both_secrets_sign_while_receivers_change_over(self):
        with freeze_time(NOW):
            webhook = self._webhook()
            first = webhook._read_secret("secret")
            self.assertFalse(webhook.both_sign_until)
            webhook.action_new_secret()
            self.assertEqual(webhook.both_sign_until, NOW + timedelta(days=7))
            webhook.action_send_test()
            request = self.server.received[-1]
            for secret in (first, webhook._read_secret("secret")):
                content = verify(secret, request.headers, request.body)
                self.assertEqual(content["type"], "webhook.test")
        with freeze_time(NOW + timedelta(days=8)):
            webhook.invalidate_recordset()
            self.assertFalse(webhook.both_sign_until)
            webhook.action_send_test()
            late = self.server.received[-1]
            with self.assertRaisesRegex(WebhookVerificationError, "No matching"):
                verify(first, late.headers, late.body)
            with self.assertRaisesRegex(WebhookVerificationError, "too old"):
                verify(first, request.headers, request.body)

    def test_a_secret_of_ones_own_must_be_one(self):
        own = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        webhook = self._webhook(secret=own)
        self.assertEqual(webhook._read_secret("secret"), own)
        with self.assertRaisesRegex(ValidationError, "whsec_"):
            webhook.secret = "password"

    def test_the_test_button_says_what_came_back(self):
        webhook = self._webhook()
        answer = webhook.action_send_test()
        self.assertEqual(answer["params"]["message"], "Accepted: 200 ok")
        self.server.answers = [reply(401, b"who are you")]
        with self.assertRaisesRegex(UserError, "401 who are you"):
            webhook.action_send_test()

    def test_what_an_answer_repeats_is_hidden(self):
        webhook = self._webhook(address=f"{self.server.url}?key=abcdefgh")
        secret = webhook._read_secret("secret")
        self.server.answers = [reply(400, f"{secret} abcdefgh".encode())]
        with self.assertRaises(UserError) as caught:
            webhook.action_send_test()
        self.assertNotIn(secret, str(caught.exception))
        self.assertNotIn("abcdefgh", str(caught.exception))

    def test_an_address_inside_the_network_is_refused(self):
        for address in ("http://intranet/x", "https://a@b.example/", "x"):
            with self.subTest(address), self.assertRaises(ValidationError):
                self._webhook(address=address)
        hosts = ("localhost", "192.168.1.10", "10.0.0.1", "[::1]", "169.254.169.254")
        for host in hosts:
            with (
                self.subTest(host),
                self.assertRaisesRegex(ValidationError, "allow it under Settings"),
            ):
                self._webhook(address=f"https://{host}/")
        webhook = self._webhook()
        with self.assertRaisesRegex(ValidationError, "must begin with https"):
            webhook.address = "http://10.0.0.1/"

    def test_a_host_that_nobody_knows_yet_can_be_saved(self):
        """The test button says so, and what it is sent waits."""
        webhook = self._webhook(address="https://soon.invalid/kpi")
        with self.assertRaisesRegex(UserError, "soon.invalid was not found"):
            webhook.action_send_test()

    def test_a_host_that_moves_inside_is_not_called(self):
        webhook = self._webhook(address="https://soon.invalid/")
        found = ("127.0.0.1", self.server.port)
        place = (socket.AF_INET, socket.SOCK_STREAM, 6, "", found)
        with (
            patch.object(socket, "getaddrinfo", return_value=[place]),
            self.assertRaisesRegex(UserError, "not on the public internet"),
        ):
            webhook.action_send_test()
        self.assertFalse(self.server.received)

    def test_a_receiver_that_is_gone_is_sent_nothing_more(self):
        webhook = self._webhook()
        self._enter_value()
        delivery = self._queued(webhook)
        self.server.answers = [reply(410)]
        with self.assertRaisesRegex(DeliveryGone, "410"):
            delivery._send_webhook()
        self.assertEqual(webhook.state, "off")
        self.assertIn("no longer exists", webhook.last_error)
        self._assert_told(webhook)
        with self.assertRaisesRegex(DeliverySkipped, "turned off"):
            delivery._check_receiver()
        self._enter_value(80.0)
        self.assertEqual(self._queued(webhook), delivery)

    def test_five_days_of_failures_are_enough(self):
        webhook = self._webhook()
        self._enter_value()
        delivery = self._queued(webhook)
        self.server.answers = [reply(500)]
        for days, expected in ((0, "on"), (4.9, "on"), (5, "off")):
            with (
                freeze_time(NOW + timedelta(days=days)),
                self.assertRaisesRegex(OutgoingFailed, "500"),
            ):
                delivery._send_webhook()
            self.env.invalidate_all()
            self.assertEqual(webhook.state, expected, days)
        self._assert_told(webhook)

    def test_a_success_ends_the_count(self):
        webhook = self._webhook()
        self._enter_value()
        delivery = self._queued(webhook)
        self.server.answers = [reply(500), reply(204), reply(500)]
        for days in (0, 3, 6):
            with freeze_time(NOW + timedelta(days=days)):
                if days == 3:
                    delivery._send_webhook()
                    continue
                with self.assertRaisesRegex(OutgoingFailed, "500"):
                    delivery._send_webhook()
        self.env.invalidate_all()
        self.assertEqual(webhook.state, "on")
        self.assertEqual(webhook.failing_since, NOW + timedelta(days=6))
        self.assertEqual(webhook.last_sent_at, NOW + timedelta(days=3))

    def test_it_is_turned_off_and_on(self):
        webhook = self._webhook()
        webhook.action_turn_off()
        self._enter_value()
        self.assertFalse(self._queued(webhook))
        webhook.action_turn_on()
        self._enter_value(80.0)
        self.assertEqual(len(self._queued(webhook)), 1)

    def test_officers_have_webhooks_of_their_own(self):
        webhooks = self._as(self.officer, self.webhooks)
        values = {"name": "Mine", "address": "https://example.com/"}
        mine = webhooks.create(values)
        self.assertEqual(mine.owner_id, self.officer)
        self.assertTrue(mine._has_secret("secret"))
        with self.assertRaises(UserError):
            webhooks.create({**values, "owner_id": self.user.id})
        with self.assertRaises(UserError):
            mine.owner_id = self.user
        for name in ("state", "failing_since", "last_error", "rotated_at"):
            with self.subTest(name), self.assertRaises(AccessError):
                mine.write({name: False})
        with self.assertRaises(AccessError):
            self._as(self.user, self.webhooks).create(values)

    def test_the_form_makes_one(self):
        with Form(self._as(self.officer, self.webhooks)) as form:
            form.name = "From a form"
            form.address = "https://example.com/"
        self.assertEqual(form.record.secret, HIDDEN)

    def test_a_neutralized_copy_sends_nothing(self):
        webhook = self._webhook()
        self._enter_value()
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertEqual(webhook.state, "off")
        self.assertEqual(self._queued(webhook).state, "skipped")
        self.assertFalse(webhook._has_secret("secret"))

    def _enter_value(self, value=70.0):
        self._fill(self.revenue, {"2026-02": value})

    def _assert_told(self, webhook):
        told = self.env["kpi.delivery"].search(
            [("subject", "ilike", webhook.name), ("channel", "!=", "webhook")]
        )
        self.assertEqual(told.user_id, self.officer)
