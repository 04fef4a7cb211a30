from odoo.tests import BaseCase

from odoo.addons.kpi_base.tests.palette_case import PaletteMixin


class TestPalette(PaletteMixin, BaseCase):
    addon = "kpi_tracking"
