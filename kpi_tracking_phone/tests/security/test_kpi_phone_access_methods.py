from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin
from odoo.addons.kpi_tracking.tests.security.access_case import KpiAccessMixin

REASONS = {}


@tagged("post_install", "-at_install")
class TestKpiPhoneAccessMethods(AccessMethodsMixin, KpiAccessMixin, HttpCase):
    """No method of the phone app lets anybody reach more."""

    addon = "kpi_tracking_phone"
    lower = (
        "kpi_base",
        "kpi_tracking",
        "kpi_tracking_dashboard",
        "kpi_tracking_analytics",
        "kpi_tracking_alert",
        "kpi_tracking_collaboration",
    )
    reasons = REASONS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()
