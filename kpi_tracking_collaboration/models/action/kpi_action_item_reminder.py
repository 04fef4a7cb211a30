from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.repeat import repeat_late

from ...engine.reminding import DAYS_BEFORE, is_reminder_due
from .kpi_action_item_status import OPEN

REMINDER_HOUR = 7  # local time of the person, from which on they are reminded
SOON = f"today +{DAYS_BEFORE + 1}d"  # somewhere it is tomorrow already


class KpiActionItem(models.Model):
    """Reminders: one message per person and day about all that they have to do."""

    _inherit = "kpi.action.item"

    reminded_on = fields.Date(
        readonly=True, copy=False, exportable=False, help="Day of the last reminder."
    )

    @api.model
    def _cron_remind(self):
        """Remind people of what is due soon, today, or was due.

        What is queued is noted in the same transaction: a run that breaks off, or two
        at once, remind nobody twice.
        """
        repeat_late(self.env, self._remind)

    @api.model
    def _remind(self):
        near = Domain("status", "in", OPEN) & Domain("due_date", "<=", SOON)
        active = Domain("assigned_to.active", "=", True)
        for person, items in self.search(near & active).grouped("assigned_to").items():
            now = fields.Datetime.context_timestamp(
                self.with_context(tz=person.tz or "UTC"), fields.Datetime.now()
            )
            soon = now.date() + timedelta(days=DAYS_BEFORE)
            if now.hour >= REMINDER_HOUR:
                due = items.filtered(lambda item, soon=soon: item.due_date <= soon)
                due._remind_person(person, now.date())

    def _remind_person(self, person, today):
        """Queue a message, if it is time for one of these."""
        is_asked = any(
            is_reminder_due(item.due_date, today, item.reminded_on or None)
            for item in self
        )
        if not is_asked:
            return
        self.reminded_on = today
        # The subject is written for the person.
        own = self.with_user(person).with_context(lang=person.lang)
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"kpi.action.item/{person.id}/{today}",
                    "user_id": person.id,
                    "company_id": self.company_id[:1].id,
                    "subject": own.env._("KPI actions to do: %s", len(self)),
                    "renderer": self._name,
                    "lines": [
                        {"res_model": self._name, "res_id": item.id} for item in self
                    ],
                }
            ]
        )
