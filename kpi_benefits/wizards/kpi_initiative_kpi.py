from odoo import api, fields, models

from odoo.addons.kpi_base.actions import ticked
from odoo.addons.kpi_base.fields import OptionalFloat

from ..models.baseline.kpi_baseline import CATEGORIES

DECIMALS = 2


class KpiInitiativeKpi(models.TransientModel):
    """Asks what a new KPI of an initiative is, in ordinary words."""

    _name = "kpi.initiative.kpi"
    _description = "New Initiative KPI"
    _inherit = ["kpi.input.mixin"]

    initiative_id = fields.Many2one(
        "kpi.initiative",
        required=True,
        default=ticked("kpi.initiative", "active_id"),
        domain="[('is_editable_by_me', '=', True)]",
    )
    name = fields.Char("KPI Name", required=True)
    unit = fields.Selection(
        [
            ("number", "Number"),
            ("percent", "Percent"),
            ("currency", "Money"),
            ("duration", "Days"),
            ("score", "Score"),
            ("boolean", "Yes / No"),
            ("custom", "Custom Unit"),
        ],
        required=True,
        default="number",
    )
    unit_symbol = fields.Char(help="Shown after the value.")
    currency_id = fields.Many2one(related="initiative_id.currency_id")
    duration_unit = fields.Selection(
        [("day", "Days")], required=True, readonly=True, default="day"
    )
    decimals = fields.Integer(compute="_compute_decimals")
    direction = fields.Selection(
        [("higher", "More Is Better"), ("lower", "Less Is Better")],
        required=True,
        default="higher",
    )
    frequency = fields.Selection(
        [
            ("day", "Daily"),
            ("week", "Weekly"),
            ("month", "Monthly"),
            ("quarter", "Quarterly"),
            ("year", "Yearly"),
        ],
        required=True,
        default="month",
    )
    is_total = fields.Boolean(
        "Add Up Months",
        help="For totals such as visits. Disable for levels such as headcount or "
        "prices.",
    )
    category = fields.Selection(CATEGORIES, required=True, default="operational")
    baseline_value = OptionalFloat("Current Value", digits=0)
    baseline_date = fields.Date(
        "Valid Until", required=True, default=fields.Date.context_today
    )
    target_value = OptionalFloat("Target", digits=0)

    @api.depends("unit")
    def _compute_decimals(self):
        for one in self:
            one.decimals = 0 if one.unit == "boolean" else DECIMALS

    def action_create(self):
        """Define the KPI, track it here, and open it."""
        self.ensure_one()
        can_add = self.unit in ("number", "currency", "custom", "duration")
        baseline = self.initiative_id._track_own_kpi(
            {
                "name": self.name,
                "unit": self.unit,
                "unit_symbol": self.unit == "custom" and self.unit_symbol,
                "direction": self.direction,
                "frequency": self.frequency,
                "duration_unit": self.duration_unit,
                "decimals": self.decimals,
                "aggregation_time": "sum" if self.is_total and can_add else "average",
            },
            {
                "category": self.category,
                "baseline_value": self.baseline_value,
                "baseline_date": self.baseline_date,
                "target_value": self.target_value,
            },
        )
        return {**baseline.get_formview_action(), "context": {}}
