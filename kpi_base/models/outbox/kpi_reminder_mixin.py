from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.reminding import DAYS_BEFORE, HOUR, is_reminder_due
from ...repeat import repeat_late

SOON = f"today +{DAYS_BEFORE + 1}d"  # somewhere it is tomorrow already


class KpiReminderMixin(models.AbstractModel):
    """People are reminded of what they have to do by a day: some days before, on the
    day, and each week after.

    One message per person and day is about all of it. A cron of the model calls
    ``_cron_remind`` each hour, ``_render_delivery`` of the model writes the message.
    """

    _name = "kpi.reminder.mixin"
    _description = "Reminder"
    # Names of fields: who has to do it, and by when.
    _reminded_person = None
    _reminded_day = None

    reminded_on = fields.Date(
        readonly=True, copy=False, exportable=False, help="Day of the last reminder."
    )

    def write(self, vals):
        """Somebody else who is to do it has not been reminded yet."""
        given = vals.get(self._reminded_person)
        passed_on = self.filtered(
            lambda record: given and record[self._reminded_person].id != given
        )
        result = super().write(vals)
        # The right to give it to them was checked; only the cron writes the day.
        passed_on.sudo().filtered("reminded_on").reminded_on = False
        return result

    @api.model
    def _cron_remind(self):
        """Remind people of what is due soon, today, or was due.

        What is queued is noted in the same transaction: a run that breaks off, or two
        at once, remind nobody twice.
        """
        repeat_late(self.env, self._remind)

    @api.model
    def _remind(self):
        near = self._get_waiting() & Domain(self._reminded_day, "<=", SOON)
        active = Domain(f"{self._reminded_person}.active", "=", True)
        waiting = self.search(near & active)
        for person, records in waiting.grouped(self._reminded_person).items():
            now = fields.Datetime.context_timestamp(
                self.with_context(tz=person.tz or "UTC"), fields.Datetime.now()
            )
            soon = now.date() + timedelta(days=DAYS_BEFORE)
            if now.hour >= HOUR:
                due = records.filtered(
                    lambda record, soon=soon: record[self._reminded_day] <= soon
                )
                due._remind_person(person, now.date())

    def _remind_person(self, person, today):
        """Queue a message, if it is time for one of these."""
        is_asked = any(
            is_reminder_due(
                record[self._reminded_day], today, record.reminded_on or None
            )
            for record in self
        )
        if not is_asked:
            return
        # The subject is written for the person.
        own = self.with_user(person).with_context(lang=person.lang)
        queued = self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"{self._name}/{person.id}/{today}",
                    "user_id": person.id,
                    "company_id": self.company_id[:1].id,
                    "subject": own._say_waiting(),
                    "renderer": self._name,
                    "lines": [
                        {"res_model": self._name, "res_id": record.id}
                        for record in self
                    ],
                }
            ]
        )
        if queued:  # else the person had today's message, and gets this one tomorrow
            self.reminded_on = today

    @api.model
    def _get_waiting(self):
        """The domain of what is still to be done."""
        raise NotImplementedError

    def _say_waiting(self):
        """The subject: how many these are, without a word of what they say."""
        raise NotImplementedError
