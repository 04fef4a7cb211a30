import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed
from odoo.addons.kpi_base.fields import HIDDEN
from odoo.addons.kpi_base.outbox import (
    DeliveryLater,
    DeliveryRefused,
    DeliverySkipped,
)
from odoo.addons.kpi_base.tests.web_server import reply

from ...models.channel import kpi_alert_channel
from .channel_case import MESSAGE, ChannelCase

TOKEN = "xoxb-1234567890"


@tagged("post_install", "-at_install")
class TestKpiAlertChannel(ChannelCase):
    """What each service is sent, and what its answers do."""

    def _body(self):
        return json.loads(self.server.received[-1].body)

    def _whatsapp(self, **values):
        self._patch_api(kpi_alert_channel, "GRAPH_API")
        return self._channel(
            "whatsapp",
            token="EAAG-token-1234",
            whatsapp_sender="1055",
            whatsapp_template="kpi_alert",
            whatsapp_language="en_US",
            **values,
        )

    def _patch_api(self, module, name):
        api = f"http://127.0.0.1:{self.server.port}/api"
        self.startPatcher(patch.object(module, name, api))

    def test_slack_by_an_incoming_webhook(self):
        channel = self._channel(address=self.server.url)
        self._delivery("slack", channel)._send_slack()
        self.assertEqual(self._body()["blocks"][0]["text"]["text"], MESSAGE.title)
        request = self.server.received[-1]
        self.assertEqual(request.target, "/hook")
        self.assertTrue(request.headers["content-type"].startswith("application/json"))

    def test_slack_as_a_bot(self):
        self._patch_api(kpi_alert_channel, "SLACK_API")
        self.server.answers = [reply(200, b'{"ok": true}')]
        channel = self._channel(token=TOKEN, slack_channel="C0123")
        channel._post_message(MESSAGE)
        self.assertEqual(self._body()["channel"], "C0123")
        request = self.server.received[-1]
        self.assertEqual(request.headers["authorization"], f"Bearer {TOKEN}")

    def test_slack_refuses_with_the_status_of_success(self):
        self._patch_api(kpi_alert_channel, "SLACK_API")
        channel = self._channel(token=TOKEN, slack_channel="C0123")
        for body, expected in (
            (b'{"ok": false, "error": "channel_not_found"}', DeliveryRefused),
            (b'{"ok": false, "error": "ratelimited"}', OutgoingFailed),
            (b"<html>", OutgoingFailed),
        ):
            self.server.answers = [reply(200, body)]
            with self.subTest(body), self.assertRaises(expected):
                channel._post_message(MESSAGE)

    def test_teams_by_a_workflow(self):
        channel = self._channel("teams", address=self.server.url)
        self.server.answers = [reply(202)]
        self._delivery("teams", channel)._send_teams()
        (attachment,) = self._body()["attachments"]
        self.assertEqual(attachment["content"]["body"][0]["text"], MESSAGE.title)

    def test_whatsapp_by_a_template(self):
        channel = self._whatsapp(phone="+49 30 1234567")
        self._delivery("whatsapp", channel)._send_whatsapp()
        body = self._body()
        self.assertEqual(body["to"], "49301234567")
        self.assertEqual(body["template"]["name"], "kpi_alert")
        self.assertEqual(self.server.received[-1].target, "/api/1055/messages")

    def test_whatsapp_to_the_phone_of_each_person(self):
        self._whatsapp()
        self.officer.phone = "+1 555 010 9999"
        delivery = self._delivery("whatsapp", user_id=self.officer.id)
        delivery._send_whatsapp()
        self.assertEqual(self._body()["to"], "15550109999")
        self.officer.phone = "555 010 9999"
        with self.assertRaisesRegex(DeliverySkipped, "country code"):
            delivery._send_whatsapp()

    def test_whatsapp_takes_some_messages_later(self):
        channel = self._whatsapp(phone="+49 30 1234567")
        for code, expected in ((130429, OutgoingFailed), (131047, DeliveryRefused)):
            body = json.dumps({"error": {"code": code}}).encode()
            self.server.answers = [reply(400, body)]
            with self.subTest(code), self.assertRaises(expected):
                channel._post_message(MESSAGE)

    def test_an_answer_says_what_becomes_of_the_message(self):
        channel = self._channel(address=self.server.url)
        for answer, expected in (
            (reply(500), OutgoingFailed),
            (reply(503, Retry_After="7"), DeliveryLater),
            (reply(429, Retry_After="7"), DeliveryLater),
            (reply(404, b"no_service"), DeliveryRefused),
            (reply(410), DeliveryRefused),
            (reply(302, Location="http://127.0.0.1:1/"), OutgoingFailed),
        ):
            self.server.answers = [answer]
            with self.subTest(answer), self.assertRaises(expected) as caught:
                channel._post_message(MESSAGE)
            if expected is DeliveryLater:
                self.assertEqual(caught.exception.seconds, 7)

    def test_secrets_are_not_in_what_is_kept(self):
        channel = self._channel(address=f"{self.server.url}/T0/B0/XyZ123")
        self.server.answers = [reply(404, b"no /hook/T0/B0/XyZ123 " + TOKEN.encode())]
        with self.assertRaises(DeliveryRefused) as caught:
            channel._post_message(MESSAGE)
        self.assertNotIn("XyZ123", str(caught.exception))
        self.assertNotIn(TOKEN, str(caught.exception))
        self.assertEqual(channel._find_origin(), self.server.url[: -len("/hook")])

    def test_what_is_no_address_is_refused_when_it_is_entered(self):
        for address in ("http://intranet/x", "https://a@b.example/", "slack"):
            with self.subTest(address), self.assertRaises(ValidationError):
                self._channel(address=address)
        channel = self._channel()
        with self.assertRaises(ValidationError):
            channel.address = "http://intranet/x"
        with self.assertRaises(ValidationError):
            channel.phone = "030 1234567"

    def test_the_form_shows_no_secret(self):
        channel = self._channel(address=self.server.url)
        with Form(channel) as form:
            self.assertEqual(form.address, HIDDEN)
            form.name = "Other"
        channel._post_message(MESSAGE)
        self.assertEqual(len(self.server.received), 1)

    def test_the_test_button_says_what_came_back(self):
        channel = self._channel(address=self.server.url)
        answer = channel.action_send_test()
        self.assertEqual(answer["params"]["type"], "success")
        self.server.answers = [reply(403, b"action_prohibited")]
        with self.assertRaisesRegex(UserError, "403 action_prohibited"):
            channel.action_send_test()
        with self.assertRaises(AccessError):
            channel.with_user(self.officer).action_send_test()

    def test_a_channel_that_is_not_set_up_says_what_is_missing(self):
        for kind, words in (
            ("slack", "webhook address"),
            ("teams", "workflow"),
            ("whatsapp", "access token"),
            ("sms", "Install|phone number"),
        ):
            channel = self._channel(kind)
            with self.subTest(kind):
                self.assertRegex(channel.fault, words)
                with self.assertRaisesRegex(UserError, words):
                    channel.action_send_test()

    def test_nothing_is_missing_before_a_channel_is_stored(self):
        with Form(self.env["kpi.alert.channel"]) as form:
            self.assertFalse(form.fault)
            form.name = "New"
            form.slack_channel = "C0123"

    def test_each_channel_has_its_methods(self):
        outbox, channels = self.env["kpi.delivery"], self.env["kpi.alert.channel"]
        ways = dict(outbox._fields["channel"].selection)
        for way in ways:
            with self.subTest(way):
                self.assertTrue(callable(getattr(outbox, f"_send_{way}")))
                self.assertTrue(callable(getattr(outbox, f"_find_{way}_host")))
        for kind in dict(channels._fields["kind"].selection):
            with self.subTest(kind):
                self.assertTrue(callable(getattr(channels, f"_find_{kind}_fault")))
                if kind in ways:
                    self.assertTrue(callable(getattr(channels, f"_post_{kind}")))

    def test_archived_channels_get_nothing(self):
        channel = self._channel(address=self.server.url)
        delivery = self._delivery("slack", channel)
        channel.active = False
        with self.assertRaisesRegex(DeliverySkipped, "archived"):
            delivery._check_receiver()

    def test_slack_goes_to_a_channel_not_to_a_person(self):
        delivery = self._delivery("slack", user_id=self.officer.id)
        with self.assertRaisesRegex(DeliveryRefused, "No channel"):
            delivery._send_slack()

    def test_a_rule_is_refused_while_its_channel_is_not_set_up(self):
        report = self.revenue
        for channel in ("slack", "teams", "whatsapp", "push"):
            with self.subTest(channel), self.assertRaises(ValidationError) as caught:
                self._rule(report, notification_channels=channel)
            self.assertRegex(str(caught.exception), "set up|install")
        slack = self._channel()
        with self.assertRaisesRegex(ValidationError, "webhook address, or a bot"):
            self._rule(report, notification_channels="slack")
        slack.address = self.server.url
        self._rule(report, notification_channels="slack")
        self._rule(report, notification_channels="inbox")
        self.env["mail.push.device"].get_web_push_vapid_public_key()
        self._rule(report, notification_channels="push")

    def test_a_channel_by_severity_must_fit(self):
        rule = self._rule(self.revenue)
        slack = self._channel(address=self.server.url)
        route = {"alert_id": rule.id, "channel": "teams", "channel_id": slack.id}
        self.env["kpi.alert.route"].create({**route, "channel": "slack"})
        with self.assertRaisesRegex(ValidationError, "is not a .* channel"):
            self.env["kpi.alert.route"].create(route)
