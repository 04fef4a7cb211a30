from decimal import Decimal

from odoo import api, models

from odoo.addons.kpi_base.engine.money import CENT


class ResCurrencyRate(models.Model):
    """A rate that comes late prices the deals that waited for it."""

    _inherit = "res.currency.rate"

    @api.model_create_multi
    def create(self, vals_list):
        rates = super().create(vals_list)
        rates._price_deals()
        return rates

    def write(self, vals):
        result = super().write(vals)
        self._price_deals()
        return result

    def _price_deals(self):
        """Wake the job that prices deals, if any waits for one of these currencies."""
        # Whoever maintains rates need not see deals.
        deals = self.env["kpi.deal"].sudo().with_context(active_test=False)
        if deals.search_count([("is_unpriced", "=", True)], limit=1):
            cron = self.env.ref("kpi_deal_pipeline.kpi_deal_price_cron")
            # Crons are the administrators'; waking this one only makes it look earlier.
            cron.sudo()._trigger()


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _commission_unit(self):
        """Smallest amount that a commission is paid in; the ledger stores cents."""
        return max(Decimal(str(self.rounding)).normalize(), CENT)
