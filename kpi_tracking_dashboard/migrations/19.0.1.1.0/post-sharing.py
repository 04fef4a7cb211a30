"""What others than KPI officers share with groups is shared within their company."""

from odoo import SUPERUSER_ID, api

from odoo.addons.kpi_base.roles import OFFICER


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    shared = env["kpi.dashboard"].search(
        [("company_id", "=", False), ("group_ids", "!=", False)]
    )
    for dashboard in shared:
        # Only officers show a dashboard first or in the menu.
        is_officer_s = dashboard.has_menu or dashboard.is_default
        if not (is_officer_s or dashboard.owner_id.has_group(OFFICER)):
            dashboard.company_id = dashboard.owner_id.company_id
