import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.kpi_base.engine.periods import utc_bounds, zone
from odoo.addons.kpi_base.engine.tabular import write_csv
from odoo.addons.kpi_base.formatting import format_day

from .kpi_tat_view import FORMATS, NUMBERS

REPORTS = [
    ("kpi.tat.request.volume", "Priority Distribution"),
    ("kpi.tat.approver.performance", "Approver Performance"),
    ("kpi.tat.department.summary", "Departments"),
    ("kpi.tat.compliance", "Breaches"),
    ("kpi.tat.workflow.aging", "Aging"),
    ("kpi.tat.daily.metrics", "Daily and Weekly Trends"),
    ("kpi.tat.lifecycle", "Request Lifecycle"),
    ("kpi.tat.engagement", "Engagement"),
    ("kpi.tat.alert.summary", "Reminders"),
]
MOST_ROWS = 10  # a mail is read on the way; the file has the others
MOST_COLUMNS = 5


class KpiTatReportSchedule(models.Model):
    """Schedule by which a report on requests is mailed, and its recipients.

    It is about the period that ended last, or, of what is open, about the moment.
    """

    _name = "kpi.tat.report.schedule"
    _description = "Request Report Email"
    _inherit = ["kpi.mail.schedule"]
    _order = "report, id"
    _rec_names_search = ["report"]
    _mailed_field = "company_id"
    _mail_key = "tat-report"

    report = fields.Selection(REPORTS, required=True, default="kpi.tat.compliance")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        default=lambda self: self.env.uid,
        copy=False,
        ondelete="cascade",
    )
    # Uninstalling drops the tables of relations that the addon itself declares.
    user_ids = fields.Many2many()
    has_csv = fields.Boolean("With CSV File")

    @api.depends_context("lang")
    @api.depends("report")
    def _compute_display_name(self):
        names = dict(self._fields["report"]._description_selection(self.env))
        for schedule in self:
            schedule.display_name = names.get(schedule.report)

    def _calendar(self):
        company = self.company_id or self.env.company
        # Whoever sends it need not be allowed to read calendars.
        return self.env["kpi.calendar"].sudo()._find_company_default(company)

    def action_send_to_me(self):
        self.ensure_one()
        self.check_access("read")
        if not self._find_rows_of(self.env.user):
            raise UserError(self.env._("No rows you can access in this period."))
        return super().action_send_to_me()

    def _queue_due(self, mails=None):
        """As above, once the day has come for the company, whose days reports count."""
        if self._latest_day() > self._find_company_today():
            return False
        return super()._queue_due(mails)

    def _get_company_zone(self):
        """The time zone by whose days reports count."""
        # It is no secret.
        return self.company_id.sudo().partner_id.tz or "UTC"

    def _find_company_today(self):
        now = fields.Datetime.now().replace(tzinfo=UTC)
        return now.astimezone(zone(self._get_company_zone())).date()

    def _find_period(self):
        """The period that ended last for the company, as the schedule counts them."""
        calendar = self._calendar()
        running = calendar._period(self.frequency, self._find_company_today())
        return calendar._period(self.frequency, running.start - timedelta(days=1))

    def _find_rows_of(self, user):
        """Rows of the report as a receiver sees them: by their rights and language."""
        view = self.env[self.report]
        if not user.active or self.company_id not in user.company_ids:
            return view
        # Asked as the receiver, in the company that the report is about.
        own = view.with_user(user).with_context(
            allowed_company_ids=self.company_id.ids, lang=user.lang, tz=user.tz
        )
        if not own.has_access("read"):
            return own
        if not own._is_of_moment:
            # The same for all receivers, wherever they are.
            spec = replace(self._calendar()._spec(), tz=self._get_company_zone())
            moments = utc_bounds(spec, self._find_period())
            start, stop = map(fields.Datetime.to_string, moments)
            own = own.with_context(kpi_tat_date_from=start, kpi_tat_date_to=stop)
        return own.search(own._mailed_domain)

    def _group_by_visibility(self, users):
        found = {}
        for user in users:
            rows = self._find_rows_of(user)
            if rows:
                print_ = hashlib.sha256()
                for line in rows._iterate_file_lines():
                    print_.update(write_csv([line]))
                seen = SeenReport(print_.hexdigest(), rows)
                found.setdefault((seen, user.lang), []).append(user)
        return found

    def _mail(self, seen, user):
        rows = seen.rows
        number = rows._say_number()
        is_too_long = self.has_xlsx and not rows._fits_xlsx()
        body = rows.env["ir.qweb"]._render(
            "kpi_workflow_tat.kpi_tat_report_mail",
            {
                "title": self.with_env(rows.env).display_name,
                "period": self._say_period(rows),
                "number": number,
                **self._prepare_table(rows),
                "more": max(len(rows) - MOST_ROWS, 0),
                "is_too_long": is_too_long,
                "url": self._url(rows._screen_path),
                "leave_url": self._url(f"tat-report-mails/{self.id}"),
            },
        )
        subject = rows.env._(
            "%(report)s: %(number)s, %(period)s",
            report=self.with_env(rows.env).display_name,
            number=number,
            period=self._say_period(rows),
        )
        formats = [name for name in FORMATS if self[f"has_{name}"]]
        if is_too_long:
            formats.remove("xlsx")
        files = [rows._write_file(name) for name in formats]
        return {
            "subject": subject,
            "body": body,
            "fingerprint": seen.fingerprint,
            "attachment_ids": self._attachments(files).ids,
        }

    def _say_period(self, rows):
        """The days that the report is about, in words."""
        if rows._is_of_moment:
            return format_day(rows.env, self._find_company_today())
        period = self._find_period()
        last = period.stop - timedelta(days=1)
        if last == period.start:
            return format_day(rows.env, last)
        return rows.env._(
            "%(first)s to %(last)s",
            first=format_day(rows.env, period.start),
            last=format_day(rows.env, last),
        )

    @staticmethod
    def _prepare_table(rows):
        """The first rows with as many columns as fit a phone."""
        names, _heads = rows._get_file_heads()
        shown = [name for name in rows._mailed_columns if name in names]
        names = shown[:MOST_COLUMNS]
        is_number = [rows._fields[name].type in NUMBERS for name in names]
        return {
            "heads": [*zip(rows._name_columns(names), is_number, strict=True)],
            "lines": [
                [
                    ("–" if value is None else value, right)
                    for value, right in zip(values, is_number, strict=True)
                ]
                for values in rows[:MOST_ROWS]._get_file_rows(names)
            ],
        }


@dataclass(frozen=True)
class SeenReport:
    """What somebody sees of a report; equal where it says the same.

    :ivar fingerprint: of all that its files say
    :ivar rows: with the rights and the language of one of those who see the same
    """

    fingerprint: str
    rows: Any = field(compare=False)
