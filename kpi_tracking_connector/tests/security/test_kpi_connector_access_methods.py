from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin

from .connector_access_case import ConnectorAccessCase

REASONS = {
    "kpi.api.key": {"action_rotate": "refuses, or asks for a key of one's own"},
    "kpi.bi.connector": {
        "action_export": "asks for the right to change it",
        "action_make_key": "opens a dialog, in which one makes a key of one's own",
        "action_make_password": "makes one for what its owner, who asks, may see",
        "action_test": "asks for the right to change it; counts what its owner may see",
        "action_trust_sftp": "asks for the right to change it",
        "action_turn_off": "asks for the right to change it",
    },
}


@tagged("post_install", "-at_install")
class TestKpiConnectorAccessMethods(AccessMethodsMixin, ConnectorAccessCase, HttpCase):
    """No method of connectors lets anybody reach more."""

    addon = "kpi_tracking_connector"
    lower = (
        "kpi_base",
        "kpi_tracking",
        "kpi_tracking_dashboard",
        "kpi_tracking_analytics",
        "kpi_tracking_alert",
    )
    reasons = REASONS
