"""The form of a KPI has new parts, and what changes it follows."""

from odoo.addons.kpi_base.stored_views import remove_inheriting_views


def migrate(cr, version):
    form = "kpi_tracking.kpi_report_view_form"
    remove_inheriting_views(cr, "kpi_tracking_analytics", form)
