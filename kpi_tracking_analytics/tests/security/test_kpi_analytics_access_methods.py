from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin

from .analytics_access_case import AnalyticsAccessCase

REASONS = {
    "kpi.predictive.analytics": {
        "action_open_kpi": "returns the KPI, which is read as the user",
        "predict_target_achievement": "asks for the right to read the KPI",
    },
    "kpi.report": {
        "get_history": "finds the KPI and its forecast with the user's rules",
        "action_open_forecast": "returns the forecast, which is read as the user",
    },
}
ARGUMENTS = {"predict_target_achievement": lambda case: [1]}


@tagged("post_install", "-at_install")
class TestKpiAnalyticsAccessMethods(AccessMethodsMixin, AnalyticsAccessCase, HttpCase):
    """No method of trends and forecasts lets anybody reach more."""

    addon = "kpi_tracking_analytics"
    lower = ("kpi_base", "kpi_tracking", "kpi_tracking_dashboard")
    reasons = REASONS
    arguments = ARGUMENTS
