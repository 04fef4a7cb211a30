from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, UserLink


class KpiUserLink(models.AbstractModel):
    """Deals and commissions of an agent."""

    _inherit = "kpi.user.link"

    @api.model
    def _get_links(self):
        return [
            *super()._get_links(),
            UserLink("kpi.deal", "agent_id", HAND_OVER, (("status", "=", "open"),)),
            UserLink("kpi.commission.override", "user_id", HAND_OVER),
            # Who has left is paid for what was won before.
            UserLink("kpi.commission.plan", "agent_ids", STAY),
            UserLink("kpi.commission", "agent_id", STAY),
            UserLink("kpi.commission", "confirmed_by", STAY),
            UserLink("kpi.commission.adjustment", "recorded_by", STAY),
            UserLink("kpi.commission.dispute", "opened_by", STAY),
            UserLink("kpi.commission.dispute", "decided_by", STAY),
            UserLink("kpi.commission.event", "agent_id", STAY),
            UserLink("kpi.commission.statement", "agent_id", STAY),
            UserLink("kpi.commission.statement", "issued_by", STAY),
            UserLink("kpi.commission.statement", "paid_by", STAY),
            UserLink("kpi.deal", "won_by_id", STAY),
            UserLink("kpi.deal.document", "uploaded_by", STAY),
            UserLink("kpi.deal.split", "agent_id", STAY),
            UserLink("kpi.deal.stage.event", "changed_by", STAY),
            UserLink("kpi.deal.stage.interval", "agent_id", STAY),
            UserLink("kpi.deal.value.event", "agent_id", STAY),
            UserLink("kpi.deal.value.event", "changed_by", STAY),
            UserLink("kpi.agent.performance", "agent_id", STAY),
        ]
