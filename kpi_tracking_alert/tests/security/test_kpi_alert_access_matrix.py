from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin

from .alert_access_case import AlertAccessCase
from .alert_access_oracle import DIALOGS, ORACLE

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
    "kpi.alert.level": {"after_minutes": 7},
    "kpi.alert.rota": {"name": "New"},
    "kpi.alert.shift": {"is_override": True},
    "kpi.alert.silence": {"name": "New"},
    "kpi.alert.quiet": {"hour_from": 21.0},
    "kpi.alert.mute": {"alert_id": False},
    "kpi.alert.change": {"change": "resolved"},
    "kpi.alert.notice": {"state": "dropped"},
}


@tagged("post_install", "-at_install")
class TestKpiAlertAccessMatrix(AccessMatrixMixin, AlertAccessCase):
    """Who may do what with rules and alerts."""

    addon = "kpi_tracking_alert"
    oracle = ORACLE
    dialogs = DIALOGS
    new_values = NEW_VALUES

    def _values_of_another(self):
        return {
            "kpi.alert.level": {"after_minutes": 90},
            "kpi.alert.shift": {
                "date_from": "2026-01-02 08:00:00",
                "date_to": "2026-01-02 16:00:00",
            },
        }

    def test_create(self):
        # Everybody has quiet hours once: what is asked here is only whose they may be.
        self.env.cr.execute("DROP INDEX kpi_alert_quiet_user_uniq")
        return super().test_create()
