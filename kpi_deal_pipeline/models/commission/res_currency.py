from decimal import Decimal

from odoo import models

from .kpi_commission import CENT


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _commission_unit(self):
        """Smallest amount that a commission is paid in; the ledger keeps cents."""
        return max(Decimal(str(self.rounding)).normalize(), CENT)
