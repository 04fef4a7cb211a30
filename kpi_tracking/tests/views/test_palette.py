import re
from pathlib import Path

from odoo.tests import BaseCase
from odoo.tools import file_path

from odoo.addons.kpi_base.engine import palette
from odoo.addons.kpi_base.tests.palette_case import PaletteMixin

SCREENS = "kpi_tracking/static/src/eager/palette/palette.scss"
ODOO = "web/static/src/scss/primary_variables.scss"


class TestPalette(PaletteMixin, BaseCase):
    addon = "kpi_tracking"

    def test_drawings_look_as_odoo_does(self):
        variables = self._colours(ODOO, r"\$o-(\w+):\s*(#\w{6})")
        for tone in ("success", "warning", "danger", "info"):
            with self.subTest(tone):
                self.assertEqual(palette.FILLS[tone], variables[tone])

    def test_series_are_those_of_the_screens(self):
        screens = self._colours(SCREENS, r"--kpi-series-(\d):\s*(#\w{6})")
        self.assertEqual(tuple(screens.values()), palette.SERIES[:7])

    def _colours(self, path, pattern):
        return dict(re.findall(pattern, Path(file_path(path)).read_text()))
