from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin
from odoo.addons.kpi_tracking.tests.security.access_case import KpiAccessMixin

REASONS = {
    "kpi.phone": {
        "ask": "reads with the user's rights",
        "decide": "decides what the user is asked about, with their rights",
        "exchange": "as flush and sync, with the user's rights",
        "find_decisions": "of the user's own decisions",
        "flush": "does what the user may do, with their rights",
        "register_push": "of the user's own browser",
        "set_morning_hour": "of the user's own message",
        "sync": "reads with the user's rights",
        "unregister_push": "of the user's own browser",
    },
}


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
