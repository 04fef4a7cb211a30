from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin

from .collaboration_access_case import CollaborationAccessCase

REASONS = {
    "kpi.action.item": {
        "action_cancel": "writes with the user's rights",
        "action_complete": "writes with the user's rights",
        "action_reopen": "writes with the user's rights",
        "action_start": "writes with the user's rights",
    },
    "kpi.alert.event": {
        "action_add_action": "opens a form",
        "action_discuss": "opens a form",
    },
    "kpi.discussion": {
        "action_close": "asks for the right to change it",
        "action_reopen": "asks for the right to change it",
    },
    "kpi.explanation": {
        "action_discuss": "opens a form",
    },
    "kpi.performance.coaching": {
        "action_erase": "asks for HR managers, who see it",
        "action_plan_next": "asks for the right to read it; opens a form",
        "action_share": "asks for the right to change it, and for the coach",
        "action_sign": "asks for the right to change it, and for one of the two",
    },
    "kpi.report": {
        "action_add_action": "opens a form",
        "action_discuss": "opens a form",
        "action_open_actions": "opens a list",
        "action_open_discussions": "opens a list",
    },
    "kpi.report.group": {
        "action_plan_review": "opens a form",
    },
    "kpi.review.meeting": {
        "action_ask_minutes": "asks for the right to change it; opens a dialog",
        "action_cancel": "asks for the right to change it",
        "action_fill_agenda": "asks for the right to change it; adds what is seen",
        "action_hold": "asks for the right to change it",
        "action_reopen": "asks for the right to change it",
        "action_send_minutes": "asks for the right to change it; by receivers' rights",
    },
    "kpi.review.minutes": {
        "action_send": "the meeting asks for the right to change it",
    },
}


@tagged("post_install", "-at_install")
class TestKpiCollaborationAccessMethods(
    AccessMethodsMixin, CollaborationAccessCase, HttpCase
):
    """No method of discussions, actions and meetings lets anybody reach more."""

    addon = "kpi_tracking_collaboration"
    lower = (
        "kpi_base",
        "kpi_tracking",
        "kpi_tracking_dashboard",
        "kpi_tracking_analytics",
        "kpi_tracking_alert",
    )
    reasons = REASONS
