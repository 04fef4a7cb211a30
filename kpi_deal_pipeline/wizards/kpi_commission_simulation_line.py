from odoo import fields, models


class KpiCommissionSimulationLine(models.TransientModel):
    """Amount that a plan would have paid one agent."""

    _name = "kpi.commission.simulation.line"
    _description = "Simulated Commission by Agent"
    _order = "simulated_amount desc, id"

    simulation_id = fields.Many2one(
        "kpi.commission.simulation", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="simulation_id.currency_id")
    agent_id = fields.Many2one("res.users", readonly=True, ondelete="cascade")
    deal_count = fields.Integer("Deals", readonly=True)
    base_amount = fields.Monetary("Base", readonly=True)
    simulated_amount = fields.Monetary("Simulated", readonly=True)
    booked_amount = fields.Monetary("Booked", readonly=True)
    difference_text = fields.Char("Reason for Difference", readonly=True)
