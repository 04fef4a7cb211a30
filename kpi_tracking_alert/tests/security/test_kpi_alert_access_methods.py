from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin

from .alert_access_case import AlertAccessCase

REASONS = {
    "kpi.alert.channel": {
        "action_send_test": "asks for the right to change the channel",
    },
    "kpi.alert.event": {
        "action_acknowledge": "asks whether the user may act on the alert",
        "action_explain": "opens what the user may see of the KPI",
        "action_explain_change": "asks for the right to read, and opens a dialog",
        "action_mute_rule": "mutes for the user a rule whose alert the user sees",
        "action_open_kpi": "opens a form",
        "action_open_resolve": "opens a dialog, which asks when it acts",
        "action_open_records": "opens what the user may see of the KPI",
        "action_open_rule": "opens a form",
        "action_open_snooze": "opens a dialog, which asks when it acts",
        "action_resolve": "asks whether the user may act on the alert",
        "action_snooze": "asks whether the user may act on the alert",
        "get_timeline": "asks for the right to read",
        "verify_history": "asks for the right to read",
        "action_unmute_rule": "removes what the user has muted",
        "get_centre": "lists what the user may see",
        "action_open_together": "opens a list",
        "get_waiting_count": "counts what the user may see",
    },
    "kpi.definition": {
        "action_acknowledge_alerts": "acknowledges what the user may act on",
    },
    "kpi.alert.hand.over": {
        "action_hand_over": "asks whether the user is on call, or an officer",
    },
    "kpi.alert.quiet": {
        "action_open_mine": "opens the user's own",
    },
    "kpi.alert.replay": {
        "action_suggest": "reads what the user may read of the rule",
        "action_use_suggestion": "writes with the user's rights",
    },
    "kpi.alert.resolve": {
        "action_resolve": "asks whether the user may act on the alerts",
    },
    "kpi.alert.snooze": {
        "action_snooze": "asks whether the user may act on the alerts",
    },
    "kpi.report": {
        "action_alert_first": "finds a KPI with rules; opens a dialog",
        "action_alert_me": "opens a dialog",
        "action_open_alerts": "opens a list",
    },
    "kpi.webhook": {
        "action_new_secret": "asks for the right to change it; shows the new one once",
        "action_send_test": "asks for the right to change it",
        "action_turn_off": "asks for the right to change it",
        "action_turn_on": "asks for the right to change it",
    },
    "kpi.alert.rota": {
        "action_hand_over": "asks whether the user is on call, or an officer",
    },
    "kpi.alert.silence": {
        "action_end": "asks for the right to change the silence",
    },
    "kpi.smart.alert": {
        "action_add_address": "opens the user's own preferences",
        "action_send_test": "asks for the right to change the rule; sends to the user",
        "action_open_events": "opens a list",
        "action_open_settings": "opens a form",
        "action_open_watched": "opens a list",
        "get_quality": "asks for the right to see the rules; alerts by rules",
        "preview_message": "asks for the right to see the rule; alerts by rules",
        "action_turn_off": "asks for the right to change the rule",
        "action_turn_on": "asks for the right to change the rule",
        "replay": "asks for the right to read the rule, and reads the user's KPIs",
        "suggest_threshold": "asks for the right to read the rule, as above",
        "action_turn_on_and_close": "asks for the right to change the rule",
    },
}
ARGUMENTS = {
    "action_hand_over": lambda case: [case.users["officer_a"].id],
    "action_snooze": lambda case: ["2026-06-01 00:00:00"],
    "replay": lambda case: ["2026-01-01", "2026-06-01"],
    "suggest_threshold": lambda case: ["2026-01-01", "2026-06-01"],
}


@tagged("post_install", "-at_install")
class TestKpiAlertAccessMethods(AccessMethodsMixin, AlertAccessCase, HttpCase):
    """No method of rules and alerts lets anybody reach more."""

    addon = "kpi_tracking_alert"
    lower = (
        "kpi_base",
        "kpi_tracking",
        "kpi_tracking_dashboard",
        "kpi_tracking_analytics",
    )
    reasons = REASONS
    arguments = ARGUMENTS
