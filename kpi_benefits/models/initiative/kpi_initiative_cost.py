from odoo import api, fields, models

from odoo.addons.kpi_base.fields import OptionalMonetary

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
        return self.env._("enter an amount up to 1,000,000,000,000.")


class KpiInitiativeCost(models.Model):
    """Cost of an initiative in a period: as planned, as expected now, as it was."""

    _name = "kpi.initiative.cost"
    _description = "Initiative Cost"
    _inherit = ["kpi.amount.mixin", "kpi.initiative.part.mixin"]
    _order = "initiative_id, period_start, id"
    _rec_name = "initiative_id"
    _kpi_measurable = True

    currency_id = fields.Many2one(related="initiative_id.currency_id")
    period_start = fields.Date(
        "Period",
        help="First day of the month or year. Leave empty to use the first year.",
    )
    planned = OptionalMonetary()
    forecast = OptionalMonetary(copy=False)
    actual = OptionalMonetary(copy=False)
    note = fields.Char()

    # COALESCE: PostgreSQL takes two empty periods for different ones.
    _initiative_period_uniq = models.UniqueIndex(
        "(initiative_id, COALESCE(period_start, '0001-01-01'::date))",
        "This initiative already has costs for this period.",
    )
