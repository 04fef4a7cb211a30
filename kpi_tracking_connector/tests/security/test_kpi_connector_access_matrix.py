from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin
from odoo.addons.kpi_base.tests.security.access_oracle import NOBODY

from .connector_access_case import ConnectorAccessCase

OWN = {**NOBODY, "officer_a": {"a"}, "officer_ab": {"b"}, "admin": {"a", "b"}}


@tagged("post_install", "-at_install")
class TestKpiConnectorAccessMatrix(AccessMatrixMixin, ConnectorAccessCase):
    """A connector is its owner's, and the administrators'."""

    addon = "kpi_tracking_connector"
    oracle = {
        "kpi.bi.connector": dict.fromkeys(("read", "write", "create", "unlink"), OWN),
        "kpi.bi.export": {
            "read": OWN,
            **dict.fromkeys(("write", "create", "unlink"), NOBODY),
        },
    }
    new_values = {
        "kpi.bi.connector": {"name": "New"},
        "kpi.bi.export": {"row_count": 1},
    }
