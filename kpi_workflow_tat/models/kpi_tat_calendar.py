from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.worktime import (
    Timeline,
    WorkCalendar,
    WorkTimeError,
    to_instants,
)

from ..engine.calendar_text import read_calendar, write_calendar
from ..engine.clock import choose_calendar


class KpiTatCalendar(models.Model):
    """Working hours as they were when a clock began; later holidays change nothing."""

    _name = "kpi.tat.calendar"
    _description = "Working Hours Snapshot"
    _inherit = ["kpi.readonly.mixin"]
    _rec_name = "name"

    name = fields.Char(required=True, readonly=True)
    fingerprint = fields.Char(required=True, readonly=True, exportable=False)
    hours = fields.Text(required=True, readonly=True, exportable=False)

    _fingerprint_uniq = models.UniqueIndex(
        "(fingerprint)", "These working hours are already stored."
    )

    @api.model
    def _choose_hours(self, user, company, priority, is_test, moment):
        """The hours that a person is asked by: of the clock, or of their work.

        :param moment: naive UTC; leaves that ended before are left out
        :return: pair of ``WorkCalendar`` and its name
        """
        source, resource = self._find_hours(user, company)
        work = self._read_hours(source, resource, moment)
        chosen = choose_calendar(priority, work, is_test=is_test)
        return chosen, source.name if chosen is work else self.env._("Calendar hours")

    @api.model
    def _find_hours(self, user, company):
        """The working hours of a person in a company, and whose leaves count.

        Their own, else those of their department or of one above it, else those of the
        company. Odoo gives every employee the company's: these are not their own.

        :return: pair of a ``resource.calendar`` and a ``resource.resource``
        """
        # Hours of work are no secret.
        user, company = user.sudo(), (company or user.company_id).sudo()
        employees = user._kpi_find_employees()
        employee = employees.filtered(lambda one: one.company_id == company)[:1]
        own = employee.resource_calendar_id
        hours = employee.department_id._find_request_hours()
        if hours and own in (company.resource_calendar_id, own.browse()):
            own = hours
        return own or company.resource_calendar_id, employee.resource_id

    @api.model
    def _read_hours(self, source, resource, moment):
        """Working hours as plain data, with the leaves from a moment on."""
        if not source:
            raise WorkTimeError(self.env._("Set the company's working hours."))
        day = (moment - timedelta(days=1)).date()
        return source._kpi_work_calendar(day, resource=resource or None)

    @api.model
    def _get_stored(self, calendar: WorkCalendar, name):
        """The row of a calendar, made where there is none."""
        print_ = calendar.fingerprint
        same = [("fingerprint", "=", print_)]
        if found := self.search_fetch(same, ["fingerprint", "hours"]):
            return found
        # Whoever makes the same at this moment is first, or run again.
        self.env["kpi.claim"]._claim(f"working hours {print_}")
        return self.search(same) or self.create(
            {"name": name, "fingerprint": print_, "hours": write_calendar(calendar)}
        )

    def _get_timeline(self):
        """The working hours, ready to count by; built once in a transaction."""
        self.ensure_one()
        known = self.env.cr.cache.setdefault(self._name, {})
        if self.fingerprint not in known:
            # A timeline grows as it is asked; what others read at once is their own.
            year = fields.Datetime.now().year
            known[self.fingerprint] = _build_timeline(self.hours, year).clone()
        return known[self.fingerprint]


@lru_cache(maxsize=256)
def _build_timeline(hours, year):
    """The timeline of stored hours, ready for the years around ``year``."""
    timeline = Timeline(read_calendar(hours))
    first, last = (datetime(each, 1, 1) for each in (year - 1, year + 1))
    for hours_of in (timeline, timeline.without_leaves()):
        hours_of.cover(*to_instants([first, last]))
    return timeline


@contextmanager
def refuse_unknown_times():
    """Say to who acts why no clock can run, as by working hours that have no hour.

    :raises UserError: with the text of the ``WorkTimeError``
    """
    try:
        yield
    except WorkTimeError as error:
        raise UserError(str(error)) from error
