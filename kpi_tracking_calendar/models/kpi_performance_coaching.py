from odoo import SUPERUSER_ID, fields, models

EVENTS = {"coach_event_id": "coach_id", "employee_event_id": "employee_id"}
# Nobody is written to, nobody follows, and no details of people are added.
QUIET = {
    "dont_notify": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "no_mail_to_attendees": True,
    "skip_contact_description": True,
    "tracking_disable": True,
}


class KpiPerformanceCoaching(models.Model):
    """The next review, as a private appointment of its own for each of the two.

    One of both would show each in the other's calendar, and who organises it to
    everybody. What it is about stands in neither.
    """

    _inherit = "kpi.performance.coaching"

    coach_event_id = fields.Many2one(
        "calendar.event",
        "Coach's Appointment",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        index="btree_not_null",
        ondelete="set null",
    )
    employee_event_id = fields.Many2one(
        "calendar.event",
        "Employee's Appointment",
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        index="btree_not_null",
        ondelete="set null",
    )

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys().isdisjoint(("erased_at", "next_review_date", "state")):
            self._update_appointments(is_moved="next_review_date" in vals)
        return result

    def _update_appointments(self, is_moved=False):
        """Make the appointments as the coachings are.

        One that its person has deleted comes back when the day changes only.
        """
        # Each appointment is one person's; who writes the day is the other.
        for coaching in self.with_user(SUPERUSER_ID).with_context(**QUIET):
            is_planned = coaching.state != "draft" and coaching.next_review_date
            if is_planned and not coaching.is_over:
                coaching._set_appointments(is_moved)
            else:
                coaching._remove_appointments()

    def _set_appointments(self, is_moved):
        is_new = not (self.coach_event_id or self.employee_event_id)
        for name, person in EVENTS.items():
            values = self._prepare_appointment(self[person])
            if self[name]:
                self[name].write({name: values[name] for name in ("start", "stop")})
            elif is_moved or (is_new and self.state == "shared"):
                self[name] = self[name].create(values)

    def _prepare_appointment(self, person):
        env = self.with_context(lang=person.lang).env
        return {
            "name": env._("Private appointment"),
            "allday": True,
            "start": self.next_review_date,
            "stop": self.next_review_date,
            "privacy": "private",
            "show_as": "free",
            "user_id": person.id,
            "partner_ids": [fields.Command.set(person.partner_id.ids)],
        }

    def _remove_appointments(self):
        # As above.
        coachings = self.with_user(SUPERUSER_ID).with_context(**QUIET)
        for name in EVENTS:
            coachings[name].unlink()
