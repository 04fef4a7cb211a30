from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..models.commission.kpi_commission import exact

ZERO = Decimal(0)


class KpiCommissionSimulation(models.TransientModel):
    """What a plan would have paid for the deals that were won in a span of time.

    Nothing is booked. Beside it stands what the ledger holds for the same deals.
    """

    _name = "kpi.commission.simulation"
    _description = "Simulation of a Commission Plan"

    plan_id = fields.Many2one("kpi.commission.plan", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="plan_id.currency_id")
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(years=1),
    )
    date_to = fields.Date(
        "To",
        required=True,
        default=lambda self: fields.Date.context_today(self),
        help="The first day that does not count.",
    )
    line_ids = fields.One2many(
        "kpi.commission.simulation.line", "simulation_id", "By Agent", readonly=True
    )
    deal_count = fields.Integer("Deals", readonly=True)
    unpriced_count = fields.Integer("Deals Without Rate", readonly=True)
    simulated_amount = fields.Monetary("Would Pay", readonly=True)
    booked_amount = fields.Monetary("Was Booked", readonly=True)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for simulation in self:
            if simulation.date_to <= simulation.date_from:
                raise ValidationError(
                    self.env._("The span of time ends before it begins.")
                )

    def action_simulate(self):
        """Compute the plan over its periods, and show what it would have paid."""
        self.ensure_one()
        self.plan_id.check_access("write")
        # A plan computes for everybody; only those see it who set plans up.
        simulation = self.sudo()
        found = simulation.plan_id._simulate(simulation.date_from, simulation.date_to)
        simulation.line_ids.unlink()
        simulation.write(simulation._outcome(found))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Simulation"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _outcome(self, found):
        """Values of the simulation.

        :param found: entitlements, as ``kpi.commission.plan._simulate`` gives them
        """
        deals = self.env["kpi.deal"].concat(*{each.deal for each in found})
        booked = self._booked(deals)
        agents = self.env["res.users"].union(*(each.agent for each in found), *booked)
        unpriced = {each.deal for each in found if not each.is_priced}
        lines = [self._line(agent, found, booked) for agent in agents]
        return {
            "deal_count": len(deals),
            "unpriced_count": len(unpriced),
            "simulated_amount": sum(line["simulated_amount"] for line in lines),
            "booked_amount": sum(line["booked_amount"] for line in lines),
            "line_ids": [fields.Command.create(line) for line in lines],
        }

    def _line(self, agent, found, booked):
        own = [each for each in found if each.agent == agent and each.is_priced]
        paid = sum(
            (each.amount + sum(each.clawbacks.values(), ZERO) for each in own), ZERO
        )
        return {
            "agent_id": agent.id,
            "deal_count": len({each.deal for each in own}),
            "base_amount": float(
                sum((each.base for each in own if each.rule != "override"), ZERO)
            ),
            "simulated_amount": float(paid),
            "booked_amount": float(booked.get(agent, ZERO)),
        }

    def _booked(self, deals):
        """Agent → what the ledger holds for these deals in the plan's currency."""
        booked = {}
        for commission in deals.commission_ids:
            if commission.currency_id == self.currency_id:
                amount = exact(commission.net_amount)
                agent = commission.agent_id
                booked[agent] = booked.get(agent, ZERO) + amount
        return booked
