from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.reminding import DAYS_BEFORE, HOUR, is_reminder_due

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
        readonly=True,
        copy=False,
        exportable=False,
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
        """Remind people of what is due soon, today, or was due, one after the other.

        What is queued is noted in the same transaction: a run that breaks off, or two
        at once, remind nobody twice, the next goes on, and who fails holds up nobody.
        """
        steps = {
            key: (due._remind_person, key, person, today)
            for key, (person, today, due) in self._find_asked().items()
        }
        self.env["ir.cron"]._run_alone(steps)

    @api.model
    def _find_asked(self):
        """Whom it is time to remind: key of a message → person, day there, what is due.

        Who had a message that day gets what came later on the next.
        """
        near = self._get_waiting() & Domain(self._reminded_day, "<=", SOON)
        active = Domain(f"{self._reminded_person}.active", "=", True)
        waiting, asked = self.search(near & active), {}
        for person, records in waiting.grouped(self._reminded_person).items():
            now = fields.Datetime.context_timestamp(
                self.with_context(tz=person.tz or "UTC"), fields.Datetime.now()
            )
            today = now.date()
            days = {record: record[self._reminded_day] for record in records}
            if now.hour >= HOUR and any(
                is_reminder_due(day, today, record.reminded_on or None)
                for record, day in days.items()
            ):
                soon = today + timedelta(days=DAYS_BEFORE)
                due = records.filtered(
                    lambda one, days=days, last=soon: days[one] <= last
                )
                asked[f"{self._name}/{person.id}/{today}"] = person, today, due
        for queued in self.env["kpi.delivery"].search([("key", "in", list(asked))]):
            del asked[queued.key]
        return asked

    def _remind_person(self, key, person, today):
        """Queue a message about those of these that are still to be done."""
        still = self._get_waiting() & Domain(self._reminded_person, "=", person.id)
        waiting = self.search(still & Domain("id", "in", self.ids))
        # The subject is written for the person.
        own = waiting.with_user(person).with_context(lang=person.lang)
        values = {
            "key": key,
            "user_id": person.id,
            "company_id": waiting.company_id[:1].id,
            "subject": own._say_waiting(),
            "renderer": self._name,
            "lines": [{"res_model": self._name, "res_id": one.id} for one in waiting],
        }
        if waiting and self.env["kpi.delivery"]._queue([values]):
            waiting.reminded_on = today

    @api.model
    def _get_waiting(self):
        """The domain of what is still to be done."""
        raise NotImplementedError

    def _say_waiting(self):
        """The subject: how many these are, without a word of what they say."""
        raise NotImplementedError
