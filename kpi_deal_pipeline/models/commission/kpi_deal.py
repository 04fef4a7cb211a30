from decimal import Decimal

from odoo import fields, models

from odoo.addons.kpi_base.engine.money import exact_sum

CLOSING = {"status", "pipeline_stage", "actual_close_date"}
# What plans compute on; who won the deal stays whoever looks after it later.
TERMS = {"estimated_value_amount", "currency_id", "asset_type"}


class KpiDeal(models.Model):
    """Commissions of the agents of a deal."""

    _inherit = "kpi.deal"

    commission_ids = fields.One2many("kpi.commission", "deal_id", "Commissions")
    billing_ids = fields.One2many("kpi.deal.billing", "deal_id", "Billings")
    won_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The agent on the closing date. The deal counts for this agent "
        "even if it is reassigned later.",
    )

    def _settle_changed(self, vals, won):
        """Bring commissions in line with a change.

        :param won: the deals that were won before it
        """
        if not CLOSING.isdisjoint(vals):
            # Maintained by the engine, whoever closes the deal.
            new = (self - won).sudo().filtered(lambda deal: deal.status == "closed_won")
            for agent, deals in new.grouped("agent_id").items():
                deals.won_by_id = agent
            self._settle_commissions()
        elif won and not TERMS.isdisjoint(vals):
            won._settle_commissions()

    def _settle_commissions(self):
        """Bring the agents' commissions in line with what is known of these deals.

        Plans pay each agent for all deals of a period: those are computed anew.
        """
        # Plans compute for everybody, whoever closes a deal.
        self.sudo().env["kpi.commission.plan"]._settle_deals(self.sudo())

    def _credits(self):
        """(agent, rule, shares, index of the agent in them, share beside) of the deal.

        As of the day on which it was won.
        """
        return self._credits_on(self.actual_close_date, self.won_by_id or self.agent_id)

    def _credits_on(self, day, winner):
        """As ``_credits``, were the deal won on ``day`` by the agent ``winner``."""
        splits = self.split_ids._filter_valid_on(day)
        revenue = splits.filtered(lambda split: split.split_type == "revenue")
        weights = tuple(split._share() for split in revenue)
        found = [
            (split.agent_id, "plan", weights, index, Decimal(1))
            for index, split in enumerate(revenue)
        ]
        if not revenue:
            found = [(winner, "plan", (Decimal(1),), 0, Decimal(1))]
        for split in splits - revenue:
            share = split._share() / 100
            found.append((split.agent_id, "overlay", (Decimal(1),), 0, share))
        return found

    def _sum_billings_by_type(self):
        """Type of billing → its total."""
        by_type = self.billing_ids._in_force().grouped("billing_type")
        return {
            kind: exact_sum(billings.mapped("amount_untaxed"))
            for kind, billings in by_type.items()
        }
