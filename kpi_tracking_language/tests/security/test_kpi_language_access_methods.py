from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin

from .language_access_case import LanguageAccessCase

REASONS = {
    "kpi.intelligent.optimization": {
        "action_open_kpi": "opens a form",
        "action_take": "checks who may change the targets, or the formula",
        "optimize_formula": "checks who may change the formula",
        "optimize_timing": "of a KPI that the user sees, and only for the user",
        "optimize_target_values": "of the KPIs that the user sees",
        "predict_resource_needs": "of KPIs that the user sees, and only for the user",
    },
    "kpi.lever.wizard": {"action_predict": "asks with the user's rights"},
    "kpi.predictive.analytics": {
        "suggest_improvement_actions": "reads with the user's rights",
    },
    "kpi.predictive.maintenance": {
        "detect_kpi_degradation_risk": "checks that the user sees the KPI",
        "optimize_monitoring_frequency": "checks that the user sees the KPI",
        "recommend_preventive_actions": "checks that the user sees the KPI",
    },
    "kpi.report": {
        "action_advise_formula": "checks who may change the formula",
        "action_advise_timing": "checks that the user sees the KPI",
        "action_advise_target": "checks that the user sees the KPI",
        "action_make_action": "adds an action with the user's rights",
    },
    "kpi.nlp.processor": {
        "ask": "reads with the user's rights, lists what was not understood",
        "auto_generate_reports": "makes the user's own table; to others as a manager",
        "confirm_action": "does what the user proposed, with the user's rights",
        "generate_performance_insights": "checks that the user sees the KPI",
        "process_natural_language_query": "reads with the user's rights",
    },
    "kpi.question.unread": {
        "action_add_name": "opens a dialog, for who reads the question",
    },
}


@tagged("post_install", "-at_install")
class TestKpiLanguageAccessMethods(AccessMethodsMixin, LanguageAccessCase, HttpCase):
    """No method of questions lets anybody reach more."""

    addon = "kpi_tracking_language"
    lower = (
        "kpi_base",
        "kpi_tracking",
        "kpi_tracking_dashboard",
        "kpi_tracking_analytics",
        "kpi_tracking_alert",
        "kpi_tracking_collaboration",
    )
    reasons = REASONS
