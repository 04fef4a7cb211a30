from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed
from odoo.addons.kpi_base.outbox import DeliveryRefused, DeliverySkipped
from odoo.addons.kpi_tracking_alert.tests.models.channel_case import ChannelCase
from odoo.addons.sms.tools.sms_api import SmsApi


@tagged("post_install", "-at_install")
class TestKpiDeliverySms(ChannelCase):
    """Texts, as the gateway gets them; the gateway is the test's."""

    def setUp(self):
        super().setUp()
        self.sent, self.answer = [], "success"
        self.startPatcher(patch.object(SmsApi, "_contact_iap", self._gateway))
        self.officer.phone = "+49 30 1234567"

    def _gateway(self, _path, params):
        numbers = [
            (number, message["content"])
            for message in params["messages"]
            for number in message["numbers"]
        ]
        self.sent += numbers
        return [{"uuid": each["uuid"], "state": self.answer} for each, _text in numbers]

    def _send(self, **values):
        delivery = self._delivery("sms", **(values or {"user_id": self.officer.id}))
        delivery._send_sms()
        return delivery

    def test_it_goes_to_the_phone_of_the_person(self):
        self._send()
        ((number, text),) = self.sent
        self.assertEqual(number["number"], "+49 30 1234567")
        self.assertIn("82.4 k€", text)

    def test_all_attempts_are_one_text(self):
        delivery = self._send()
        delivery._send_sms()
        self.assertEqual(len(self.sent), 1)

    def test_what_a_killed_process_has_sent_counts(self):
        delivery = self._send()
        text = self.env["sms.sms"].search([], order="id desc", limit=1)
        text.state = "process"  # the answer was lost
        self.answer = "duplicate_message"
        delivery._send_sms()
        (first, _text), (second, _text) = self.sent
        self.assertEqual(first["uuid"], second["uuid"])
        self.assertEqual(text.state, "pending")

    def test_odoos_own_cron_does_not_send_it_as_well(self):
        self._send()
        self.env["sms.sms"]._process_queue()
        self.assertEqual(len(self.sent), 1)

    def test_it_goes_to_the_number_of_a_channel(self):
        channel = self._channel("sms", phone="+1 555 010 9999")
        self._send(target=channel)
        self.assertEqual(self.sent[0][0]["number"], "+1 555 010 9999")
        channel.action_send_test()
        self.assertEqual(len(self.sent), 2)

    def test_what_a_gateway_refuses(self):
        for answer, expected in (
            ("wrong_number_format", DeliveryRefused),
            ("insufficient_credit", OutgoingFailed),
            ("server_error", OutgoingFailed),
        ):
            self.answer = answer
            with self.subTest(answer), self.assertRaises(expected):
                self._send()

    def test_a_number_without_its_country_is_skipped(self):
        self.officer.phone = "030 1234567"
        with self.assertRaises(DeliverySkipped):
            self._send()
        self.assertFalse(self.sent)

    def test_a_rule_may_use_it(self):
        self._rule(self.revenue, notification_channels="sms")
