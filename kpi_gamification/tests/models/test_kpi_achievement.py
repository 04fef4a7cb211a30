import base64
import io

from PIL import Image
from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import TransactionCase
from odoo.tools import mute_logger

from odoo.addons.kpi_base.tests.pictures import png_header

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def picture(size, kind="PNG"):
    drawn = io.BytesIO()
    Image.new("RGB", (size, size), "#0072b2").save(drawn, kind)
    return drawn.getvalue()


class TestKpiAchievement(TransactionCase):
    """What can be earned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.achievement = cls.env["kpi.achievement"].create({"name": "Badge"})

    def test_icons_are_drawn_anew(self):
        given = picture(600, "JPEG") + b"hidden"
        self.achievement.badge_icon = base64.b64encode(given)
        stored = base64.b64decode(self.achievement.badge_icon)
        self.assertNotIn(b"hidden", stored)
        image = Image.open(io.BytesIO(stored))
        self.assertEqual((image.format, image.size), ("PNG", (256, 256)))

    def test_what_is_no_picture_is_refused(self):
        for name, given in {
            "SVG": SVG,
            "SVG behind a space": b"\n " + SVG,
            "10 MB": picture(10) + bytes(10_000_000),
            "30,000 pixels squared": png_header(30_000),
            "text": b"no picture",
            "nothing": b"\x00",
        }.items():
            with self.subTest(name), self.assertRaises(UserError):
                self.achievement.badge_icon = base64.b64encode(given)
        with self.assertRaises(UserError):
            self.achievement.badge_icon = "no base64!"

    def test_no_points_below_zero_and_no_made_up_colours(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.env.cr.savepoint():
                self.achievement.points_value = -1
                self.achievement.flush_recordset()
        for color in ("red", "#12345", "#000000;x"):
            with self.subTest(color), mute_logger("odoo.sql_db"):
                with self.assertRaises(IntegrityError), self.env.cr.savepoint():
                    self.achievement.badge_color = color
                    self.achievement.flush_recordset()
