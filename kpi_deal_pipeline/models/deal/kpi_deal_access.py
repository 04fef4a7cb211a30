from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class KpiDeal(models.Model):
    """Rights to see a deal, and to change it."""

    _name = "kpi.deal"
    _inherit = ["kpi.deal", "kpi.led.mixin"]
    _mail_post_access = "read"
    _readable_by = ("agent_id", "company_id", "split_ids.agent_id", "team_id")
    _editable_by = ("agent_id", "company_id", "team_id")
    _led_person = "agent_id"
    _led_by = ("team_id.crm_team_member_ids.user_id", "team_id.user_id")

    is_shared_with_me = fields.Boolean(
        compute="_compute_is_shared_with_me",
        search="_search_is_shared_with_me",
        compute_sudo=True,
        help="The user has a share in the deal.",
    )

    @api.constrains("agent_id", "company_id")
    def _check_agent_id(self):
        by_agent = self.grouped(lambda deal: (deal.company_id, deal.agent_id))
        for (_company, agent), deals in by_agent.items():
            deals[0]._check_works_here(agent)

    def _check_company(self, fnames=None):
        """Check what many deals of a company have in common once."""
        checked = [
            field.name
            for field in self._fields.values()
            if field.relational and field.check_company
        ]
        deals = {
            (name, deal.company_id.id, deal[name]): deal.id
            for deal in self
            for name in checked
        }
        return super(KpiDeal, self.browse(set(deals.values())))._check_company(fnames)

    def _check_works_here(self, agents):
        """Refuse agents who are not of the deal's company: it would be hidden to them.

        :raises ValidationError: naming the first of them
        """
        # Who works in which company is no secret.
        for agent in agents.sudo():
            if agent._is_superuser():
                continue  # for whom mail and automation work
            if self.company_id not in agent.company_ids or agent._is_public():
                raise ValidationError(
                    self.env._(
                        "%(deal)s: %(agent)s has no access to %(company)s.",
                        deal=self.title,
                        agent=agent.name,
                        company=self.company_id.name,
                    )
                )

    @api.model
    def _get_led_domain(self):
        # Who leads a team is no secret.
        teams = self.env["crm.team"].sudo().with_context(active_test=False)
        led = teams._search([("user_id", "=", self.env.uid)])
        return Domain("team_id", "in", led) | super()._get_led_domain()

    def _find_leaders(self):
        """Find the people for whom ``is_led_by_me`` holds: dict deal → users."""
        found = self._find_department_leaders()
        # Who leads a team is no secret.
        return {deal: found[deal] | deal.sudo().team_id.user_id for deal in self}

    @api.model
    def _get_team_domain(self):
        # Memberships are not for everybody to read; one's own are no secret.
        members = self.env["crm.team.member"].sudo()
        teams = members._read_group(
            [("user_id", "=", self.env.uid)], [], ["crm_team_id:array_agg"]
        )
        return Domain("team_id", "in", teams[0][0] or [])

    @api.depends_context("uid")
    @api.depends("split_ids.agent_id")
    def _compute_is_shared_with_me(self):
        for deal in self:
            deal.is_shared_with_me = self.env.user in deal.split_ids.agent_id

    def _search_is_shared_with_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        # Shares are read by who reads the deal: rules of one would ask for the other.
        shares = self.env["kpi.deal.split"].sudo()
        mine = shares._search([("agent_id", "=", self.env.uid)])
        domain = Domain("id", "in", mine.subselect("deal_id"))
        return domain if True in value else ~domain
