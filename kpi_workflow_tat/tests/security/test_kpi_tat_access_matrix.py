from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin

from .tat_access_case import TatAccessCase
from .tat_access_oracle import DIALOGS, ORACLE

NEW_VALUES = {
    "kpi.tat.request": {"subject": "New"},
    "kpi.tat.level": {"attempt": 7},
    "kpi.tat.alert": {"alert_message": "New"},
    "kpi.tat.hold": {"reason": "New"},
    "kpi.tat.event": {"activity": "New"},
    "kpi.tat.calendar": {"name": "New"},
    "kpi.tat.risk": {"level_count": 7},
    "kpi.tat.report.schedule": {"hour": 8},
    "kpi.tat.document.type": {"active": False},
    "kpi.tat.template.version": {"number": 7},
    "kpi.tat.compliance": {"subject": "New"},
    "kpi.tat.alert.summary": {"alert_type": "New"},
    "kpi.tat.workflow.aging": {"subject": "New"},
    "kpi.tat.engagement": {"subject": "New"},
    "kpi.tat.lifecycle": {"subject": "New"},
    "kpi.tat.request.volume": {"total_requests": 7},
    "kpi.tat.department.summary": {"total_requests": 7},
    "kpi.tat.daily.metrics": {"requests_created": 7},
    "kpi.tat.approver.performance": {"total_assignments": 7},
}


@tagged("post_install", "-at_install")
class TestKpiTatAccessMatrix(AccessMatrixMixin, TatAccessCase):
    """Who may do what with requests and what belongs to them."""

    addon = "kpi_workflow_tat"
    oracle = ORACLE
    dialogs = DIALOGS
    new_values = NEW_VALUES

    def _values_of_another(self):
        other = self.env["ir.model"]._get("hr.employee")
        return {"kpi.tat.document.type": {"model_id": other.id}}
