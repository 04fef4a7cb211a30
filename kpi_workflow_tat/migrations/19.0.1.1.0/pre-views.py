"""Lists of reports have no buttons for files: those are in the menu of their page."""

from odoo.addons.kpi_base.stored_views import remove_inheriting_views

LISTS = (
    "approver_performance",
    "compliance",
    "daily_metrics",
    "department_summary",
    "workflow_aging",
)


def migrate(cr, version):
    for name in LISTS:
        view = f"kpi_workflow_tat.kpi_tat_{name}_view_list"
        remove_inheriting_views(cr, "kpi_workflow_tat", view)
