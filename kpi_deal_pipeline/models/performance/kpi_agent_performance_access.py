from odoo import api, fields, models
from odoo.fields import Domain

from .kpi_agent_performance import EARNINGS


class KpiAgentPerformance(models.Model):
    """Whose performance the user sees; asked for by record rules, as deals' fields are.

    Agents see what they earn: who is an agent and a viewer does not see the rows of
    others, lest their earnings show.
    """

    _inherit = "kpi.agent.performance"

    is_led_by_me = fields.Boolean(
        compute="_compute_is_led_by_me", search="_search_is_led_by_me"
    )
    is_of_my_team = fields.Boolean(
        compute="_compute_is_of_my_team", search="_search_is_of_my_team"
    )

    @api.depends_context("uid")
    @api.depends("agent_id", "company_id")
    def _compute_is_led_by_me(self):
        led = self.filtered_domain(self._led_domain())
        for row in self:
            row.is_led_by_me = row in led

    def _search_is_led_by_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._led_domain()
        return domain if True in value else ~domain

    @api.model
    def _led_domain(self):
        """Agents of the teams led, and of the departments managed now."""
        led = self._members_domain([("crm_team_id.user_id", "=", self.env.uid)])
        return led | self.env["kpi.deal"]._managed_domain()

    @api.depends_context("uid")
    @api.depends("agent_id", "company_id")
    def _compute_is_of_my_team(self):
        mine = self.filtered_domain(self._team_domain())
        for row in self:
            row.is_of_my_team = row in mine

    def _search_is_of_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._team_domain()
        return domain if True in value else ~domain

    @api.model
    def _team_domain(self):
        """Members of the teams that the user is a member of."""
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
