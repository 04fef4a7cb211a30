from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.engine.money import exact, exact_sum

ZERO = Decimal(0)


class KpiCommissionSimulation(models.TransientModel):
    """Simulation of a plan for the deals that were won in a span of time.

    Nothing is booked. Beside it stands what the ledger holds for the same deals.
    """

    _name = "kpi.commission.simulation"
    _description = "Commission Plan Simulation"
    _inherit = ["kpi.last.day.mixin"]

    plan_id = fields.Many2one("kpi.commission.plan", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="plan_id.currency_id")
    date_from = fields.Date(
        "From",
        required=True,
        default=lambda self: fields.Date.context_today(self) - relativedelta(years=1),
    )
    date_to = fields.Date(
        "Ends Before",
        required=True,
        default=lambda self: fields.Date.context_today(self),
        help="First day not included.",
    )
    line_ids = fields.One2many(
        "kpi.commission.simulation.line", "simulation_id", "By Agent", readonly=True
    )
    deal_count = fields.Integer("Deals", readonly=True)
    unpriced_count = fields.Integer("Deals Without Exchange Rate", readonly=True)
    simulated_amount = fields.Monetary("Simulated", readonly=True)
    booked_amount = fields.Monetary("Booked", readonly=True)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for simulation in self:
            if simulation.date_to <= simulation.date_from:
                raise ValidationError(
                    self.env._("The end date must be after the start date.")
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
        return open_form(self, name=self.env._("Simulation"), target="new")

    def _outcome(self, found):
        """Values of the simulation.

        :param found: credits, as ``kpi.commission.plan._simulate`` gives them
        """
        deals = self.env["kpi.deal"].concat(*{each.deal for each in found})
        known = deals.commission_ids.filtered(
            lambda commission: commission.currency_id == self.currency_id
        )
        booked = {
            agent: exact_sum(commissions.mapped("net_amount"))
            for agent, commissions in known.grouped("agent_id").items()
        }
        agents = self.env["res.users"].union(*(each.agent for each in found), *booked)
        unpriced = {each.deal for each in found if each.amount is None}
        lines = [self._line(agent, found, booked) for agent in agents]
        return {
            "deal_count": len(deals),
            "unpriced_count": len(unpriced),
            "simulated_amount": sum(line["simulated_amount"] for line in lines),
            "booked_amount": sum(line["booked_amount"] for line in lines),
            "line_ids": [fields.Command.create(line) for line in lines],
        }

    def _line(self, agent, found, booked):
        own = [
            each for each in found if each.agent == agent and each.amount is not None
        ]
        paid = sum((each.net_amount for each in own), ZERO)
        return {
            "agent_id": agent.id,
            "deal_count": len({each.deal for each in own}),
            "base_amount": float(
                sum((each.base for each in own if each.rule != "override"), ZERO)
            ),
            "simulated_amount": float(paid),
            "booked_amount": float(booked.get(agent, ZERO)),
            "difference_text": self._explain_differences(agent, found),
        }

    def _explain_differences(self, agent, found):
        """Reasons why an agent would be paid other than was booked, with their deals.

        Empty where each deal would pay what was booked for it.
        """
        deals = self.env["kpi.deal"].concat(*{each.deal for each in found})
        own = {each.key: each for each in found if each.agent == agent}
        booked = {
            (each.deal_id.id, agent.id, each.rule): each
            for each in deals.commission_ids.sorted("id")
            if each.agent_id == agent and each.currency_id == self.currency_id
        }
        reasons = {}
        for key in own | booked:
            reason = self._explain_difference(own.get(key), booked.get(key))
            if reason:
                deal = self.env["kpi.deal"].browse(key[0])
                reasons.setdefault(reason, []).append(deal.title)
        return "; ".join(
            self.env._(
                "%(reason)s (%(deals)s)",
                reason=reason,
                deals=", ".join(titles[:3]) + (" …" if titles[3:] else ""),
            )
            for reason, titles in reasons.items()
        )

    def _explain_difference(self, credit, commission):
        """Reason why one deal would pay other than was booked; empty if it would not.

        :param credit: None where the plan pays nothing for it
        :param commission: None where nothing is booked
        """
        plan = self.plan_id
        paid = credit.net_amount if credit else ZERO
        if paid == (exact(commission.net_amount) if commission else ZERO):
            return ""
        if credit and credit.amount is None:
            return self.env._("no exchange rate on the closing date")
        if not commission:
            is_late = not plan._is_for(credit.agent, credit.day)
            reasons = {
                self.env._("not booked: the plan is a draft"): (plan.state == "draft"),
                self.env._(
                    "not booked: the plan was not active on the closing date"
                ): is_late,
                self.env._("not booked yet"): True,
            }
        else:
            start, stop = plan._period_of(credit.day if credit else self.date_from)
            is_part = start < self.date_from or self.date_to < stop
            base, former = exact(commission.basis_amount), commission.plan_id
            reasons = {
                self.env._("written off"): commission.status == "written_off",
                self.env._("in dispute"): commission.status == "disputed",
                self.env._("agreed manually"): not former,
                self.env._("booked by the plan “%s”", former.name): former != plan,
                self.env._("adjusted manually"): (
                    "hand" in commission.adjustment_ids.mapped("origin")
                ),
                self.env._("the agent no longer has a share in the deal"): not credit,
                self.env._("the deal has changed"): credit and credit.base != base,
                self.env._("partial period"): is_part,
                self.env._("the plan or another deal of the period has changed"): True,
            }
        return next(reason for reason, holds in reasons.items() if holds)


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
    base_amount = fields.Monetary("Basis", readonly=True)
    simulated_amount = fields.Monetary("Simulated", readonly=True)
    booked_amount = fields.Monetary("Booked", readonly=True)
    difference_text = fields.Char("Reason for Difference", readonly=True)
