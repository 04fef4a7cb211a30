from odoo.tests import tagged

from odoo.addons.kpi_base.tests.security.access_matrix import AccessMatrixMixin
from odoo.addons.kpi_base.tests.security.access_oracle import NOBODY

from .warehouse_access_case import WarehouseAccessCase

ADMIN = {**NOBODY, "admin": {"a", "b"}}
OFFICERS = {**ADMIN, "officer_a": {"a"}, "officer_ab": {"a", "b"}}


@tagged("post_install", "-at_install")
class TestKpiWarehouseAccessMatrix(AccessMatrixMixin, WarehouseAccessCase):
    """Servers are the administrators', what is read of them the officers'."""

    addon = "kpi_tracking_warehouse"
    oracle = {
        "kpi.warehouse": {
            "read": OFFICERS,
            **dict.fromkeys(("write", "create", "unlink"), ADMIN),
        },
        **dict.fromkeys(
            ("kpi.warehouse.month", "kpi.warehouse.column"),
            {
                "read": OFFICERS,
                **dict.fromkeys(("write", "create", "unlink"), NOBODY),
            },
        ),
        **dict.fromkeys(
            (
                "kpi.warehouse.dataset",
                "kpi.warehouse.measure",
                "kpi.warehouse.condition",
            ),
            dict.fromkeys(("read", "write", "create", "unlink"), OFFICERS),
        ),
        "kpi.warehouse.code": {
            "read": OFFICERS,
            "write": OFFICERS,
            **dict.fromkeys(("create", "unlink"), NOBODY),
        },
    }
    dialogs = {"kpi.warehouse.preview": {"officer_a", "officer_ab", "admin"}}
    new_values = {
        "kpi.warehouse": {"name": "New"},
        "kpi.warehouse.month": {"query_count": 5},
        "kpi.warehouse.dataset": {"name": "New"},
        "kpi.warehouse.column": {"type_name": "New"},
        "kpi.warehouse.measure": {"name": "New"},
        "kpi.warehouse.condition": {"value": "draft"},
        "kpi.warehouse.code": {"team_id": False},
    }

    def _values_like(self, model, record):
        """Codes are unique, so a new row has another."""
        values = super()._values_like(model, record)
        if "code" in values:
            values["code"] = f"new_{self.env[model].sudo().search_count([])}"
        return values
