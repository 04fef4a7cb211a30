from odoo import api, models

AMOUNTS = ("amount_untaxed", "margin")


class KpiDealBilling(models.Model):
    """Billings as programs enter them."""

    _name = "kpi.deal.billing"
    _inherit = ["kpi.deal.billing", "kpi.dated.mixin"]

    @api.model
    def _create_by_program(self, deal, given):
        """A billing of ``given``: fields by name, amounts as texts."""
        amounts = {name: float(given[name]) for name in AMOUNTS if name in given}
        return self.create({**given, **amounts, "deal_id": deal.id})
