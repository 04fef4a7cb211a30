from zlib import crc32

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.kpi_base.engine.reminding import HOUR
from odoo.addons.kpi_base.repeat import repeat_late

from .kpi_entry_due import OPEN


class KpiEntryDue(models.Model):
    """Reminders: one message per person with all their entries due."""

    _inherit = "kpi.entry.due"

    @api.model
    def _cron_remind(self):
        """Update the entries due and remind people, each entry once per stage.

        Whatever is queued is noted in the same transaction: a run that breaks off, or
        two at once, remind nobody twice.
        """
        repeat_late(self.env, self._refresh_and_remind)

    @api.model
    def _refresh_and_remind(self):
        self.env["kpi.entry.duty"]._refresh()
        self._run_reminders("before", "after")

    @api.model
    def _run_reminders(self, *stages):
        asked = self.browse()
        for stage in stages:
            duties = self._find_unreminded(stage)
            duties[f"reminded_{stage}_at"] = fields.Datetime.now()
            asked |= self.browse(duties.ids)
        for user, dues in asked.grouped("user_id").items():
            dues._queue_reminder(user, "kpi.entry.reminder")

    @api.model
    def _find_unreminded(self, stage):
        """Duties about which people are to be reminded now, ``before`` or ``after``."""
        self.env.flush_all()
        is_time = {
            "before": SQL(
                "today.day <= duty.due_date"
                " AND today.day >= duty.due_date - company.kpi_remind_days_before"
            ),
            "after": SQL("today.day >= duty.due_date + company.kpi_remind_days_after"),
        }[stage]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT duty.id
                  FROM (%(judged)s) AS duty
                  JOIN kpi_entry_duty AS note ON note.id = duty.id
                  JOIN res_company AS company ON company.id = duty.company_id
                  JOIN kpi_definition AS definition
                    ON definition.id = duty.definition_id
                  JOIN kpi_calendar AS calendar
                    ON calendar.id = definition.calendar_id
            CROSS JOIN LATERAL (
                    SELECT moment::date AS day, date_part('hour', moment) AS hour
                      FROM (SELECT now() AT TIME ZONE calendar.tz AS moment) AS clock
                  ) AS today
                 WHERE duty.state = ANY(%(open)s)
                   AND %(is_noted)s IS NULL
                   AND %(days)s > 0
                   AND today.hour >= %(hour)s
                   AND %(is_time)s
                """,
                judged=self._duty_states_sql(),
                open=list(OPEN),
                is_noted=SQL.identifier("note", f"reminded_{stage}_at"),
                days=SQL.identifier("company", f"kpi_remind_days_{stage}"),
                hour=HOUR,
                is_time=is_time,
            )
        )
        return self.env["kpi.entry.duty"].browse(row_id for (row_id,) in rows)

    def _queue_reminder(self, user, cause):
        """Remind ``user`` of these entries, and of all due for past periods.

        Read as the receiver: what they may not see is not in the message.
        """
        # As the receiver, in all their companies.
        own = self.with_user(user).with_context(
            lang=user.lang, allowed_company_ids=user.company_ids.ids
        )
        due = own.search(
            [
                ("user_id", "=", user.id),
                ("state", "in", OPEN),
                "|",
                ("id", "in", self.ids),
                ("period_stop", "<=", fields.Date.today()),
            ]
        )
        return due._queue_list(user, cause) if due else self.env["kpi.delivery"]

    def _queue_list(self, user, cause):
        day = fields.Date.context_today(self.with_context(tz=user.tz))
        overdue = self.filtered(lambda due: due.state == "overdue")
        return self.env["kpi.delivery"]._queue(
            [
                {
                    "channel": "email",
                    "key": f"{cause}/{user.id}/{day}/{self._fingerprint()}",
                    "user_id": user.id,
                    "subject": self._reminder_subject(len(overdue)),
                    "body": self.env["ir.qweb"]._render(
                        "kpi_tracking.kpi_entry_reminder",
                        {"dues": self, "overdue": overdue, "url": self._url},
                    ),
                    "report_ids": self.report_id.ids,
                    "company_id": self.company_id[:1].id,
                }
            ]
        )

    def _fingerprint(self):
        """A short name of these entries: others may be asked for on the same day."""
        return f"{crc32(str(sorted(self.ids)).encode()):08x}"

    def _reminder_subject(self, overdue_count):
        count = len(self)
        if count == 1:
            return (
                self.env._("1 KPI value to enter, overdue")
                if overdue_count
                else self.env._("1 KPI value to enter")
            )
        if overdue_count:
            return self.env._(
                "%(count)s KPI values to enter, %(overdue)s overdue",
                count=count,
                overdue=overdue_count,
            )
        return self.env._("%s KPI values to enter", count)

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
        people = self.user_id
        for user, dues in self.grouped("user_id").items():
            dues._queue_reminder(user, f"kpi.entry.asked/{self.env.uid}")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if people else "info",
                "message": self._build_reminder_summary(people),
            },
        }

    def _build_reminder_summary(self, people):
        if not people:
            return self.env._("No entries are due, so no reminders were sent.")
        return self.env._("Reminded: %s.", ", ".join(people.mapped("name")))
