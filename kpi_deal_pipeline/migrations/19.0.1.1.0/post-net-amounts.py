"""What commissions are worth by the ledger is stored with them."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["kpi.commission.event"]._store_worths()
