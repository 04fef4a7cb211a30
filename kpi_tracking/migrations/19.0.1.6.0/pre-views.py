"""The forms of KPIs and definitions have new parts, and what changes them follows."""

from odoo.addons.kpi_base.stored_views import remove_inheriting_views


def migrate(cr, version):
    for form in ("kpi_report_view_form", "kpi_definition_view_form"):
        remove_inheriting_views(cr, "kpi_tracking", f"kpi_tracking.{form}")
