import json
from pathlib import Path

from PIL import Image

from odoo.modules.module import get_module_path
from odoo.tests import TransactionCase, tagged

ROOT = Path(get_module_path("kpi_demo")).parent
# Pages with their own bar, or of what the demo company does not have.
WITHOUT_BAR = {
    "kpi_base/rest-interface",
    "kpi_base_queue_job/jobs",
    "kpi_base_rating/ratings",
    "kpi_gamification_badge/badges",
    "kpi_tracking_connector/connector",
    "kpi_tracking_language/other-names",
    "kpi_tracking_phone/app",
    "kpi_tracking_sms/channels",
    "kpi_tracking_warehouse/warehouse",
}


@tagged("post_install", "-at_install")
class TestDemoPictures(TransactionCase):
    """Pictures of the README, docs and pages of apps show today's menus."""

    def test_no_picture_is_older_than_the_menus(self):
        bars = {
            str(file.relative_to(ROOT)): json.loads(text) for file, text in _read_bars()
        }
        self.assertGreater(len(bars), 10)
        for name, bar in bars.items():
            with self.subTest(picture=name):
                entries = self._list_entries(bar["login"])
                self.assertIn(
                    bar["entries"], entries, "draw it again: setup/screenshots"
                )

    def test_each_picture_of_the_demo_company_names_its_menus(self):
        unknown = {
            f"{file.relative_to(ROOT).parts[0]}/{file.stem}"
            for file in ROOT.glob("kpi_*/static/description/*.png")
            if file.stem != "icon" and not _read_bar(file)
        }
        self.assertLessEqual(unknown, WITHOUT_BAR)

    def _list_entries(self, login):
        """Entries in the bars of all apps, as a user of the demo company sees them."""
        user = self.env["res.users"].search([("login", "=", login)])
        menus = self.env["ir.ui.menu"].with_user(user).load_web_menus(False)
        return [
            [menus[child]["name"] for child in menu["children"]]
            for key, menu in menus.items()
            if key != "root" and menu["appID"] == menu["id"]
        ]


def _read_bars():
    """Pictures and what they hold about the bar above them."""
    for pattern in ("kpi_*/static/description/*.png", "docs/images/*.png"):
        for file in sorted(ROOT.glob(pattern)):
            if text := _read_bar(file):
                yield file, text


def _read_bar(file):
    with Image.open(file) as picture:
        return picture.info.get("Bar")
