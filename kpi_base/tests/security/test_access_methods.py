from odoo.tests import HttpCase, tagged

from .access_case import AccessCase
from .access_methods import AccessMethodsMixin

REASONS = {
    "kpi.api.key": {
        "action_revoke": "for whose key it is, and administrators",
        "action_rotate": "for whose key it is; returns a window",
    },
    "kpi.api.key.wizard": {
        "action_make_key": "asks for the password; makes a key of the user's own",
    },
    "kpi.approval.decision": {
        "action_decide": "decides as the user, who has to be asked",
    },
    "kpi.approval.item": {
        "action_approve": "decides as the user, who has to be asked or may decide",
        "action_hand_over": "asks for the right to read; returns a window",
        "action_open_document": "asks for the right to read; returns a window",
        "get_waiting_count": "counts what waits for the user",
    },
    "kpi.approval.step": {
        "action_approve": "decides as the user, who has to be asked",
        "action_hand_over": "asks for the right to read; returns a window",
        "action_open_document": "asks for the right to read; returns a window",
    },
    "kpi.approval.change": {
        "action_approve": "for who is asked",
        "action_ask_approval": "asks for the right to write",
        "action_forward": "for who is asked",
        "action_open_forward": "returns a window",
        "action_open_record": "returns a window",
        "action_open_reject": "returns a window",
        "action_open_return": "returns a window",
        "action_open_propose_again": "returns a window, or as action_propose_again",
        "action_propose_again": "for who proposed it; tried and applied as that user",
        "action_recall": "for who proposed it",
        "action_reject": "for who is asked",
        "action_return": "for who is asked",
        "decide_approvals": "for who is asked",
        "get_timeline": "asks for the right to read",
        "preview_approvers": "asks for the right to read",
        "verify_history": "asks for the right to read",
    },
    "kpi.connection": {
        "action_end": "own connections, of others for KPI administrators only",
        "action_end_checked": "asks for the password; as action_end",
        "action_open_mine": "lists connections of the user",
        "action_open_preferences": "opens those of the user",
    },
    "kpi.delivery": {
        "action_send_again": "KPI administrators only; wakes the cron as superuser",
        "action_send_all_again": "KPI administrators only; those they find",
    },
    "kpi.import": {
        "action_back": "asks for the right to write; the state is written as superuser",
        "action_cancel": "asks for the right to write; stops as superuser",
        "action_check": "asks for the right to write; tries it as the user",
        "action_fix": "asks for the right to write; tries it as the user",
        "action_import": "asks for the right to write; imports as the user",
        "action_import_checked": "asks for the right to write; imports as the user",
        "action_map": "asks for the right to write; tries it as the user",
        "action_open_records": "returns a window, which searches with rules",
        "action_read": "asks for the right to write",
        "action_unmap": "asks for the right to write; tries it as the user",
        "get_accepted_rows": "asks for the right to read; writes nothing",
        "search_names": "asks for the right to read; searches with rules",
    },
    "kpi.job": {
        "action_cancel": "for who asked for the job; others need the right to write",
        "action_retry": "asks for the right to write; wakes the cron as superuser",
    },
    "kpi.server": {"get_page": "for KPI administrators only"},
    "kpi.handover": {
        "action_hand_over": "KPI administrators only; writes as superuser",
    },
    "kpi.audit.check": {
        "action_verify": "asks whether the user may read the log",
    },
    "kpi.audit.anchor": {
        "action_download": "returns an address that asks for the rights",
    },
}


@tagged("post_install", "-at_install")
class TestAccessMethods(AccessMethodsMixin, AccessCase, HttpCase):
    """No method that can be called from outside lets anybody reach more."""

    addon = "kpi_base"
    reasons = REASONS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for model, values in {
            "kpi.api.key.wizard": {"name": "Access"},
            "kpi.approval.decision": {},
            "kpi.audit.check": {},
            "kpi.connection": {
                "user_id": cls.users["sam"].id,
                "model": "kpi.api.key",
                "field_name": "user_id",
                "record_id": 1,
            },
            "kpi.handover": {"user_ids": cls.users["sam"].ids},
        }.items():
            cls.records[model] = {"a": cls.env[model].create(values)}
        cls.env.flush_all()
