from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin

from .analytics_access_case import AnalyticsAccessCase

REASONS = {
    "kpi.anomaly": {
        "action_confirm": "asks for the right to change the KPI",
        "action_open_kpi": "returns the KPI, which is read as the user",
        "action_dismiss": "asks for the right to change the KPI",
        "list_of": "asks for the right to read the KPI, searches as the user",
    },
    "kpi.explanation": {
        "action_explain_change": "opens what the KPI explains to the user",
    },
    "kpi.predictive.analytics": {
        "detect_performance_anomalies": "asks for the right to read the KPI",
        "action_open_kpi": "returns the KPI, which is read as the user",
        "predict_target_achievement": "asks for the right to read the KPI",
    },
    "kpi.report": {
        "action_explain_change": "opens what the KPI explains to the user",
        "explain_change": "asks for the right to read the KPI",
        "explain_latest_change": "asks for the right to read the KPI",
        "get_history": "finds the KPI and its forecast with the user's rules",
        "action_open_forecast": "returns the forecast, which is read as the user",
    },
}
ARGUMENTS = {
    "detect_performance_anomalies": lambda case: [1],
    "list_of": lambda case: [1],
    "explain_change": lambda case: ["2025-12-01", "2026-01-01"],
    "predict_target_achievement": lambda case: [1],
}


@tagged("post_install", "-at_install")
class TestKpiAnalyticsAccessMethods(AccessMethodsMixin, AnalyticsAccessCase, HttpCase):
    """No method of trends and forecasts lets anybody reach more."""

    addon = "kpi_tracking_analytics"
    lower = ("kpi_base", "kpi_tracking", "kpi_tracking_dashboard")
    reasons = REASONS
    arguments = ARGUMENTS
