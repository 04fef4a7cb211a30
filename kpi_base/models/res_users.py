from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import ormcache

from ..actions import open_dialog
from ..engine.working_days import day_table
from ..engine.worktime import WorkCalendar
from ..rights import search_by
from ..roles import ADMIN, OFFICER

LONGEST_LEAVE = timedelta(days=42)


class ResUsers(models.Model):
    """People who leave: what they answer for goes to somebody else."""

    _inherit = "res.users"

    kpi_has_duties = fields.Boolean(
        "Has KPI Responsibilities",
        compute="_compute_kpi_has_duties",
        search=search_by("_get_duties_domain"),
        groups=ADMIN,
        exportable=False,
    )
    kpi_api_key_ids = fields.One2many("kpi.api.key", "user_id", "KPI API Keys")

    def _compute_kpi_has_duties(self):
        having = self.with_context(active_test=False).search(
            Domain("id", "in", self.ids) & Domain("kpi_has_duties", "=", True)
        )
        for user in self:
            user.kpi_has_duties = user._origin in having

    @api.model
    def _get_duties_domain(self):
        people = self.env["kpi.user.link"]._responsible_sql()
        return Domain("id", "in", people) & Domain("id", "!=", SUPERUSER_ID)

    def action_archive(self):
        """Who archives somebody says who takes over, where they may."""
        result = super().action_archive()
        if result or not self.env.user.has_group(ADMIN):
            return result
        leavers = self.filtered("kpi_has_duties")
        if not leavers and self._find_lost_roles():
            leavers = self
        return leavers.action_kpi_hand_over() if leavers else result

    def _find_lost_roles(self):
        """Roles of these people that nobody else who is active has."""
        lost = self.env["res.groups"]
        for role in (OFFICER, ADMIN):
            # Who has a role is no secret to who archives people.
            group = self.env.ref(role).sudo()
            people = group.with_context(active_test=False).all_user_ids
            others = (people - self).filtered(lambda user: user.active)
            if people & self and not others:
                lost |= group
        return lost

    def action_kpi_hand_over(self):
        """Ask who takes over what these people answer for."""
        wizard, name = self.env["kpi.handover"], self.env._("Transfer Responsibilities")
        return open_dialog(wizard, name, default_user_ids=self.ids)

    def action_kpi_connections(self):
        """List the connections of this person: oneself, or anybody for admins."""
        self.ensure_one()
        return self.env["kpi.connection"]._action_open(self)

    @api.model
    def _kpi_find_on_leave(self, moment):
        """People who are on leave at a moment (UTC); for the superuser to ask."""
        leaves = self.env["resource.calendar.leaves"].search(
            [
                ("time_type", "=", "leave"),
                ("resource_id.user_id", "!=", False),
                ("date_from", "<=", moment),
                ("date_to", ">", moment),
            ]
        )
        return leaves.resource_id.user_id

    @api.model
    def _kpi_find_away(self, moment):
        """People who are on leave, or have a deputy for everything; as above."""
        delegates = self.env["kpi.approval.delegation"]._find_delegates(moment)
        return self._kpi_find_on_leave(moment) | self.browse(delegates)

    def _kpi_find_employees(self):
        """These users as employees of all companies, those at work first.

        ``employee_ids`` holds those of the companies at hand only, of which a timer has
        none. Who has left has a manager still, whom their successor is asked of. For
        the superuser to ask.
        """
        employees = self.env["hr.employee"].with_context(active_test=False)
        domain = [("user_id", "in", self.ids)]
        names = ["user_id", "company_id", "active", "resource_id", "current_version_id"]
        found = employees.search_fetch(domain, names, order="active DESC, id")
        found.current_version_id.fetch(["department_id", "resource_calendar_id"])
        return found

    def _kpi_get_work_calendar(self, company, date_from=None, date_to=None):
        """The working hours of this person in a company, their leaves included.

        Those of the company for who is no employee; without any, as who never works.

        :return: ``WorkCalendar``, with the leaves of these days, as of
            ``resource.calendar._kpi_work_calendars``
        """
        # Hours of work are no secret.
        employees = self.sudo()._kpi_find_employees()
        employee = employees.filtered(lambda one: one.company_id == company)[:1]
        # As above.
        calendar = employee.resource_calendar_id or company.sudo().resource_calendar_id
        if not calendar:
            return WorkCalendar("UTC")
        resource = employee.resource_id or None
        return calendar._kpi_work_calendar(date_from, date_to, resource)

    @ormcache("self.id", "self.env.company.id", "today")
    def _kpi_find_last_working_day(self, today):
        """The last day before ``today`` that this person worked on, in the company.

        It is looked up once a day. Yesterday for who never works.
        """
        first, last = today - LONGEST_LEAVE, today - timedelta(days=1)
        work = self._kpi_get_work_calendar(self.env.company, first, last)
        worked = [one.day for one in day_table(work, first, last) if one.segments]
        return worked[-1] if worked else last

    @api.ondelete(at_uninstall=False)
    def _unlink_except_logged(self):
        # Whoever deletes users need not be allowed to read the log.
        log = self.env["kpi.audit.log"].sudo()
        entry = log.search([("user_id", "in", self.ids)], limit=1)
        if entry:
            raise UserError(
                self.env._(
                    "%s appears in the audit log and cannot be deleted. Archive "
                    "the user instead.",
                    entry.user_id.display_name,
                )
            )

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("active", "company_ids")):
            self.env["kpi.approval.step"]._replace_missing_soon()
        return result

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "kpi_api_key_ids"]

    def action_kpi_api_key(self):
        """Make a key of one's own."""
        return self.env["kpi.api.key.wizard"]._action_open()
