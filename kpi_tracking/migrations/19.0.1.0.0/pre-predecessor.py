"""Put the tables of kpi_tracking 18.1 aside: they have the names of ours."""

from odoo.addons.kpi_base.hooks import find_migration


def migrate(cr, version):
    find_migration(cr).set_aside(cr)
