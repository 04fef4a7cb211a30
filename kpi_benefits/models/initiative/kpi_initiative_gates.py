from odoo import api, fields, models
from odoo.fields import Command


class KpiInitiative(models.Model):
    """Gates of an initiative, and which one comes next."""

    _inherit = "kpi.initiative"

    gate_ids = fields.One2many(
        "kpi.initiative.gate", "initiative_id", "Gates", copy=True
    )
    next_gate = fields.Char(compute="_compute_next_gate", exportable=False)
    next_gate_date = fields.Date(
        "Next Gate Due", compute="_compute_next_gate", exportable=False
    )

    @api.depends("gate_ids.actual_date", "gate_ids.due_date", "gate_ids.sequence")
    def _compute_next_gate(self):
        for initiative in self:
            gates = initiative.gate_ids.sorted("sequence")
            coming = gates.filtered(lambda gate: not gate.actual_date)[:1]
            initiative.next_gate = coming.name
            initiative.next_gate_date = coming.due_date

    def _copy_gates_of_program(self):
        """Begin with the gates that the programme has, without their days."""
        names = ("sequence", "name", "approving_body")
        for initiative in self:
            # Who may create below a programme may know which gates it has.
            gates = initiative.parent_id.sudo().gate_ids
            initiative.gate_ids = [
                Command.create({name: gate[name] for name in names}) for gate in gates
            ]
