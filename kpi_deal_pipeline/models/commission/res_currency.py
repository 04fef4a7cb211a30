from decimal import Decimal

from odoo import models

from odoo.addons.kpi_base.engine.money import CENT


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _commission_unit(self):
        """Smallest amount that a commission is paid in; the ledger stores cents."""
        return max(Decimal(str(self.rounding)).normalize(), CENT)
