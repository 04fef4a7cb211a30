from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.formatting import format_day


class KpiInitiativeGate(models.Model):
    """A decision or stage that an initiative passes.

    Those of a programme are the model of what is new below it: its names, their order
    and the bodies that decide.
    """

    _name = "kpi.initiative.gate"
    _description = "Gate"
    _inherit = ["kpi.initiative.part.mixin", "kpi.input.mixin"]
    _order = "initiative_id, sequence, id"
    _kpi_measurable = True

    sequence = fields.Integer(default=10)
    name = fields.Char("Gate", required=True)
    planned_date = fields.Date("Planned")
    forecast_date = fields.Date("Forecast", copy=False)
    actual_date = fields.Date("Passed", copy=False)
    approving_body = fields.Char("Decided by")
    due_date = fields.Date(
        "Due",
        compute="_compute_due_date",
        store=True,
        precompute=True,
        help="Forecast date if available, otherwise planned date.",
    )
    is_late = fields.Boolean(compute="_compute_is_late", exportable=False)

    _initiative_name_uniq = models.UniqueIndex(
        "(initiative_id, name)", "This initiative already has this gate."
    )

    @api.depends("forecast_date", "planned_date")
    def _compute_due_date(self):
        for gate in self:
            gate.due_date = gate.forecast_date or gate.planned_date

    @api.depends("due_date", "actual_date")
    def _compute_is_late(self):
        today = fields.Date.context_today(self)
        for gate in self:
            is_open = not gate.actual_date
            gate.is_late = is_open and bool(gate.due_date) and gate.due_date < today

    @api.constrains("actual_date")
    def _check_actual_date(self):
        today = fields.Date.context_today(self)
        for gate in self.filtered(
            lambda one: one.actual_date and one.actual_date > today
        ):
            raise ValidationError(
                self.env._(
                    "%(gate)s: %(day)s is in the future. Enter it as the forecast.",
                    gate=gate.name,
                    day=format_day(self.env, gate.actual_date),
                )
            )
