"""People are notified, not told."""

from odoo.addons.kpi_base.columns import rename_field


def migrate(cr, version):
    rename_field(cr, "kpi.alert.notice", "told_at", "notified_at")
