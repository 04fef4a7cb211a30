from odoo import api, models


class KpiDeal(models.Model):
    """Rates that come late are late for commissions, too."""

    _inherit = "kpi.deal"

    @api.model
    def _cron_price(self):
        result = super()._cron_price()
        self.env["kpi.commission.event"]._price_late()
        return result
