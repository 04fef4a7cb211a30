from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import (
    WATCHED,
    AccessMethodsMixin,
)

from .tat_access_case import TatAccessCase

DECIDES = "by the approval: who is asked decides"
REASONS = {
    "kpi.tat.request": {
        "action_open_found": "asks for the right to read",
        "find_by_name": "finds what the user may read",
        "action_add_past_hold": "who is asked, and officers",
        "action_claim": DECIDES,
        "action_hand_back": DECIDES,
        "action_approve": DECIDES,
        "action_open_approve": DECIDES,
        "action_ask_approval": "asks for the right to change it",
        "action_change_priority": "whoever made it",
        "action_open_document": "by the rules of the record",
        "action_close": "whoever made it",
        "action_forward": DECIDES,
        "action_hold": "who is asked, and officers",
        "action_recall": "whoever submitted it",
        "action_reject": DECIDES,
        "action_resume": "who is asked, and officers",
        "action_return": DECIDES,
        "action_submit": "asks for the right to change it",
        "action_withdraw": "whoever submitted it",
        "decide_approvals": DECIDES,
        "preview_approvers": "asks for the right to read it",
        "get_clocks": "asks for the right to read it",
        "action_export_xes": "names a file of what the reader may see",
        "get_timeline": "asks for the right to read it",
        "verify_history": "asks for the right to read it",
    },
    "kpi.tat.level": {
        "action_add_delay_reason": "opens a dialog",
        "action_approve": DECIDES,
        "action_open_approve": DECIDES,
        "action_reassign": "opens a dialog",
        "action_reject": "opens a dialog",
        "action_return": "opens a dialog",
        "action_what_if": "opens a dialog",
        "get_clocks": "asks for the right to read it",
        "get_statement": "asks for the right to read it",
    },
    **{
        f"kpi.tat.{report}": {
            "action_open_rows": "opens what the reader may see",
            "action_download_csv": "names a file of what the reader may see",
            "action_download_pdf": "names a file of what the reader may see",
            "action_download_xlsx": "names a file of what the reader may see",
            "action_export_xes": "names a file of what the reader may see",
        }
        for report in (
            "alert.summary",
            "approver.performance",
            "compliance",
            "daily.metrics",
            "department.summary",
            "engagement",
            "lifecycle",
            "request.volume",
            "workflow.aging",
        )
    },
    "kpi.tat.report.schedule": {
        "action_leave": "for a receiver who may read it: takes off that person only",
        "action_send_to_me": "asks for the right to read; mails what the user may see",
    },
    "kpi.tat.recompute": {
        "action_confirm": "officers, who may write in the dialog",
    },
    "kpi.tat.process.map": {
        "get_choices": "of the requests that the user sees",
        "get_map": "of the requests that the user sees",
        "open_requests": "opens what the reader may see",
    },
    "kpi.tat.approval.times": {
        "download": "names a file of what the reader may see",
        "get_page": "of what the user sees in the reports",
        "open_list": "opens what the reader may see",
        "open_requests": "opens what the reader may see",
    },
    "kpi.tat.decision": {
        "action_confirm": "does it as the user",
    },
    "kpi.tat.delay": {
        "action_confirm": "the approver, and officers",
    },
}
ARGUMENTS = {
    "action_add_past_hold": lambda case: [
        "Access",
        "2026-01-01 08:00:00",
        "2026-01-01 09:00:00",
    ],
    "action_forward": lambda case: [case.users["manager"].id, "Access"],
    "action_hold": lambda case: ["Access"],
    "action_reject": lambda case: ["Access"],
    "action_return": lambda case: ["Access"],
    "decide_approvals": lambda case: ["reject", "Access"],
}


@tagged("post_install", "-at_install")
class TestKpiTatAccessMethods(AccessMethodsMixin, TatAccessCase, HttpCase):
    """No method of requests and clocks lets anybody reach more."""

    addon = "kpi_workflow_tat"
    lower = (
        "kpi_base",
        "kpi_tracking",
        "kpi_tracking_dashboard",
        "kpi_tracking_analytics",
        "kpi_tracking_alert",
    )
    reasons = REASONS
    arguments = ARGUMENTS
    watched = (
        *WATCHED,
        "approval_levels",
        "kpi_approval_step",
        "tat_alerts",
        "kpi_tat_hold",
        "workflow_requests",
    )
