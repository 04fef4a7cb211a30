from odoo.tests import HttpCase, tagged

from odoo.addons.kpi_base.tests.security.access_methods import AccessMethodsMixin

from .warehouse_access_case import WarehouseAccessCase

REASONS = {
    "kpi.warehouse": {
        "action_test": "asks for the right to change it",
    },
    "kpi.warehouse.dataset": {
        "action_open_codes": "opens a list, which rules narrow",
        "action_preview": "asks for the right to change it; is logged",
        "action_read": "asks for the right to change it",
        "action_test": "asks for the right to change it",
    },
    "kpi.warehouse.measure": {
        "action_new_kpi": "opens a form, in which one makes what one may",
    },
}


@tagged("post_install", "-at_install")
class TestKpiWarehouseAccessMethods(AccessMethodsMixin, WarehouseAccessCase, HttpCase):
    """No method of warehouses lets anybody reach more."""

    addon = "kpi_tracking_warehouse"
    lower = ("kpi_base", "kpi_tracking")
    reasons = REASONS
