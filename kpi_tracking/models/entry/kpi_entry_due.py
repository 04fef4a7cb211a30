from functools import partial
from zlib import crc32

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.actions import show_notification
from odoo.addons.kpi_base.engine.reminding import HOUR
from odoo.addons.kpi_base.formatting import format_day
from odoo.addons.kpi_base.repeat import repeat_late

from ..calendar.kpi_calendar import GRAINS
from ..fact.kpi_unit_mixin import label_periods
from .kpi_submission import STATES as ENTRY_STATES

STATES = [
    ("overdue", "Overdue"),
    ("due", "Due"),
    ("on_time", "Entered on Time"),
    ("late", "Entered Late"),
    ("known", "Imported or Synced"),
]
OPEN = ("due", "overdue")


class KpiEntryDue(models.Model):
    """Entries due from people and their state, read from duties, entries and values."""

    _name = "kpi.entry.due"
    _description = "Due KPI Entry"
    _auto = False
    _kpi_measurable = True
    _order = "due_date, id"
    _rec_name = "report_id"
    _depends = {
        "kpi.calendar": ["tz"],
        "kpi.definition": ["category_id", "calendar_id", "entry_mode"],
        "kpi.entry.duty": ["report_id", "user_id", "grain", "period_start", "due_date"],
        "kpi.measurement": ["report_id", "grain", "period_start"],
        "kpi.report": ["company_id", "definition_id", "department_id"],
        "kpi.submission": [
            "report_id",
            "grain",
            "period_start",
            "contributor_id",
            "state",
            "submitted_at",
            "is_current",
            "withdrawn_at",
        ],
    }

    report_id = fields.Many2one("kpi.report", "KPI", readonly=True)
    definition_id = fields.Many2one("kpi.definition", readonly=True)
    category_id = fields.Many2one("kpi.definition.category", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    department_id = fields.Many2one("hr.department", readonly=True)
    user_id = fields.Many2one("res.users", "Assigned To", readonly=True)
    grain = fields.Selection(GRAINS, "Period Length", readonly=True)
    period_start = fields.Date(readonly=True)
    period_stop = fields.Date("Period End", readonly=True)
    period_label = fields.Char("Period", compute="_compute_period_label")
    due_date = fields.Date("Due", readonly=True)
    is_past = fields.Boolean("Period Is Over", readonly=True, exportable=False)
    state = fields.Selection(STATES, "Status", readonly=True)
    entry_state = fields.Selection(ENTRY_STATES, "Entry Status", readonly=True)
    submission_id = fields.Many2one("kpi.submission", "Current Entry", readonly=True)
    submitted_at = fields.Datetime("Entered At", readonly=True)
    on_time_percent = fields.Float(
        "On Time (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Share of submitted or overdue entries that were submitted on time.",
        exportable=False,
    )
    can_enter = fields.Boolean(compute="_compute_can_enter", exportable=False)

    @property
    def _table_query(self):
        """Duties with their state; the first time that a value was handed in counts."""
        return SQL(
            """
            SELECT judged.*,
                   CASE judged.state WHEN 'on_time' THEN 100.0
                                     WHEN 'late' THEN 0.0
                                     WHEN 'overdue' THEN 0.0
                    END AS on_time_percent
              FROM (
                SELECT duty.id, duty.report_id, duty.user_id, duty.grain,
                       duty.period_start, duty.period_stop, duty.due_date,
                       report.definition_id, report.company_id, report.department_id,
                       definition.category_id, calendar.tz,
                       entry.submission_id, entry.submitted_at, entry.entry_state,
                       CASE
                         WHEN (entry.submitted_at AT TIME ZONE 'UTC'
                               AT TIME ZONE calendar.tz)::date <= duty.due_date
                         THEN 'on_time'
                         WHEN entry.submitted_at IS NOT NULL THEN 'late'
                         WHEN definition.entry_mode = 'one' AND fact.id IS NOT NULL
                         THEN 'known'
                         WHEN duty.due_date < (now() AT TIME ZONE calendar.tz)::date
                         THEN 'overdue'
                         ELSE 'due'
                       END AS state,
                       duty.period_stop
                           <= (now() AT TIME ZONE calendar.tz)::date AS is_past
                  FROM kpi_entry_duty AS duty
                  JOIN kpi_report AS report ON report.id = duty.report_id
                  JOIN kpi_definition AS definition
                    ON definition.id = report.definition_id
                  JOIN kpi_calendar AS calendar ON calendar.id = definition.calendar_id
             LEFT JOIN LATERAL (
                    SELECT min(submitted_at) FILTER (
                             WHERE state IN ('submitted', 'approved')) AS submitted_at,
                           max(id) FILTER (WHERE is_current) AS submission_id,
                           (array_agg(state ORDER BY id DESC)
                             FILTER (WHERE is_current))[1] AS entry_state
                      FROM kpi_submission
                     WHERE report_id = duty.report_id
                       AND grain = duty.grain
                       AND period_start = duty.period_start
                       AND COALESCE(contributor_id, duty.user_id) = duty.user_id
                       AND withdrawn_at IS NULL
                  ) AS entry ON TRUE
             LEFT JOIN kpi_measurement AS fact
                    ON fact.report_id = duty.report_id
                   AND fact.grain = duty.grain
                   AND fact.period_start = duty.period_start
              ) AS judged
            """
        )

    @api.depends("report_id", "grain", "period_start")
    def _compute_period_label(self):
        label_periods(self)

    @api.depends("report_id", "period_start")
    def _compute_display_name(self):
        for due in self:
            due.display_name = f"{due.report_id.name}, {due.period_label}"

    @api.depends_context("uid")
    @api.depends("report_id", "user_id")
    def _compute_can_enter(self):
        enterable = self.report_id._filter_enterable()
        for_others = enterable._filter_enterable_for_others()
        for due in self:
            allowed = enterable if due.user_id == self.env.user else for_others
            due.can_enter = due.report_id in allowed

    def action_enter(self):
        """Open the dialog for this entry; what was handed in; else what is due."""
        self.ensure_one()
        entered = self.state not in OPEN and self.submission_id
        if entered or not self.can_enter:
            return (entered or self).get_formview_action()
        action = self.report_id.action_enter_value()
        action["context"].update(
            default_day=self.period_start, default_contributor_id=self.user_id.id
        )
        return action

    @api.model
    def _cron_remind(self):
        """Update the entries due and remind people, each entry once per stage.

        One after the other: a run that ends too soon leaves the others to the next, two
        at once remind nobody twice, and who fails holds up nobody.
        """
        repeat_late(self.env, self.env["kpi.entry.duty"]._refresh)
        before, after = self._find_unreminded()
        people = (before | after).user_id
        steps = {f"reminder of {one}": (self._remind_person, one) for one in people}
        self.env["ir.cron"]._run_alone(steps)

    @api.model
    def _remind_person(self, person):
        before, after = self._find_unreminded(person)
        before.reminded_before_at = after.reminded_after_at = fields.Datetime.now()
        self.browse((before | after).ids)._queue_reminder(person, "kpi.entry.reminder")

    @api.model
    def _find_unreminded(self, person=None):
        """Duties to be reminded of now, before and after the day: of ``person``, or
        of all.
        """
        self.env.flush_all()
        (found,) = self.env.execute_query(
            SQL(
                """
                SELECT array_agg(duty.id) FILTER (
                         WHERE note.reminded_before_at IS NULL
                           AND company.kpi_remind_days_before > 0
                           AND today.day <= duty.due_date
                           AND today.day
                               >= duty.due_date - company.kpi_remind_days_before),
                       array_agg(duty.id) FILTER (
                         WHERE note.reminded_after_at IS NULL
                           AND company.kpi_remind_days_after > 0
                           AND today.day
                               >= duty.due_date + company.kpi_remind_days_after)
                  FROM (%(judged)s) AS duty
                  JOIN kpi_entry_duty AS note ON note.id = duty.id
                  JOIN res_company AS company ON company.id = duty.company_id
            CROSS JOIN LATERAL (
                    SELECT moment::date AS day, date_part('hour', moment) AS hour
                      FROM (SELECT now() AT TIME ZONE duty.tz AS moment) AS clock
                  ) AS today
                 WHERE duty.state = ANY(%(open)s)
                   AND today.hour >= %(hour)s
                   AND duty.user_id = COALESCE(%(person)s, duty.user_id)
                """,
                judged=self._table_query,
                open=list(OPEN),
                hour=HOUR,
                person=person and person.id,
            )
        )
        return [self.env["kpi.entry.duty"].browse(ids or ()) for ids in found]

    def _queue_reminder(self, user, cause):
        """Remind ``user`` of these entries, and of all due for past periods."""
        # As the receiver, in all their companies: only what they may see is told.
        own = self.with_user(user).with_context(
            lang=user.lang, allowed_company_ids=user.company_ids.ids
        )
        due = own.search(
            [
                ("user_id", "=", user.id),
                ("state", "in", OPEN),
                "|",
                ("id", "in", self.ids),
                ("is_past", "=", True),
            ]
        )
        if not due:
            return
        overdue = due.filtered(lambda one: one.state == "overdue")
        day = fields.Date.context_today(due.with_context(tz=user.tz))
        # Others may be asked for on the same day.
        which = f"{crc32(str(sorted(due.ids)).encode()):08x}"
        values = {
            "channel": "email",
            "key": f"{cause}/{user.id}/{day}/{which}",
            "user_id": user.id,
            "subject": due._build_reminder_subject(len(overdue)),
            "body": due.env["ir.qweb"]._render(
                "kpi_tracking.kpi_entry_reminder",
                {
                    "dues": due,
                    "overdue": overdue,
                    "url": due._url,
                    "day": partial(format_day, due.env),
                },
            ),
            "report_ids": due.report_id.ids,
            "company_id": due.company_id[:1].id,
        }
        due.env["kpi.delivery"]._queue([values])

    def _build_reminder_subject(self, overdue):
        if (count := len(self)) > 1 and overdue:
            return self.env._(
                "%(count)s KPI values to enter, %(overdue)s overdue",
                count=count,
                overdue=overdue,
            )
        if count > 1:
            return self.env._("%s KPI values to enter", count)
        if overdue:
            return self.env._("1 KPI value to enter, overdue")
        return self.env._("1 KPI value to enter")

    def _url(self, due=None):
        """Address of an entry, or of all that are due from the reader."""
        path = f"{self.browse().get_base_url()}/odoo/my-kpi-entries"
        return f"{path}/{due.id}" if due else path

    def action_remind(self):
        """Remind people of the entries chosen, by one message each."""
        dues = self.filtered(lambda due: due.state in OPEN)
        dues.report_id._check_remindable()
        return dues._remind()

    def _remind(self):
        for user, dues in self.grouped("user_id").items():
            dues._queue_reminder(user, f"kpi.entry.asked/{self.env.uid}")
        if not self:
            text = self.env._("No reminders sent: no entries are due.")
            return show_notification(text, type="info")
        names = ", ".join(self.user_id.mapped("name"))
        return show_notification(self.env._("Reminded: %s.", names))
