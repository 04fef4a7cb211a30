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
            first, last = quiet.hour_from, quiet.hour_to
            days = [day for day in DAYS if quiet[day]]
            fault = None
            if not (0 <= first <= 24 and 0 <= last <= 24):
                fault = self.env._("Quiet hours lie between 0:00 and 24:00.")
            elif quiet.kind == "hours" and first == last and not days:
                fault = self.env._(
                    "From and Until are the same, and no day is quiet. Choose hours,"
                    " days, or delete your quiet hours."
                )
            elif quiet.kind == "hours" and (
                len(days) == len(DAYS) or abs(first - last) == 24
            ):
                fault = self.env._(
                    "You would never be told of anything but urgent alerts. Leave out a"
                    " day or some hours, or mute the rules that you do not need."
                )
            if fault:
                raise ValidationError(fault)

    @api.model_create_multi
    def create(self, vals_list):
        quiet = super().create(vals_list)
        self.env["kpi.alert.notice"]._wake("quiet", quiet.user_id)
        return quiet

    def write(self, vals):
        if "user_id" in vals and self.user_id != self.user_id.browse(vals["user_id"]):
            raise AccessError(
                self.env._("Quiet hours stay with the person who chose them.")
            )
        result = super().write(vals)
        self.env["kpi.alert.notice"]._wake("quiet", self.user_id)
        return result

    def unlink(self):
        users = self.user_id
        result = super().unlink()
        self.env["kpi.alert.notice"]._wake("quiet", users)
        return result

    @api.model
    def _find_quiet(self, user_ids, now):
        """User id → end of the quiet time that holds now (UTC), of those in one.

        A constant number of statements.
        """
        rows = self.search([("user_id", "in", list(user_ids)), ("kind", "!=", "never")])
        works = rows.filtered(lambda row: row.kind == "calendar")._find_working_hours()
        found = {}
        for row in rows:
            end = None
            try:
                if row.kind == "hours":
                    weekdays = frozenset(at for at, day in enumerate(DAYS) if row[day])
                    hours = QuietHours(row.tz, row.hour_from, row.hour_to, weekdays)
                    end = quiet_until(hours, now)
                elif row.user_id.id in works:
                    timeline = Timeline(works[row.user_id.id])
                    end = to_datetime(due(timeline, to_instants([now])[0], 1) - 1)
            except (
                ZoneInfoNotFoundError
            ):  # one person's row must not hold up the others
                _logger.warning(
                    "Quiet hours of user %s: no zone %s", row.user_id, row.tz
                )
            except WorkTimeError:  # they never work again
                pass
            if end and end > now:
                found[row.user_id.id] = end
        return found

    def _find_working_hours(self):
        """User id → working hours as plain data; none of who works by no calendar."""
        calendars = {
            employee.user_id.id: employee.resource_calendar_id
            for employee in self.user_id._kpi_find_employees()
            if employee.active
            and employee.company_id == employee.user_id.company_id
            and employee.resource_calendar_id
        }
        every = self.env["resource.calendar"].union(*calendars.values())
        plain = every._kpi_work_calendars() if every else {}
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
