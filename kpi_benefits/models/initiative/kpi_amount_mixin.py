from odoo import api, models

LARGEST = 1e12


class KpiAmountMixin(models.AbstractModel):
    """Refuses amounts that nothing costs or brings: their sums would not be exact."""

    _name = "kpi.amount.mixin"
    _description = "Checked Amounts"
    _inherit = ["kpi.input.mixin"]

    @api.model
    def _get_given_error(self, field, value):
        # Odoo fails to round what is far too large, before any constraint.
        return super()._get_given_error(field, value) or self._get_amount_error(
            field, value
        )

    def _get_input_error(self, field):
        return super()._get_input_error(field) or self._get_amount_error(
            field, self[field.name]
        )

    @api.model
    def _get_amount_error(self, field, value):
        """Return why an amount cannot be stored; empty if it can."""
        if field.type != "monetary" or abs(float(value or 0.0)) <= LARGEST:
            return ""
        return self.env._("use an amount up to 10¹².")
