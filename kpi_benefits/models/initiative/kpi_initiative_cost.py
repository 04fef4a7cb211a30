from odoo import fields, models

from odoo.addons.kpi_base.fields import OptionalMonetary


class KpiInitiativeCost(models.Model):
    """Cost of an initiative in a period: as planned, as expected now, as it was."""

    _name = "kpi.initiative.cost"
    _description = "Cost of an Initiative"
    _inherit = ["kpi.amount.mixin", "kpi.initiative.part.mixin"]
    _order = "initiative_id, period_start, id"
    _rec_name = "initiative_id"
    _kpi_measurable = True

    currency_id = fields.Many2one(related="initiative_id.currency_id")
    period_start = fields.Date(
        "Period",
        help="First day of the month or year. Empty: not spread over time yet; "
        "appraised as spent in the first year.",
    )
    planned = OptionalMonetary()
    forecast = OptionalMonetary(copy=False)
    actual = OptionalMonetary(copy=False)
    note = fields.Char()

    # COALESCE: PostgreSQL takes two empty periods for different ones.
    _initiative_period_uniq = models.UniqueIndex(
        "(initiative_id, COALESCE(period_start, '0001-01-01'::date))",
        "An initiative has one row per period.",
    )
