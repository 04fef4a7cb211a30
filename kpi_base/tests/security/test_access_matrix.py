from datetime import date

from odoo.tests import tagged

from .access_case import AccessCase
from .access_matrix import AccessMatrixMixin
from .access_oracle import DIALOGS, ORACLE

NEW_VALUES = {
    "kpi.team": {"active": True},
    "kpi.team.member": {"date_to": "2030-01-01"},
    "kpi.working.day": {"day": "2026-01-02"},
    "kpi.membership": {"date_to": "2030-01-01"},
    "kpi.currency.rate": {"rate": 2.0},
    "kpi.approval.workflow": {"name": "changed"},
    "kpi.approval.level": {"quorum": 3},
    "kpi.approval.approver": {"sequence": 7},
    "kpi.approval.change": {"reason": "changed"},
    "kpi.approval.delay.reason": {"name": "changed"},
    "kpi.approval.delegation": {"date_to": "2999-01-01"},
    "kpi.approval.link": {"spent_at": "2030-01-01"},
    "kpi.approval.step": {"comment": "changed"},
    "kpi.approval.item": {"comment": "changed"},
    "kpi.api.scope": {"name": "changed"},
    "kpi.api.key": {"requests_per_minute": 7},
    "kpi.api.log": {"status": 7},
    "kpi.delivery": {"last_error": "changed"},
    "kpi.delivery.attempt": {"answer": "changed"},
    "kpi.delivery.line": {"sequence": 7},
    "kpi.delivery.host": {"messages_per_minute": 7},
    "kpi.audit.anchor": {"size": 7},
    "kpi.audit.head": {"seq": 7},
    "kpi.audit.leaf": {"leaf_index": 7},
    "kpi.audit.log": {"seq": 7},
    "kpi.audit.personal": {"name": "changed"},
    "kpi.import": {"policy": "all"},
    "kpi.import.mapping": {"policy": "all"},
    "kpi.import.column": {"period_day": "2026-01-02"},
    "kpi.job": {"name": "changed"},
    "kpi.job.line": {"name": "changed"},
}


@tagged("post_install", "-at_install")
class TestAccessMatrix(AccessMatrixMixin, AccessCase):
    """Rights of people on the records of this addon."""

    addon = "kpi_base"
    oracle = ORACLE
    dialogs = DIALOGS
    new_values = NEW_VALUES

    def _values_of_another(self):
        return {
            "kpi.team.member": {"user_id": self.users["none"].id},
            "kpi.working.day": {"day": date(2026, 1, 2)},
            "kpi.currency.rate": {"day": date(2001, 1, 2)},
            "kpi.import": {"file": b"QSxC"},
            "kpi.delivery": {"key": "access"},
            "kpi.approval.delegation": {
                "date_from": date(3000, 1, 1),
                "date_to": date(3000, 2, 1),
            },
        }
