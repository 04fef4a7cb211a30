import secrets
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.kpi_base.engine.reminding import (
    DAYS_BEFORE,
    HOUR,
    REPEATED_DAYS,
    find_reminder_day,
)
from odoo.addons.kpi_base.repeat import repeat_late

# Somewhere it is tomorrow already, or yesterday still.
SOON = f"today +{DAYS_BEFORE + 1}d"
GONE = f"today -{REPEATED_DAYS + 1}d"


class KpiPerformanceCoaching(models.Model):
    """Messages to the two: that something waits on the overview, not what.

    The outbox is read by administrators, and phones show messages while locked. So
    neither names a coaching, its text or the other person.
    """

    _inherit = "kpi.performance.coaching"

    @api.model
    def _cron_remind(self):
        """Remind both of their next review, some days before and on the day.

        The key of a message is the person and the day for which it is: two runs at
        once, or one that is late, remind nobody twice.
        """
        repeat_late(self.env, self._remind_of_reviews)

    @api.model
    def _remind_of_reviews(self):
        near = Domain("next_review_date", "<=", SOON)
        near &= Domain("next_review_date", ">=", GONE)
        is_shared = Domain("state", "!=", "draft")
        for coaching in self.search(near & is_shared & self._is_going_on()):
            for person in coaching.coach_id | coaching.employee_id:
                day = coaching._find_day_to_remind(person)
                if day:
                    self._queue_notice(person, f"{person.id}/{day}")

    def _find_day_to_remind(self, person):
        """Day whose reminder it is time for; None at other times."""
        moment = fields.Datetime.context_timestamp(
            self.with_context(tz=person.tz or "UTC"), fields.Datetime.now()
        )
        if moment.hour < HOUR:
            return None
        return find_reminder_day(self.next_review_date, moment.date())

    def _notify(self, person):
        """Tell somebody that there is something new."""
        self._queue_notice(person, secrets.token_hex(8))

    @api.model
    def _queue_notice(self, person, key):
        # Words in the language of whoever reads them; what follows is the outbox's.
        person = person.sudo()
        env = self.with_context(lang=person.lang).env
        self.env["kpi.delivery"]._queue(
            [
                {
                    "key": f"kpi.home/notice/{key}",
                    "user_id": person.id,
                    "company_id": person.company_id.id,
                    "subject": env._("Something waits for you in KPIs"),
                    "body": Markup("<p>%s</p><p><a href='%s/odoo/kpi-home'>%s</a></p>")
                    % (
                        env._("The overview says what, once you have logged in."),
                        self.get_base_url(),
                        env._("Open Overview"),
                    ),
                }
            ]
        )

    @api.model
    def _find_reviews(self, days):
        """Find the user's reviews within some days."""
        me, today = self.env.uid, fields.Date.context_today(self)
        return (
            self._is_going_on()
            & Domain("state", "!=", "draft")
            & (Domain("coach_id", "=", me) | Domain("employee_id", "=", me))
            & Domain("next_review_date", ">=", today)
            & Domain("next_review_date", "<=", today + timedelta(days=days))
        )
