import io
from unittest.mock import patch

from PIL import Image

from odoo.http import Request
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.kpi_base.tests.pictures import png_header

CONTROLLER = "odoo.addons.kpi_tracking_phone.controllers.photo"


def make_photo():
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(content, "JPEG")
    return content.getvalue()


@tagged("post_install", "-at_install")
class TestPhonePhoto(HttpCase):
    """Photos that phones hand over before their entries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(cls.env, "photos", "kpi_base.kpi_base_group_user")

    def setUp(self):
        super().setUp()
        self.authenticate("photos", "photos")

    def _send(self, content):
        answer = self.url_open(
            "/scoped_app/kpi/photo",
            {"csrf_token": Request.csrf_token(self)},
            files={"photo": ("photo.jpg", content, "image/jpeg")},
        )
        return answer.json()

    def test_a_photo_is_the_user_s_until_its_entry_comes(self):
        file = self.env["ir.attachment"].browse(
            self._send(make_photo())["attachment_id"]
        )
        self.assertEqual(file.create_uid, self.user)
        self.assertFalse(file.res_id)

    def test_a_photo_of_too_many_pixels_is_refused_in_a_sentence(self):
        self.assertIn("50 megapixels", self._send(png_header(30_000))["message"])
        self.assertEqual(self._send(b"text")["message"], "This file is not a photo.")

    def test_photos_without_entries_are_limited(self):
        with patch(f"{CONTROLLER}.MAX_WAITING", 2):
            for _number in range(2):
                self.assertIn("attachment_id", self._send(make_photo()))
            said = self._send(make_photo())["message"]
        self.assertEqual(said, "2 photos have no entry yet. Send their entries first.")
