import base64

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

from ...picture_size import check_picture_size
from ..pictures import png_header


@tagged("post_install", "-at_install")
class TestPictureSize(TransactionCase):
    """Pictures that would fill the memory are refused before they are opened."""

    def test_the_header_decides(self):
        # Odoo's own limit lies between 7,071 and 7,072, Pillow's is above 13,000.
        for side in (7_072, 9_000, 30_000):
            with self.subTest(side), self.assertRaisesRegex(UserError, "50 megapixels"):
                check_picture_size(self.env, png_header(side))

        for content in (png_header(7_071), b"", b"no picture", b"\x89PNG\r\n\x1a\n"):
            check_picture_size(self.env, content)

    def test_files_of_our_records_are_looked_at(self):
        team = self.env["kpi.team"].create({"name": "Team"})
        large = png_header(30_000)
        values = {"name": "a.png", "res_model": team._name, "res_id": team.id}
        files = self.env["ir.attachment"]
        for content in ({"raw": large}, {"datas": base64.b64encode(large)}):
            with self.assertRaisesRegex(UserError, "50 megapixels"):
                files.create({**values, **content})

        file = files.create({**values, "raw": b"no picture"})
        with self.assertRaisesRegex(UserError, "50 megapixels"):
            file.raw = large
