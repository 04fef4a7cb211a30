from odoo.tests import BaseCase

from odoo.addons.kpi_base.tests.sudo_reasons import SudoReasonsMixin


class TestSudoReasons(SudoReasonsMixin, BaseCase):
    addon = "kpi_tracking_warehouse"
