from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin
from odoo.addons.kpi_base.tests.security.access_oracle import NOBODY

from .integration_access_case import IntegrationAccessCase

OWN = {
    **NOBODY,
    "officer_a": {"a"},
    "officer_ab": {"b"},
    "admin": {"a", "b", "left"},
}


@tagged("post_install", "-at_install")
class TestKpiIntegrationAccessMatrix(AccessMatrixMixin, IntegrationAccessCase):
    """An integration is its officer's, and the administrators'."""

    addon = "kpi_tracking_integration"
    oracle = {
        "kpi.integration": dict.fromkeys(("read", "write", "create", "unlink"), OWN),
        "kpi.hook": dict.fromkeys(("read", "write", "create", "unlink"), OWN),
        "kpi.hook.message": {
            **dict.fromkeys(("write", "create", "unlink"), NOBODY),
            "read": OWN,
        },
        "kpi.chat.link": {
            **dict.fromkeys(("write", "create"), NOBODY),
            **dict.fromkeys(("read", "unlink"), OWN),
        },
    }
    dialogs = {"kpi.integration.map": ("officer_a", "officer_ab", "admin")}
    new_values = {
        "kpi.integration": {"name": "New"},
        "kpi.hook": {"name": "New"},
        "kpi.hook.message": {"key": "new"},
        "kpi.chat.link": {"person": "new"},
    }
