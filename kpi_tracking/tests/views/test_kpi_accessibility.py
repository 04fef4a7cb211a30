"""What axe-core finds on our screens: nothing."""

from odoo.tests import tagged

from .axe_case import AxeMixin
from .test_kpi_screens import KpiScreensCase


@tagged("post_install", "-at_install")
class TestKpiAccessibility(AxeMixin, KpiScreensCase):
    def test_overview(self):
        drawn = "!!document.querySelector('.o_kpi_home_counts')"
        self._check("/odoo/kpi-home", ".o_kpi_home", drawn, "kpi_officer")
