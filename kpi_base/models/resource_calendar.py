import math
from datetime import timedelta

from odoo import fields, models
from odoo.fields import Domain

from ..engine.worktime import Attendance, WorkCalendar


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    kpi_days_fingerprint = fields.Char(
        "KPI Working Days Fingerprint",
        readonly=True,
        copy=False,
        exportable=False,
    )

    def _kpi_work_calendar(self, date_from=None, date_to=None, resource=None):
        """This calendar as plain data: see :meth:`_kpi_work_calendars`."""
        self.ensure_one()
        return self._kpi_work_calendars(date_from, date_to, resource)[self.id]

    def _kpi_work_calendars(self, date_from=None, date_to=None, resource=None):
        """Working hours as plain data, read in a constant number of statements.

        What ``_work_intervals_batch`` would use, except that

        - it is the same for whoever asks, so it depends on nobody's companies: a leave
          without calendar closes the calendars of its own company only;
        - a leave up to 23:59:59 reaches midnight;
        - flexible hours are laid out from Monday, not from the first day asked about.

        :param date_from: first local day whose leaves are needed; None = all
        :param date_to: last such day, included; None = all
        :param resource: whose zone and leaves count too, in every calendar
        :return: ``{calendar id: WorkCalendar}``
        """
        # Hours of work are no secret, and must not differ between readers.
        calendars = self.sudo()
        lines = self._kpi_attendances(calendars)
        leaves = calendars._kpi_leaves(date_from, date_to, resource)
        found = {}
        for calendar in calendars:
            tz = (resource or calendar).tz
            closed = calendar._kpi_closed(leaves, resource)
            if calendar.flexible_hours:
                found[calendar.id] = WorkCalendar.flexible(
                    tz,
                    calendar.hours_per_day,
                    calendar.full_time_required_hours,
                    closed,
                )
            else:
                found[calendar.id] = WorkCalendar(tz, lines[calendar.id], closed)
        return found

    def _kpi_attendances(self, calendars):
        found = {calendar.id: [] for calendar in calendars}
        lines = calendars.env["resource.calendar.attendance"]
        domain = [("calendar_id", "in", calendars.ids)]
        for line in lines.search_fetch(domain, order="id"):
            if line._is_work_period() and line.hour_from < line.hour_to:
                alternates = line.calendar_id.two_weeks_calendar
                found[line.calendar_id.id].append(
                    Attendance(
                        int(line.dayofweek),
                        _to_the_minute(line.hour_from),
                        _to_the_minute(line.hour_to),
                        int(line.week_type) if alternates else None,
                    )
                )
        return {calendar_id: tuple(lines) for calendar_id, lines in found.items()}

    def _kpi_leaves(self, date_from, date_to, resource):
        domain = (
            Domain("time_type", "=", "leave")
            & Domain("calendar_id", "in", [False, *self.ids])
            & Domain("resource_id", "in", [False, *(resource.ids if resource else [])])
        )
        day = timedelta(days=1)  # local days reach into the neighbours in UTC
        if date_from:
            domain &= Domain("date_to", ">=", date_from - day)
        if date_to:
            domain &= Domain("date_from", "<=", date_to + 2 * day)
        return self.env["resource.calendar.leaves"].search_fetch(
            domain,
            ["calendar_id", "company_id", "resource_id", "date_from", "date_to"],
            order="date_from, id",
        )

    def _kpi_closed(self, leaves, resource):
        """Intervals of ``leaves`` that close this calendar, as (start, stop) in UTC."""
        company = resource.company_id if resource else self.company_id

        def closes(leave):
            if leave.resource_id:
                return leave.calendar_id in (self.browse(), self)
            if leave.calendar_id:
                is_ours = not resource or leave.company_id == company
                return leave.calendar_id == self and is_ours
            return company and leave.company_id == company

        second = timedelta(seconds=1)  # Odoo writes the end of a day as 23:59:59
        return tuple(
            (leave.date_from, leave.date_to + (leave.date_to.second == 59) * second)
            for leave in leaves
            if closes(leave)
        )


def _to_the_minute(hour):
    """Odoo stores hours as floats (8.33) and reads them as whole minutes (08:20)."""
    return math.floor(hour * 60 + 0.5) / 60
