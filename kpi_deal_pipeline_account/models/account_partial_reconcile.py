from odoo import api, models


class AccountPartialReconcile(models.Model):
    """Payments of the invoices of deals."""

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._deal_invoices()._bill_deals()
        return partials

    def unlink(self):
        invoices = self._deal_invoices()
        result = super().unlink()
        invoices.exists()._bill_deals()
        return result

    def _deal_invoices(self):
        """Invoices that belong to deals, on either side."""
        moves = (self.debit_move_id | self.credit_move_id).move_id
        return moves.filtered("kpi_deal_id")
