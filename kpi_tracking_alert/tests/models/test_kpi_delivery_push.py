import base64
import json
import struct
from unittest.mock import patch

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo.tests import tagged

from odoo.addons.kpi_base.engine.outgoing import OutgoingFailed
from odoo.addons.kpi_base.outbox import DeliveryRefused, DeliverySkipped
from odoo.addons.kpi_base.tests.web_server import reply

from ...models import kpi_delivery
from .channel_case import MESSAGE, ChannelCase

AUTH = b"0123456789abcdef"


def _encode(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text):
    return base64.urlsafe_b64decode(text + "==")


@tagged("post_install", "-at_install")
class TestKpiDeliveryPush(ChannelCase):
    """Notifications, as a browser and its push service get them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.public = cls.env["mail.push.device"].get_web_push_vapid_public_key()
        cls.browser = ec.generate_private_key(ec.SECP256R1())
        cls.point = cls.browser.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )

    def _device(self, path, **values):
        return self.env["mail.push.device"].create(
            {
                "partner_id": self.officer.partner_id.id,
                "endpoint": f"{self.server.url}/{path}",
                "keys": json.dumps(
                    {"p256dh": _encode(self.point), "auth": _encode(AUTH)}
                ),
                **values,
            }
        )

    def _push(self, **values):
        delivery = self._delivery("push", user_id=self.officer.id, **values)
        delivery._send_push()
        return delivery

    def test_the_browser_reads_it_and_the_service_knows_who_sends(self):
        self._device("1")
        self.server.answers = [reply(201)]
        self._push(res_model="kpi.report", res_id=self.revenue.id)
        (request,) = self.server.received
        notification = json.loads(self._decrypt(request.body))
        self.assertEqual(notification["title"], MESSAGE.title)
        opened = {"model": "kpi.report", "res_id": self.revenue.id}
        self.assertEqual(notification["options"]["data"], opened)
        self.assertEqual(request.headers["content-encoding"], "aes128gcm")
        self.assertEqual(request.headers["ttl"], str(24 * 3600))
        self.assertEqual(request.headers["urgency"], "high")
        self.assertEqual(request.headers["topic"], notification["options"]["tag"])
        claims = self._check_token(request.headers["authorization"])
        self.assertEqual(claims["aud"], f"http://127.0.0.1:{self.server.port}")

    def test_a_device_that_is_gone_is_forgotten(self):
        devices = {}
        for path, status in (("1", 404), ("2", 410), ("3", 201)):
            devices[path] = self._device(path)
            self.server.answers.insert(0, reply(status))  # the newest comes first
        self.server.answers.pop()
        self._push()
        self.assertEqual(len(self.server.received), 3)
        self.assertFalse((devices["1"] | devices["2"]).exists())
        self.assertTrue(devices["3"].exists())

    def test_it_is_sent_once_one_device_has_it(self):
        self._device("1")
        self._device("2")
        self.server.answers = [reply(500), reply(201)]
        self._push()
        self.assertEqual(len(self.server.received), 2)

    def test_a_service_that_fails_is_tried_again(self):
        device = self._device("1")
        for status in (429, 500):
            self.server.answers = [reply(status)]
            # Unlike assertRaises it rolls nothing back.
            with self.subTest(status), self.assertRaisesRegex(OutgoingFailed, "."):
                self._push(key=f"push:{status}")
        self.assertTrue(device.exists())
        host = self.env["kpi.delivery.host"].search([])
        self.assertEqual(host.failure_count, 2)

    def test_a_device_inside_the_network_gets_nothing(self):
        self.env["ir.config_parameter"].set_param("kpi_base.outgoing_hosts", "")
        for endpoint in (self.server.url, f"https://127.0.0.1:{self.server.port}/"):
            self._device("1", endpoint=endpoint)
        with self.assertRaises(DeliveryRefused):
            self._push()
        self.assertFalse(self.server.received)

    def test_keys_that_are_none_stop_nothing(self):
        for number, keys in enumerate(("", "{}", '{"p256dh": "x", "auth": "y"}')):
            self._device(f"bad{number}", keys=keys or " ")
        with self.assertRaises(DeliveryRefused):
            self._push()
        self._device("good")
        self.server.answers = [reply(201)]
        self._push()
        self.assertEqual(len(self.server.received), 1)

    def test_slow_services_do_not_take_the_time_of_a_run(self):
        for number in range(5):
            self._device(str(number))

        def answer(handler):
            handler.server.is_over.wait(0.2)
            handler.wfile.write(reply(500))

        self.server.answers = [answer]
        with (
            patch.object(kpi_delivery, "START_SECONDS", 0.3),
            self.assertRaises(OutgoingFailed),
        ):
            self._push()
        self.assertEqual(len(self.server.received), 2)

    def test_who_has_no_device_is_skipped(self):
        with self.assertRaises(DeliverySkipped):
            self._push()

    def test_odoos_own_sender_is_not_used(self):
        self._device("1")
        with patch("odoo.addons.mail.tools.web_push.push_to_end_point") as theirs:
            self._push()
        theirs.assert_not_called()

    def _decrypt(self, body):
        """What a browser does (RFC 8188 and 8291), written from the specifications."""
        salt, _size, length = struct.unpack("!16sLB", body[:21])
        sender, content = body[21 : 21 + length], body[21 + length :]
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.browser.exchange(ec.ECDH(), key)
        info = b"WebPush: info\0" + self.point + sender
        secret = HKDF(hashes.SHA256(), 32, AUTH, info).derive(shared)
        key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0")
        nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0")
        cipher = AESGCM(key.derive(secret))
        return cipher.decrypt(nonce.derive(secret), content, None).rstrip(b"\0")[:-1]

    def _check_token(self, authorization):
        """What a push service does (RFC 8292): the claims, once they are verified."""
        scheme, _space, rest = authorization.partition(" ")
        self.assertEqual(scheme, "vapid")
        parts = dict(part.strip().split("=", 1) for part in rest.split(","))
        self.assertEqual(parts["k"], self.public)
        signed, _dot, signature = parts["t"].rpartition(".")
        raw = _decode(signature)
        r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
        key = ec.EllipticCurvePublicKey.from_encoded_point(
            ec.SECP256R1(), _decode(self.public)
        )
        key.verify(
            utils.encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256())
        )
        return json.loads(_decode(signed.split(".")[1]))
