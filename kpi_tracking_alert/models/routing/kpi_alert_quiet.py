import logging
from zoneinfo import ZoneInfoNotFoundError

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.kpi_base.engine.worktime import (
    Timeline,
    WorkTimeError,
    due,
    to_datetime,
    to_instants,
)

from ...engine.quiet import QuietHours, quiet_until

_logger = logging.getLogger(__name__)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class KpiAlertQuiet(models.Model):
    """When somebody wants no messages about alerts, but urgent ones."""

    _name = "kpi.alert.quiet"
    _description = "KPI Alert Quiet Hours"
    _inherit = ["kpi.input.mixin"]
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        default=lambda self: self.env.user,
    )
    kind = fields.Selection(
        [
            ("never", "Never"),
            ("hours", "Hours that I choose"),
            ("calendar", "Outside my working hours"),
        ],
        "Quiet",
        required=True,
        default="hours",
    )
    hour_from = fields.Float("From", default=20.0)
    hour_to = fields.Float("Until", default=7.0)
    tz = fields.Selection(
        _tz_get,
        "Time Zone",
        required=True,
        default=lambda self: self.env.user.tz or "UTC",
    )
    monday = fields.Boolean("All Monday")
    tuesday = fields.Boolean("All Tuesday")
    wednesday = fields.Boolean("All Wednesday")
    thursday = fields.Boolean("All Thursday")
    friday = fields.Boolean("All Friday")
    saturday = fields.Boolean("All Saturday", default=True)
    sunday = fields.Boolean("All Sunday", default=True)

    _user_uniq = models.UniqueIndex("(user_id)", "You have set quiet hours already.")

    @api.constrains("kind", "hour_from", "hour_to", *DAYS)
    def _check_hours(self):
        for quiet in self:
            if not all(0 <= hour <= 24 for hour in (quiet.hour_from, quiet.hour_to)):
                raise ValidationError(
                    self.env._("Quiet hours lie between 0:00 and 24:00.")
                )
            reason = quiet.kind == "hours" and quiet._find_fault()
            if reason:
                raise ValidationError(reason)

    def _find_fault(self):
        """Why hours and days make no sense together, in words; None if they do."""
        days = [day for day in DAYS if self[day]]
        if self.hour_from == self.hour_to and not days:
            return self.env._(
                "From and Until are the same, and no day is quiet. Choose hours, days,"
                " or delete your quiet hours."
            )
        if len(days) == len(DAYS) or abs(self.hour_from - self.hour_to) == 24:
            return self.env._(
                "You would never be told of anything but urgent alerts. Leave out a day"
                " or some hours, or mute the rules that you do not need."
            )
        return None

    @api.model_create_multi
    def create(self, vals_list):
        quiet = super().create(vals_list)
        quiet._wake()
        return quiet

    def write(self, vals):
        if "user_id" in vals and self.user_id != self.user_id.browse(vals["user_id"]):
            raise AccessError(
                self.env._("Quiet hours stay with the person who chose them.")
            )
        result = super().write(vals)
        self._wake()
        return result

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        self.env["kpi.alert.notice"]._wake("quiet", users)
        return result

    def _wake(self):
        self.env["kpi.alert.notice"]._wake("quiet", self.user_id)

    @api.model
    def _find_quiet(self, user_ids, now):
        """User id → end of the quiet time that holds now (UTC), of those in one.

        A constant number of statements.
        """
        found = {}
        rows = self.search([("user_id", "in", list(user_ids)), ("kind", "!=", "never")])
        calendars = rows.filtered(lambda row: row.kind == "calendar")._list_calendars()
        for row in rows:
            calendar = calendars.get(row.user_id.id)
            end = _next_work(calendar, now) if calendar else row._end_of_hours(now)
            if end:
                found[row.user_id.id] = end
        return found

    def _end_of_hours(self, now):
        if self.kind == "calendar":  # nobody knows when they work
            return None
        weekdays = frozenset(at for at, day in enumerate(DAYS) if self[day])
        hours = QuietHours(self.tz, self.hour_from, self.hour_to, weekdays)
        try:
            return quiet_until(hours, now)
        except ZoneInfoNotFoundError:  # one person's row must not hold up the others
            _logger.warning("Quiet hours of user %s: no zone %s", self.user_id, self.tz)
            return None

    def _list_calendars(self):
        """User id → working hours as plain data; none of who works by no calendar."""
        employees = self.user_id._kpi_find_employees()
        calendars = {
            employee.user_id.id: employee.resource_calendar_id
            for employee in employees
            if employee.active
            and employee.company_id == employee.user_id.company_id
            and employee.resource_calendar_id
        }
        plain = self.env["resource.calendar"].browse(
            {calendar.id for calendar in calendars.values()}
        )
        plain = plain._kpi_work_calendars() if plain else {}
        return {user_id: plain[each.id] for user_id, each in calendars.items()}

    @api.model
    def action_open_mine(self):
        """Open the quiet hours of the user, who has none until they choose some.

        A form of a new record would store what it proposes when it is left.
        """
        own = self.search([("user_id", "=", self.env.uid)], limit=1)
        own = own or self.create({"kind": "never"})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("My Quiet Hours"),
            "res_model": self._name,
            "res_id": own.id,
            "views": [(False, "form")],
        }


def _next_work(calendar, now):
    """When work begins again; None while it goes on, or where it never does."""
    (instant,) = to_instants([now])
    try:
        ends = due(Timeline(calendar), instant, 1)
    except WorkTimeError:
        return None
    begins = to_datetime(ends - 1)
    return begins if begins > now else None
