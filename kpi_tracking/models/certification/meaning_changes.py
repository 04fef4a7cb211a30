"""Working hours decide on values, too: KPIs that count by them lose their badges."""

from odoo import api, models

# What people read of working hours is not what is counted.
HOURS_FIELDS = {
    "attendance_ids",
    "flexible_hours",
    "full_time_required_hours",
    "hours_per_day",
    "two_weeks_calendar",
    "tz",
}


class ResourceCalendar(models.Model):
    """Working hours are a part of the meaning of KPIs."""

    _inherit = "resource.calendar"

    def write(self, vals):
        result = super().write(vals)
        if not HOURS_FIELDS.isdisjoint(vals):
            self._kpi_note_meaning()
        return result

    def _kpi_note_meaning(self):
        # Whoever plans hours need not see KPIs.
        definitions = self.env["kpi.definition"].sudo().with_context(active_test=False)
        definitions.search(
            [
                "|",
                ("working_calendar_id", "in", self.ids),
                ("version_ids.working_calendar_id", "in", self.ids),
            ]
        )._note_meaning()

    def _kpi_describe_hours(self):
        """Working hours as texts that are the same for every reader; none if empty."""
        if not self:
            return []
        # Hours of work are no secret.
        calendar = self.sudo()
        if calendar.flexible_hours:
            hours = (calendar.hours_per_day, calendar.full_time_required_hours)
            return [calendar.tz or "", *map(str, hours)]
        lines = calendar._kpi_attendances(calendar)[calendar.id]
        return [calendar.tz or "", *sorted(map(str, lines))]


class ResourceCalendarAttendance(models.Model):
    """Lines of working hours may be changed by themselves."""

    _inherit = "resource.calendar.attendance"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.calendar_id._kpi_note_meaning()
        return lines

    def write(self, vals):
        before = self.calendar_id
        result = super().write(vals)
        (before | self.calendar_id)._kpi_note_meaning()
        return result

    def unlink(self):
        calendars = self.calendar_id
        result = super().unlink()
        calendars.exists()._kpi_note_meaning()
        return result
