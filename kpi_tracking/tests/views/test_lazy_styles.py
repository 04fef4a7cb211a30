from odoo.tests import TransactionCase, tagged
from odoo.tools import file_path

LAZY = {
    "kpi_tracking.assets_home": "/kpi_tracking/static/src/card/kpi_card.scss",
    "kpi_tracking.assets_screens": (
        "/kpi_tracking/static/src/screens/period_report/period_report.scss"
    ),
}


@tagged("post_install", "-at_install")
class TestLazyStyles(TransactionCase):
    """Styles that come with their screen, the same ones in light and dark."""

    def _styles(self, bundle):
        paths = self.env["ir.asset"]._get_asset_paths(bundle, {})
        return {path for path, *_more in paths if path.endswith("scss")}

    def test_styles_of_some_screens_are_not_loaded_with_the_client(self):
        eager = self._styles("web.assets_web") | self._styles("web.assets_web_dark")
        for bundle, path in LAZY.items():
            with self.subTest(bundle):
                self.assertNotIn(path, eager)
                self.assertIn(path, self._styles(bundle))

    def test_their_colors_are_tokens(self):
        for bundle in LAZY:
            for path in self._styles(bundle):
                with (
                    self.subTest(path),
                    open(file_path(path.removeprefix("/"))) as file,
                ):
                    self.assertNotIn("$", file.read())
