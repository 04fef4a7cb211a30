import base64
import json

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.hostile_html import HOSTILE

from .test_kpi_dashboard_schedule import KpiDashboardScheduleCase

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAA"
    "SUVORK5CYII="
)
ELSEWHERE = (
    '<p>Hello<img src="https://elsewhere.invalid/p.png?who=1" alt="Plan"></p>'
    '<img src="//elsewhere.invalid/q.png" srcset="https://elsewhere.invalid/r.png 2x">'
    '<p style="background: url(https://elsewhere.invalid/s.png)">you</p>'
    '<table background="https://elsewhere.invalid/t.png"><tr><td>x</td></tr></table>'
)


@tagged("post_install", "-at_install")
class TestKpiDashboardImages(KpiDashboardScheduleCase):
    """Pictures in the texts of a dashboard."""

    def setUp(self):
        super().setUp()
        self.text = self.dashboard.tile_ids[-1]
        self.image = self.env["ir.attachment"].create(
            {
                "name": "plan.png",
                "raw": PIXEL,
                "res_model": self.text._name,
                "res_id": self.text.id,
            }
        )

    def test_a_mail_loads_nothing_from_elsewhere(self):
        self.text.text = ELSEWHERE
        mail = self._mails(self.olga)
        self.assertNotIn("elsewhere.invalid", mail.body)
        for word in ("Hello", "Plan", "you"):
            self.assertIn(word, mail.body)

    def test_texts_are_sanitised_where_they_leave_the_screen(self):
        self.text.text = "<p>Words</p>"
        self.env.flush_all()
        hostile = json.dumps({"en_US": "".join(HOSTILE.values())})
        self.env.cr.execute("UPDATE kpi_dashboard_tile SET text = %s", [hostile])
        self.env.invalidate_all()
        own = self._as(self.olga)
        answer = own.data({})
        printed = own._page(answer, own._drawings(answer))
        for page in (self._mails(self.olga).body, printed):
            self.assertIn("Amount: 5.00", page)
            self.assertNotRegex(page, "fixed|-500px|<form|<iframe")

    def test_a_mail_brings_the_images_of_its_company(self):
        self.text.text = f'<p><img src="/web/image/{self.image.id}-ab/plan.png"></p>'
        mail = self._mails(self.olga)
        name = f"image-{self.image.id}.png"
        self.assertIn(f'"cid:{name}"', mail.body)
        found = mail.attachment_ids.filtered(lambda file: file.name == name)
        self.assertEqual(found.raw, PIXEL)

    def test_an_image_of_other_records_is_not_sent(self):
        self.image.write(
            {"res_model": "res.partner", "res_id": self.olga.partner_id.id}
        )
        self.text.text = f'<p>A<img src="/web/image/{self.image.id}" alt="B"></p>'
        mail = self._mails(self.olga)
        self.assertNotIn(f"image-{self.image.id}", mail.body)
        self.assertNotIn("/web/image", mail.body)

    def test_a_pdf_of_such_texts_logs_nothing(self):
        self.text.text = ELSEWHERE + f'<img src="/web/image/{self.image.id}">'
        with self.assertNoLogs(level="WARNING"):
            self._pdf()
