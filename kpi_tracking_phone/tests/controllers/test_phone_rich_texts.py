from odoo.tests import tagged

from odoo.addons.kpi_base.tests.hostile_html import HOSTILE
from odoo.addons.kpi_base.tests.rich_texts import PAINTING, TextBoxesMixin
from odoo.addons.kpi_tracking_dashboard.tests.views.test_kpi_dashboard_screen import (
    KpiDashboardScreenCase,
)

from ...models import kpi_phone


@tagged("post_install", "-at_install")
class TestPhoneRichTexts(TextBoxesMixin, KpiDashboardScreenCase):
    """A text of a dashboard paints over nothing else in the app."""

    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tile = {"kind": "text", "text": "<p>Read me</p>", "span": 6}
        cls.board = cls._dashboard("Words", [tile] * len(HOSTILE))

    def _check_app(self, **options):
        path = f"/scoped_app/kpi/dashboard/{self.board.id}"
        count = len(self.board.tile_ids)
        self._check_boxes(
            path, ".o_kpi_prose", login="olga_board", count=count, **options
        )

    def test_each_text_stays_in_its_box(self):
        for tile, text in zip(self.board.tile_ids, HOSTILE.values(), strict=True):
            # Of some nothing is left.
            self._store(tile, "text", f"{text}<p>Read me</p>")
        self._check_app()

    def test_all_texts_at_once_stay_in_their_box(self):
        self.board.tile_ids[1:].unlink()
        self._store(self.board.tile_ids, "text", "".join(HOSTILE.values()))
        self._check_app()

    def test_what_a_phone_kept_before_texts_were_sanitised(self):
        """The box holds what is drawn, whatever was sent."""
        kept = {"html": "".join(PAINTING)}
        write = kpi_phone._write_tile
        self.patch(kpi_phone, "_write_tile", lambda tile: write(tile) | kept)
        self._check_app(is_sanitized=False)
