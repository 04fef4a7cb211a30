from odoo import api, fields, models
from odoo.fields import Domain

from ...rights import look_up_once, search_by


class KpiLedMixin(models.AbstractModel):
    """Record of a person in a company (``company_id``), seen by those who lead them.

    Record rules ask for these fields and hold no lookup of their own: Odoo caches a
    rule's domain, while teams, managers and departments change::

        class Visit(models.Model):
            _name = "my.visit"
            _inherit = ["kpi.led.mixin"]
            _led_person = "visitor_id"

        # and the rule of managers: [('is_led_by_me', '=', True)]

    An addon with teams of its own extends ``_get_led_domain`` and ``_get_team_domain``.
    """

    _name = "kpi.led.mixin"
    _description = "Led by the User"

    _led_person = "user_id"  # field of the person it belongs to
    _led_by = ()  # further fields that decide who leads it, and its team

    is_led_by_me = fields.Boolean(
        "Led by Me",
        compute="_compute_is_led_by_me",
        search=search_by("_get_led_domain"),
        compute_sudo=True,
        help="Belongs to a team the user leads or to a person in a department the "
        "user manages.",
    )
    is_of_my_team = fields.Boolean(
        "In My Teams",
        compute="_compute_is_of_my_team",
        search=search_by("_get_team_domain"),
        compute_sudo=True,
        help="Belongs to one of the user's teams.",
    )

    @api.depends_context("uid")
    @api.depends(lambda self: (self._led_person, "company_id", *self._led_by))
    def _compute_is_led_by_me(self):
        key = self._name, "_get_led_domain"  # as its search
        led = self.filtered_domain(look_up_once(self.env, key, self._get_led_domain))
        for record in self:
            record.is_led_by_me = record in led

    @api.depends_context("uid")
    @api.depends(lambda self: (self._led_person, "company_id", *self._led_by))
    def _compute_is_of_my_team(self):
        mine = self.filtered_domain(self._get_team_domain())
        for record in self:
            record.is_of_my_team = record in mine

    @api.model
    def _get_led_domain(self):
        """Return the domain of what belongs to people in the user's departments now.

        They count in the company that employs them in the department.
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
            Domain("company_id", "=", company.id)
            & Domain(self._led_person, "in", user_ids)
            for company, user_ids in people
        )

    def _find_department_leaders(self):
        """Record → the people in whose departments it is, as ``_get_led_domain``."""
        # Who manages a department is no secret.
        records, employees = self.sudo(), self.env["hr.employee"].sudo()
        found = {}
        for employee in employees.search(
            [("user_id", "in", records[self._led_person].ids)]
        ):
            key = employee.user_id, employee.company_id
            leaders = employee.department_id._find_managing_users()
            found[key] = found.get(key, leaders.browse()) | leaders
        nobody = self.env["res.users"]
        return {
            own: found.get((one[self._led_person], one.company_id), nobody)
            for own, one in zip(self, records, strict=True)
        }

    @api.model
    def _get_team_domain(self):
        """Return the domain of what belongs to the user's own teams; none here."""
        return Domain.FALSE
