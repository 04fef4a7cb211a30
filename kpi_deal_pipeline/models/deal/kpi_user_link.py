from odoo import api, models

from odoo.addons.kpi_base.user_link import HAND_OVER, STAY, UserLink

# Who is named in what has happened: model → fields.
HISTORY = {
    "kpi.agent.performance": "agent_id",
    "kpi.commission": "agent_id confirmed_by",
    "kpi.commission.adjustment": "recorded_by",
    "kpi.commission.dispute": "opened_by decided_by",
    "kpi.commission.event": "agent_id",
    "kpi.commission.statement": "agent_id issued_by paid_by",
    "kpi.deal": "won_by_id",
    "kpi.deal.document": "uploaded_by",
    "kpi.deal.split": "agent_id",
    "kpi.deal.stage.event": "changed_by",
    "kpi.deal.stage.interval": "agent_id",
    "kpi.deal.value.event": "agent_id changed_by",
    "kpi.job": "commission_agent_ids",
}


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
            *(
                UserLink(model, name, STAY)
                for model, names in HISTORY.items()
                for name in names.split()
            ),
        ]
