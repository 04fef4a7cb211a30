from odoo import api, models
from odoo.fields import Domain

from .kpi_agent_performance import EARNINGS


class KpiAgentPerformance(models.Model):
    """Rights to see the performance of agents.

    Agents see what they earn: who is an agent and a viewer does not see the rows of
    others, lest their earnings show.
    """

    _name = "kpi.agent.performance"
    _inherit = ["kpi.agent.performance", "kpi.led.mixin"]
    _led_person = "agent_id"

    @api.model
    def _get_led_domain(self):
        led = self._members_domain([("crm_team_id.user_id", "=", self.env.uid)])
        return led | super()._get_led_domain()

    @api.model
    def _get_team_domain(self):
        if self.env.user.has_group(EARNINGS):
            return Domain("agent_id", "=", self.env.uid)
        mine = [("crm_team_id.crm_team_member_ids.user_id", "=", self.env.uid)]
        return self._members_domain(mine)

    @api.model
    def _members_domain(self, domain):
        """Rows of the members of teams, in the companies of the teams."""
        # Memberships are not for everybody to read; who asks knows the teams.
        members = self.env["crm.team.member"].sudo().search(domain)
        return Domain.OR(
            Domain("agent_id", "in", team_members.user_id.ids)
            & (Domain("company_id", "=", company.id) if company else Domain.TRUE)
            for company, team_members in members.grouped(
                lambda member: member.crm_team_id.company_id
            ).items()
        )
