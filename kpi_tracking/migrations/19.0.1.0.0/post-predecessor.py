"""Take over what kpi_tracking 18.1 held."""

from odoo import SUPERUSER_ID, api

from odoo.addons.kpi_base.hooks import find_migration


def migrate(cr, version):
    find_migration(cr).take_over(api.Environment(cr, SUPERUSER_ID, {}))
