from odoo import api, fields, models
from odoo.fields import Domain


class KpiDealLedMixin(models.AbstractModel):
    """What belongs to an agent (``agent_id``) of a company (``company_id``).

    It is seen by who leads that agent, or is in the same sales team.

    Record rules ask for these fields and hold no lookup of their own: Odoo keeps a
    rule's domain, while teams, managers and departments change.
    """

    _name = "kpi.deal.led.mixin"
    _description = "Led by the User"

    _led_by = ("agent_id", "company_id")  # what decides who leads it, and its team

    is_led_by_me = fields.Boolean(
        compute="_compute_is_led_by_me",
        search="_search_is_led_by_me",
        compute_sudo=True,
        help="Of a sales team that the user leads, or of an agent of a department that"
        " the user manages.",
    )
    is_of_my_team = fields.Boolean(
        compute="_compute_is_of_my_team",
        search="_search_is_of_my_team",
        compute_sudo=True,
        help="Of a sales team that the user is a member of.",
    )

    @api.depends_context("uid")
    @api.depends(lambda self: self._led_by)
    def _compute_is_led_by_me(self):
        led = self.filtered_domain(self._led_domain())
        for record in self:
            record.is_led_by_me = record in led

    def _search_is_led_by_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._led_domain()
        return domain if True in value else ~domain

    @api.depends_context("uid")
    @api.depends(lambda self: self._led_by)
    def _compute_is_of_my_team(self):
        mine = self.filtered_domain(self._team_domain())
        for record in self:
            record.is_of_my_team = record in mine

    def _search_is_of_my_team(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = self._team_domain()
        return domain if True in value else ~domain

    @api.model
    def _led_domain(self):
        """What belongs to agents in the departments that the user manages now.

        People count in the company that employs them in the department. Extended by
        what belongs to the sales teams that the user leads.
        """
        # Who manages a department is no secret.
        employees = self.env["hr.employee"].sudo()
        people = employees._read_group(
            Domain("user_id", "!=", False)
            & Domain("department_id.is_managed_by_me", "=", True),
            ["company_id"],
            ["user_id:array_agg"],
        )
        return Domain.OR(
            Domain("company_id", "=", company.id) & Domain("agent_id", "in", user_ids)
            for company, user_ids in people
        )

    @api.model
    def _team_domain(self):
        """What belongs to the teams that the user is a member of."""
        raise NotImplementedError
