import logging
from datetime import timedelta
from zoneinfo import ZoneInfoNotFoundError

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from odoo.addons.base.models.res_partner import _tz_get
from odoo.addons.kpi_base.actions import open_form
from odoo.addons.kpi_base.engine.worktime import (
    Timeline,
    WorkTimeError,
    due,
    to_datetime,
    to_instants,
)

from ...engine.quiet import QuietHours, quiet_until

_logger = logging.getLogger(__name__)
LONGEST_SILENCE = timedelta(days=366)
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
            ("hours", "Custom Hours"),
            ("calendar", "Outside My Working Hours"),
        ],
        "Quiet Time",
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

    _user_uniq = models.UniqueIndex("(user_id)", "You already have quiet hours.")

    @api.constrains("kind", "hour_from", "hour_to", *DAYS)
    def _check_hours(self):
        for quiet in self:
            first, last = quiet.hour_from, quiet.hour_to
            days = [day for day in DAYS if quiet[day]]
            fault = None
            if not (0 <= first <= 24 and 0 <= last <= 24):
                fault = self.env._("Quiet hours must be between 0:00 and 24:00.")
            elif quiet.kind == "hours" and first == last and not days:
                fault = self.env._(
                    "“From” and “Until” are equal. Change them, or choose days."
                )
            elif quiet.kind == "hours" and len(days) == len(DAYS):
                fault = self.env._(
                    "Only urgent alerts would reach you. Clear at least one quiet day."
                )
            elif quiet.kind == "hours" and abs(first - last) == 24:
                fault = self.env._(
                    "Only urgent alerts would reach you. Shorten the quiet hours."
                )
            if fault:
                raise ValidationError(fault)

    @api.model_create_multi
    def create(self, vals_list):
        quiet = super().create(vals_list)
        self.env["kpi.alert.notice"]._wake("quiet")
        return quiet

    def write(self, vals):
        if "user_id" in vals and self.user_id != self.user_id.browse(vals["user_id"]):
            raise AccessError(self.env._("Quiet hours cannot be transferred."))
        result = super().write(vals)
        self.env["kpi.alert.notice"]._wake("quiet")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_wake(self):
        self.env["kpi.alert.notice"]._wake("quiet")

    @api.model
    def _find_quiet(self, user_ids, now):
        """User id → end of the quiet time that holds now (UTC), of those in one."""
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
            except ZoneInfoNotFoundError:
                # One person's row must not hold up the others.
                _logger.warning(
                    "Quiet hours of user %s: no zone %s", row.user_id, row.tz
                )
            except WorkTimeError:
                continue  # they never work again
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
        return open_form(own, name=self.env._("My Quiet Hours"))


class KpiAlertSilence(models.Model):
    """A time in which alerts of some KPIs are not told, such as a move of offices.

    They fire all the same, and those that still do at its end are told then.
    """

    _name = "kpi.alert.silence"
    _description = "KPI Alert Silence"
    _inherit = ["kpi.input.mixin", "mail.thread"]
    _order = "date_to desc, id desc"
    _check_company_auto = True

    name = fields.Char("Reason", required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    report_ids = fields.Many2many(
        "kpi.report", "kpi_alert_silence_report_rel", string="KPIs", check_company=True
    )
    tag_ids = fields.Many2many(
        "kpi.tag", "kpi_alert_silence_tag_rel", string="KPIs with Tags"
    )
    date_from = fields.Datetime(
        "From", required=True, default=fields.Datetime.now, tracking=True
    )
    date_to = fields.Datetime("Until", required=True, tracking=True)

    _dates_ordered = models.Constraint(
        "CHECK (date_to > date_from)", "The silence must end after it starts."
    )

    @api.constrains("name", "report_ids", "tag_ids")
    def _check_chosen(self):
        for silence in self:
            if not (silence.report_ids or silence.tag_ids):
                raise ValidationError(
                    self.env._("%s: choose KPIs or tags.", silence.name)
                )

    @api.constrains("date_to")
    def _check_date_to(self):
        last = fields.Datetime.now() + LONGEST_SILENCE
        for silence in self:
            if silence.date_to > last:
                raise ValidationError(
                    self.env._(
                        "%s: “Until” must be within the next year.", silence.name
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        self.env["kpi.alert.notice"]._wake("silence")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_wake(self):
        self.env["kpi.alert.notice"]._wake("silence")

    def action_end(self):
        """End these silences: people are notified at once of what is open."""
        self.check_access("write")
        now = fields.Datetime.now()
        running = self.filtered(lambda silence: silence.date_to > now)
        begun = running.filtered(lambda silence: silence.date_from < now)
        begun.date_to = now
        (running - begun).active = False
        return True


class KpiAlertMute(models.Model):
    """A rule that somebody wants no messages of."""

    _name = "kpi.alert.mute"
    _description = "Muted KPI Alert Rule"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        required=True,
        ondelete="cascade",
        index=True,
        default=lambda self: self.env.user,
    )
    alert_id = fields.Many2one(
        "kpi.smart.alert", "Rule", required=True, ondelete="cascade", index=True
    )
    # What a rule of one's alerts is called stands on each of them.
    rule_name = fields.Char("Rule Name", related="alert_id.name", related_sudo=True)

    _user_alert_uniq = models.UniqueIndex(
        "(alert_id, user_id)", "This rule is already muted."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_wake(self):
        """Tell what still fires."""
        self.env["kpi.alert.notice"]._wake("muted")
