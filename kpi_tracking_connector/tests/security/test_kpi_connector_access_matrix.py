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
        "kpi.mcp.reading": {
            "read": {**NOBODY, "officer_a": {"a"}},
            **dict.fromkeys(("write", "create", "unlink"), NOBODY),
        },
        "kpi.mcp.tool": dict.fromkeys(
            ("read", "write", "create", "unlink"), {**NOBODY, "admin": {"a"}}
        ),
    }
    new_values = {
        "kpi.bi.connector": {"name": "New"},
        "kpi.bi.export": {"row_count": 1},
        "kpi.mcp.reading": {"key_name": "New"},
        "kpi.mcp.tool": {"name": "get_values"},
    }

    def _values_like(self, model, record):
        """A tool has one row, so a new one is of another tool."""
        if model == "kpi.mcp.tool":
            return dict(self.new_values[model])
        return super()._values_like(model, record)
