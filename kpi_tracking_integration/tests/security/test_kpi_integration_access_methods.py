from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin

from .integration_access_case import IntegrationAccessCase

REASONS = {
    "kpi.chat.link": {
        "action_disconnect": "for whose chat it is; removes nothing else",
    },
    "kpi.hook": {
        "action_new_secret": "asks for the right to change it",
        "action_send_again": "asks for the right to change it",
    },
    "kpi.hook.message": {
        "action_dismiss": "asks for the right to change the hook",
        "action_send_again": "asks for the right to change the hook",
    },
    "kpi.explanation": {
        "action_open_integration": "opens a form of what the user may read",
    },
    "kpi.integration": {
        "action_add_hook": "opens a form, which asks when it is saved",
        "action_connect": "asks for the right to change it",
        "action_check": "asks for the right to change it, imports nothing",
        "action_fetch_choices": "asks for the right to change it",
        "action_open_gone": "opens a list of what the user may see",
        "action_open_map": "opens a dialog, which asks when it acts",
        "action_remove_gone": "asks for the right to change it, and to record values",
        "action_sync": "asks for the right to change it",
        "action_test": "asks for the right to change it",
        "action_turn_off": "asks for the right to change it",
        "action_turn_on": "asks for the right to change it",
    },
    "kpi.integration.map": {
        "action_map": "asks for the right to change the integration",
    },
}


@tagged("post_install", "-at_install")
class TestKpiIntegrationAccessMethods(
    AccessMethodsMixin, IntegrationAccessCase, HttpCase
):
    """No method of integrations lets anybody reach more."""

    addon = "kpi_tracking_integration"
    lower = (
        "kpi_base",
        "kpi_tracking",
        "kpi_tracking_dashboard",
        "kpi_tracking_analytics",
        "kpi_tracking_alert",
    )
    reasons = REASONS
