from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.kpi_base.engine.worktime import Timeline, WorkCalendar

from ...engine.allowance import choose_calendar
from ...engine.calendar_text import read_calendar, write_calendar


class KpiTatCalendar(models.Model):
    """Working hours as they were when a clock began; later holidays change nothing."""

    _name = "kpi.tat.calendar"
    _description = "Frozen Working Hours"
    _inherit = ["kpi.readonly.mixin"]
    _rec_name = "name"

    name = fields.Char(required=True, readonly=True)
    fingerprint = fields.Char(required=True, readonly=True, exportable=False)
    hours = fields.Text(required=True, readonly=True, exportable=False)

    _fingerprint_uniq = models.UniqueIndex(
        "(fingerprint)", "These working hours are stored already."
    )

    @api.model
    def _freeze(self, user, company, priority, moment, *, is_test=False):
        """The hours that a person is asked by: of the clock, or of their work.

        Those of the employee in the company, else those of the company.

        :param moment: naive UTC; leaves that ended before are left out
        """
        # Hours of work are no secret.
        user, company = user.sudo(), (company or user.company_id).sudo()
        employees = user._kpi_find_employees()
        employee = employees.filtered(lambda one: one.company_id == company)[:1]
        source = employee.resource_calendar_id or company.resource_calendar_id
        day = (moment - timedelta(days=1)).date()
        work = source._kpi_work_calendar(day, resource=employee.resource_id or None)
        chosen = choose_calendar(priority, work, is_test=is_test)
        name = source.name if chosen is work else self.env._("Hours of the clock")
        return self._get_stored(chosen, name)

    @api.model
    def _get_stored(self, calendar: WorkCalendar, name):
        """The row of a calendar, made where there is none."""
        print_ = calendar.fingerprint
        found = self.search([("fingerprint", "=", print_)])
        return found or self.create(
            {"name": name, "fingerprint": print_, "hours": write_calendar(calendar)}
        )

    def _get_timeline(self):
        """The working hours, ready to count by; built once in a transaction."""
        self.ensure_one()
        known = self.env.cr.cache.setdefault(self._name, {})
        if self.fingerprint not in known:
            known[self.fingerprint] = Timeline(read_calendar(self.hours))
        return known[self.fingerprint]
