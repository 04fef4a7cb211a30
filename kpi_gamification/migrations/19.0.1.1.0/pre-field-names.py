"""Statuses of periods are rated, not judged."""

from odoo.addons.kpi_base.columns import rename_field


def migrate(cr, version):
    rename_field(cr, "kpi.achievement.correction", "judged_value", "rated_value")
