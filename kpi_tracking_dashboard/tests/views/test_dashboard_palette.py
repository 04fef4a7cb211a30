from odoo.tests import BaseCase

from odoo.addons.kpi_base.tests.palette_case import PaletteMixin


class TestDashboardPalette(PaletteMixin, BaseCase):
    addon = "kpi_tracking_dashboard"
