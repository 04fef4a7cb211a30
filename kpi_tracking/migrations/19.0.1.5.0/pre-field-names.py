"""Statuses of periods are rated, not judged."""

from odoo.addons.kpi_base.columns import rename_field


def migrate(cr, version):
    rename_field(cr, "kpi.target.value", "judged_at", "rated_at")
    rename_field(cr, "kpi.target.value", "judged_value", "rated_value")
    rename_field(cr, "kpi.period.report", "judged_by", "target_basis")
