import logging
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain

from odoo.addons.kpi_base.actions import CLOSE, show_notification
from odoo.addons.kpi_base.engine.formatting import percent_text
from odoo.addons.kpi_base.failure import try_alone
from odoo.addons.kpi_base.formatting import reader_table
from odoo.addons.kpi_base.repeat import repeat_late
from odoo.addons.kpi_base.roles import MANAGER

_logger = logging.getLogger(__name__)
LONGEST_DELAY = {"day": 1, "week": 7, "month": 28, "quarter": 28, "year": 28}


@dataclass(frozen=True)
class Worst:
    """The KPI that a subject tells of.

    :param value: in three digits, with its unit
    :param percent: how far it is from its target; empty where that says nothing
    :param is_to_date: its target is what is due so far
    """

    name: str
    value: str
    percent: str
    is_below: bool
    is_to_date: bool = False


class KpiMailSchedule(models.AbstractModel):
    """Schedule by which something with KPIs is mailed, and its recipients.

    Each receiver gets the KPIs that they may see; who sees none gets nothing. A model
    says by ``_mailed_field`` what it mails, by ``_group_by_visibility`` who sees the
    same of it, by ``_mail`` what the mail says.
    """

    _name = "kpi.mail.schedule"
    _description = "KPI Email Schedule"
    _inherit = ["kpi.input.mixin", "kpi.readonly.mixin"]
    _mailed_field = None  # name of the many2one to what is mailed
    _mail_key = None  # first part of the keys of its messages

    active = fields.Boolean(default=True)
    frequency = fields.Selection(
        [
            ("day", "Every Day"),
            ("week", "Every Week"),
            ("month", "Every Month"),
            ("quarter", "Every Quarter"),
            ("year", "Every Year"),
        ],
        "Sent",
        required=True,
        default="month",
    )
    delay_days = fields.Integer(
        "Days After Period End",
        default=1,
        required=True,
        help="1 means the first day after the period.",
    )
    hour = fields.Integer(
        default=7, required=True, help="In each recipient's time zone."
    )
    user_ids = fields.Many2many(
        "res.users",
        string="Recipients",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    has_pdf = fields.Boolean("With PDF", default=True)
    has_xlsx = fields.Boolean("With Excel File")
    active_since = fields.Datetime(
        readonly=True, default=fields.Datetime.now, required=True, copy=False
    )
    last_day = fields.Date("Last Sent", readonly=True, copy=False)
    # id of the last receiver on that day so far; 0 = that was the last of all
    reached_user = fields.Integer(readonly=True, copy=False, exportable=False)
    next_day = fields.Date("Next", compute="_compute_next_day")
    is_mine = fields.Boolean(compute="_compute_is_mine")

    _hour_range = models.Constraint(
        "CHECK (hour BETWEEN 0 AND 23)", "The hour must be between 0 and 23."
    )

    @api.depends(lambda self: [f"{self._mailed_field}.name"])
    def _compute_display_name(self):
        for schedule in self:
            schedule.display_name = schedule[self._mailed_field].name

    @api.depends("frequency", "delay_days", "last_day", "active_since")
    def _compute_next_day(self):
        for schedule in self:
            calendar = schedule._calendar()
            period = calendar._period(schedule.frequency, calendar._today())
            day = schedule._day_after(period.start)
            if day < calendar._today() or day == schedule.last_day:
                day = schedule._day_after(period.stop)
            schedule.next_day = day

    @api.depends_context("uid")
    @api.depends("user_ids")
    def _compute_is_mine(self):
        for schedule in self:
            schedule.is_mine = self.env.user in schedule.user_ids

    @api.constrains("frequency", "delay_days")
    def _check_delay(self):
        for schedule in self:
            most = LONGEST_DELAY[schedule.frequency]
            if not 1 <= schedule.delay_days <= most:
                raise ValidationError(
                    self.env._(
                        "Days After Period End: enter 1 to %(most)s (before the "
                        "next period ends), not %(days)s.",
                        most=most,
                        days=schedule.delay_days,
                    )
                )

    @api.constrains("user_ids")
    def _check_receivers(self):
        for schedule in self:
            schedule._check_are_employees(schedule.user_ids)

    def _check_are_employees(self, users):
        if outside := users.filtered("share"):
            raise ValidationError(
                self.env._(
                    "%s: only employees can receive KPIs by email.",
                    ", ".join(outside.mapped("name")),
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        schedules = super().create(vals_list)
        schedules._check_may_add(schedules.user_ids)
        return schedules

    def write(self, vals):
        before = {schedule: schedule.user_ids for schedule in self}
        result = super().write(vals)
        for schedule, users in before.items():
            schedule._check_may_add(schedule.user_ids - users)
        if vals.get("active"):
            # Written by the engine: what was due while it slept is not sent now.
            self.sudo().active_since = fields.Datetime.now()
        return result

    def _check_may_add(self, users):
        """Refuse mail to others by those who lead nobody.

        Not a constraint: those are checked as superuser.
        """
        others = users - self.env.user
        if others and not self.env.su and not self.env.user.has_group(MANAGER):
            raise ValidationError(
                self.env._(
                    "You can only add yourself. Ask a KPI manager to add colleagues."
                )
            )

    def action_leave(self):
        """Take the user off the receivers; the last one stops the mail."""
        self.ensure_one()
        self.check_access("read")
        # Receivers may not change the schedule, but stop getting it.
        schedule = self.sudo()
        if self.env.user not in schedule.user_ids:
            raise UserError(self.env._("You are not subscribed to this email."))
        schedule._leave(self.env.user)
        said = self.env._("You will no longer receive this email.")
        return show_notification(said, next=CLOSE)

    def _leave(self, users):
        """Take people off the receivers; without any the email stops."""
        self.write({"user_ids": [Command.unlink(user.id) for user in users]})
        self.filtered(lambda schedule: not schedule.user_ids).active = False

    def action_send_to_me(self):
        """Mail the user what it says now."""
        self.ensure_one()
        self.check_access("read")
        # The outbox and its files are the engine's; KPIs are read as the user.
        if not self.sudo()._queue_now(self.env.user):
            raise UserError(
                self.env._("You do not have access to any KPI in this email.")
            )
        return show_notification(self.env._("Sending the email to you."))

    def _queue_now(self, users):
        """Queue what it says now; the new deliveries, none for who sees no KPI."""
        leaves = dict.fromkeys(users)
        groups = self._group_by_visibility(leaves)
        return self._queue_groups(groups, leaves, uuid4().hex)

    def _cron_queue(self):
        """Queue the mails whose time has come."""
        schedules = self.search(Domain.TRUE)
        crons, count = self.env["ir.cron"], len(schedules)
        left = crons._commit_progress(remaining=count)
        for place, schedule in enumerate(schedules, start=1):
            # What several receivers see alike is written once.
            mails, is_left = {}, True
            while is_left:
                try:
                    is_left = repeat_late(self.env, schedule._queue_due, mails)
                except Exception:
                    self.env.cr.rollback()
                    _logger.exception("Mail of %s", schedule)
                    is_left = False
                left = crons._commit_progress(1, remaining=count - place + is_left)
                if not left:
                    return

    def _queue_due(self, mails=None):
        """Queue the latest mail for the next receiver, once the first one's hour is.

        What was missed for longer than a period is not caught up with.

        :param mails: dict of what was written for others
        :return: whether there are other receivers
        """
        if not self.try_lock_for_update():
            return False
        day, new = self._latest_day(), {}
        for user in self.user_ids.sorted("id"):
            zone = ZoneInfo(user.tz or self._calendar().tz)
            local = datetime.combine(day, time(self.hour), zone)
            leaves_at = local.astimezone(UTC).replace(tzinfo=None)
            if leaves_at > self.active_since:
                new[user] = leaves_at
        reached = self.reached_user if day == self.last_day else -1
        if not reached or not new or min(new.values()) > fields.Datetime.now():
            return False
        waiting = [user for user in new if user.id > reached]
        self.last_day = day
        self.reached_user = waiting[0].id if len(waiting) > 1 else 0
        for user in waiting[:1]:
            # The mail tells what has changed since the last one. Whose cannot be
            # written does not hold up the others.
            mail = {user: new[user]}, day.isoformat(), mails
            if error := try_alone(self.env, self._queue_mails, *mail):
                _logger.error("No mail of %s to user %s", self, user.id, exc_info=error)
        return len(waiting) > 1

    def _latest_day(self):
        """The last day on which this was to be sent."""
        calendar = self._calendar()
        today = calendar._today()
        period = calendar._period(self.frequency, today)
        day = self._day_after(period.start)
        if day <= today:
            return day
        before = calendar._period(self.frequency, period.start - timedelta(days=1))
        return self._day_after(before.start)

    def _day_after(self, stop):
        """Day on which the mail of the period that ends before ``stop`` is sent."""
        return stop + timedelta(days=self.delay_days - 1)

    def _calendar(self):
        company = self[self._mailed_field].company_id or self.env.company
        return self.env["kpi.calendar"]._find_company_default(company)

    def _queue_mails(self, leaves, key, mails=None):
        """Put a mail for each receiver into the outbox.

        :param leaves: dict receiver → when it leaves (UTC; None = now)
        :param key: what makes it another mail than the last
        :param mails: dict of those that were written before, by what is seen
        :return: the new deliveries; none for who sees no KPI
        """
        groups = self._news(self._group_by_visibility(leaves))
        return self._queue_groups(groups, leaves, key, mails)

    def _queue_groups(self, groups, leaves, key, mails=None):
        """As :meth:`_queue_mails`, for what :meth:`_group_by_visibility` found.

        What no stored schedule asked for is about what is mailed itself.
        """
        about = self if self.id else self[self._mailed_field]
        queued, mails = self.env["kpi.delivery"], {} if mails is None else mails
        for group, users in groups.items():
            mail = mails.get(group) or self._mail(group[0], users[0])
            # Its files are gone should this transaction be undone.
            self.env.cr.postcommit.add(partial(mails.setdefault, group, mail))
            queued |= queued._queue(
                [
                    {
                        **mail,
                        "key": f"{self._mail_key}:{self.id or 0}:{user.id}:{key}",
                        "lane": "bulk",
                        "res_model": about._name,
                        "res_id": about.id,
                        "user_id": user.id,
                        "scheduled_at": leaves[user],
                    }
                    for user in users
                ]
            )
        return queued

    def _group_by_visibility(self, users):
        """Receivers by what they may see of it, and by language.

        :return: dict (anything that says what is seen, language) → list of users
        """
        raise NotImplementedError

    def _news(self, groups):
        """Those ``groups`` that are worth a mail: all."""
        return groups

    def _mail(self, seen, user):
        """Write the mail: ``subject``, ``body``, ``report_ids``, ``attachment_ids``.

        :param user: one of those who see the same
        """
        raise NotImplementedError

    def _subject_of(self, name, count, worst):
        """The number that matters most: of the KPI furthest from its target.

        :param name: of what is mailed
        :param count: KPIs that have a target
        :param worst: ``Worst``, or None where all are on track
        """
        if not count:
            return self.env._("%s: no KPI has a target yet", name)
        if not worst and count == 1:
            return self.env._("%s: 1 KPI on track", name)
        if not worst:
            return self.env._(
                "%(table)s: all %(count)s KPIs on track", table=name, count=count
            )
        return self.env._(
            "%(table)s: %(kpi)s %(value)s, %(gap)s",
            table=name,
            kpi=worst.name,
            value=worst.value,
            gap=self._describe_gap(worst),
        )

    def _describe_gap(self, worst):
        if not worst.percent:
            return self.env._("off target")
        percent = percent_text(reader_table(self.env), worst.percent)
        if worst.is_to_date and worst.is_below:
            return self.env._("%s below target to date", percent)
        if worst.is_to_date:
            return self.env._("%s above target to date", percent)
        if worst.is_below:
            return self.env._("%s below target", percent)
        return self.env._("%s above target", percent)

    def _attachments(self, files):
        """Files (name, content) that the outbox drops with the last mail."""
        return self.env["ir.attachment"].create(
            [
                {"name": name, "raw": content, "res_model": "kpi.delivery"}
                for name, content in files
            ]
        )

    def _url(self, path):
        return f"{self.get_base_url()}/odoo/{path}"
