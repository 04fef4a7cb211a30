from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin

from .alert_access_case import AlertAccessCase
from .alert_access_oracle import ORACLE

NEW_VALUES = {
    "kpi.smart.alert": {"threshold": 7.0},
    "kpi.alert.route": {"channel": "inbox"},
    "kpi.alert.channel": {"name": "New"},
    "kpi.alert.event": {"state": "resolved"},
    "kpi.alert.reason": {"name": "New"},
    "kpi.webhook": {"name": "New"},
    "kpi.webhook.batch": {"event": "new"},
    "kpi.webhook.change": {"sequence": 2},
    "kpi.webhook.counter": {"last": 2},
}


@tagged("post_install", "-at_install")
class TestKpiAlertAccessMatrix(AccessMatrixMixin, AlertAccessCase):
    """Who may do what with rules and alerts."""

    addon = "kpi_tracking_alert"
    oracle = ORACLE
    new_values = NEW_VALUES
