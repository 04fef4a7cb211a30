from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin

from .dashboard_access_case import DashboardAccessCase
from .dashboard_access_oracle import DIALOGS, ORACLE

NEW_VALUES = {
    "kpi.gallery.dashboard": {"sequence": 11},
    "kpi.dashboard": {"sequence": 11},
    "kpi.dashboard.tile": {"sequence": 11},
    "kpi.dashboard.visit": {"view_count": 7},
    "kpi.dashboard.version": {"changes": []},
    "kpi.dashboard.card": {"sequence": 11},
    "kpi.dashboard.filter": {"name": "changed"},
    "kpi.dashboard.share": {"name": "changed"},
    "kpi.annotation": {"text": "changed"},
    "kpi.dashboard.schedule": {"hour": 8},
}


@tagged("post_install", "-at_install")
class TestKpiDashboardAccessMatrix(AccessMatrixMixin, DashboardAccessCase):
    """Who may do what with dashboards and notes."""

    addon = "kpi_tracking_dashboard"
    oracle = ORACLE
    dialogs = DIALOGS
    new_values = NEW_VALUES

    def _values_of_another(self):
        return {"kpi.dashboard.filter": {"name": "Access 2"}}
