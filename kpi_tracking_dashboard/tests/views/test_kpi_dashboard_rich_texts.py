from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.api_case import OwnCursorCase
from odoo.addons.kpi_base.tests.hostile_html import HOSTILE
from odoo.addons.kpi_base.tests.rich_texts import RichTextsMixin

from .test_kpi_dashboard_screen import KpiDashboardScreenCase


@tagged("post_install", "-at_install")
class TestKpiDashboardRichTexts(RichTextsMixin, OwnCursorCase, KpiDashboardScreenCase):
    """A text puts no false login over a dashboard, nor over the page of a link."""

    addon = "kpi_tracking_dashboard"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tile = {"kind": "text", "text": "<p>Read me</p>", "span": 6}
        cls.board = cls._dashboard("Words", [tile])
        cls.text = cls.board.tile_ids

    def _share(self, kind):
        """Path of a new link to the dashboard, and the link."""
        address, share = (
            self.env["kpi.dashboard.share"]
            .with_user(self.officer)
            ._generate(
                self.board.with_user(self.officer),
                expires_on=fields.Date.today() + timedelta(days=9),
                kind=kind,
            )
        )
        self.env.flush_all()
        return address.removeprefix(self.board.get_base_url()), share.sudo()

    def test_text_on_the_dashboard(self):
        path = f"/odoo/kpi-dashboard/{self.board.id}"
        for text in (HOSTILE["fixed"], "".join(HOSTILE.values())):
            self._store(self.text, "text", text)  # sanitised as it is read
            self._check_boxes(path, ".o_kpi_tile_text", login="olga_board")

    def test_text_of_a_tile(self):
        self._check_form(self.text, "text", "olga_board")

    def test_text_behind_a_link(self):
        path, _share = self._share("live")
        self._store(self.text, "text", "".join(HOSTILE.values()))
        self._check_boxes(path, ".o_kpi_share_prose")

    def test_text_that_was_frozen_before_texts_were_sanitised(self):
        path, share = self._share("frozen")
        answer = share.frozen_answer
        answer["tiles"][0]["html"] = "".join(HOSTILE.values())
        share.frozen_answer = answer
        self._check_boxes(path, ".o_kpi_share_prose")
