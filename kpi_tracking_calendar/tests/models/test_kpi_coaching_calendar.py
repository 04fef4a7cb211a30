from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.kpi_tracking_collaboration.tests.models.coaching_case import (
    SECRET,
    CoachingCase,
)

NAME = "Private appointment"


@tagged("post_install", "-at_install")
class TestKpiCoachingCalendar(CoachingCase):
    """The next review in both calendars, and what others see of it."""

    def _events(self):
        return self.env["calendar.event"].search([("name", "=", NAME)])

    def test_once_shared_both_have_an_appointment_of_their_own(self):
        draft = self._coach()
        self.assertFalse(self._events())
        draft.action_share()
        events = self._events()
        self.assertEqual(events.user_id, self.coach | self.trainee)
        for event in events:
            self.assertEqual(event.partner_ids, event.user_id.partner_id)
            self.assertEqual(event.attendee_ids.partner_id, event.user_id.partner_id)
            self.assertEqual(
                (event.start_date, event.allday), (date(2026, 3, 20), True)
            )
            self.assertEqual(event.privacy, "private")
            self.assertFalse(event.description)
            self.assertFalse(event.res_id)
        # What was read as superuser is forgotten: Odoo hides private appointments.
        owners = {event.id: event.user_id for event in events}
        for event_id, owner in owners.items():
            self.env.invalidate_all()
            own = self._own(owner, events.browse(event_id))
            self.assertEqual(own.display_name, NAME)

    def test_others_see_busy_only(self):
        self._share()
        for event in self._events():
            other = (self.coach | self.trainee) - event.user_id
            for user in (other, self.hr, *self.others.values()):
                with self.subTest(user.name, whose=event.user_id.name):
                    own = self._own(user, event)
                    self.env.invalidate_all()
                    self.assertEqual(own.display_name, "Busy")
                    (values,) = own.read(["name", "description", "partner_ids"])
                    self.assertEqual(values["name"], "Busy")
                    self.assertFalse(values["description"] or values["partner_ids"])
                    with self.assertRaises(UserError):
                        own.write({"name": "Mine"})

    def test_nothing_says_what_it_is_about(self):
        coaching = self._share()
        events = self._events()
        said = str(events.read()) + str(events.message_ids.read(["body", "subject"]))
        for word in (SECRET, "oaching", "entoring", "Revenue"):
            self.assertNotIn(word, said)
        for event in events:
            others = (self.coach | self.trainee) - event.user_id
            people = event.partner_ids | event.message_partner_ids
            self.assertNotIn(others.partner_id, people)
        for user in (self.coach, self.trainee, self.admin):
            with self.assertRaises(AccessError):
                self._own(user, coaching).read(["coach_event_id"])

    def test_nobody_is_written_to(self):
        mails = self.env["mail.mail"].search([])
        coaching = self._share(next_review_date="2100-03-20")
        coaching.next_review_date = "2100-04-20"
        self.assertEqual(self.env["mail.mail"].search([]), mails)
        notices = self._events().message_ids.notification_ids
        self.assertFalse(notices)

    def test_it_moves_and_goes_with_the_day(self):
        coaching = self._share()
        events = self._events()
        coaching.next_review_date = "2026-04-02"
        self.assertEqual(set(events.mapped("start_date")), {date(2026, 4, 2)})
        self.assertEqual(self._events(), events)
        coaching.next_review_date = False
        self.assertFalse(self._events())
        coaching.next_review_date = "2026-04-09"
        self.assertEqual(len(self._events()), 2)

    def test_signing_leaves_what_somebody_deleted_deleted(self):
        coaching = self._share()
        mine = self._events().filtered(lambda event: event.user_id == self.trainee)
        self._own(self.trainee, mine).unlink()
        self._own(self.trainee, coaching).action_sign()
        coaching.action_sign()
        self.assertEqual(self._events().user_id, self.coach)

    def test_it_ends_when_texts_are_erased_or_somebody_leaves(self):
        self._own(self.hr, self._sign()).action_erase()
        self.assertFalse(self._events())
        self._share(next_review_date="2100-03-20")
        self.assertEqual(len(self._events()), 2)
        self.trainee.active = False
        self.assertFalse(self._events())
        self.trainee.active = True
        self.assertEqual(len(self._events()), 2)
