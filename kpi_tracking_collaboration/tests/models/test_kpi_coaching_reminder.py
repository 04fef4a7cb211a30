from datetime import datetime

from odoo.tests import tagged

from .coaching_case import SECRET, CoachingCase


@tagged("post_install", "-at_install")
class TestKpiCoachingReminder(CoachingCase):
    """Messages and what waits: for the two, and without a word on what it is."""

    def _notices(self):
        return self.env["kpi.delivery"].search(
            [("key", "like", "kpi.home/notice/")], order="id"
        )

    def _remind_at(self, moment):
        before = self._notices()
        with self._at(datetime.fromisoformat(moment)):
            self.coachings._cron_remind()
        return self._notices() - before

    def test_both_are_reminded_before_and_on_the_day(self):
        self._sign()  # review on 20 March
        self.assertFalse(self._remind_at("2026-03-16 12:00"))
        self.assertFalse(self._remind_at("2026-03-17 06:59"))
        sent = self._remind_at("2026-03-17 07:00")
        self.assertEqual(sent.user_id, self.coach | self.trainee)
        self.assertEqual(len(sent), 2)
        for moment in ("2026-03-17 08:00", "2026-03-18 08:00", "2026-03-19 23:00"):
            self.assertFalse(self._remind_at(moment))
        self.assertEqual(len(self._remind_at("2026-03-20 07:00")), 2)
        for moment in ("2026-03-20 09:00", "2026-03-26 09:00", "2026-05-20 09:00"):
            self.assertFalse(self._remind_at(moment))

    def test_what_was_missed_is_made_up_for_once(self):
        self._sign()
        self.assertEqual(len(self._remind_at("2026-03-19 08:00")), 2)
        self.assertEqual(len(self._remind_at("2026-03-22 08:00")), 2)
        self.assertFalse(self._remind_at("2026-03-23 08:00"))

    def test_several_on_a_day_are_one_message(self):
        self._sign()
        self._sign()
        self.assertEqual(len(self._remind_at("2026-03-20 08:00")), 2)

    def test_a_draft_an_erased_one_and_one_that_ended_remind_nobody(self):
        self._coach()
        self._own(self.hr, self._sign()).action_erase()
        self.assertFalse(self._remind_at("2026-03-20 08:00"))
        self._sign()
        self.trainee.active = False
        self.assertFalse(self._remind_at("2026-03-20 08:00"))

    def test_no_message_says_what_it_is_about(self):
        self._sign()
        sent = self._remind_at("2026-03-20 08:00")
        notices = self._notices()
        self.assertGreater(len(notices), len(sent))  # sharing and signing, too
        said = str(notices.sudo().read()) + str(notices._fields["renderer"])
        for word in (SECRET, "oaching", "entoring", "Revenue", "eview"):
            with self.subTest(word):
                self.assertNotIn(word, said)
        self.assertFalse(notices.sudo().line_ids)
        self.assertFalse(any(notices.mapped("res_model")))
        for notice in notices:
            others = (self.coach | self.trainee) - notice.user_id
            self.assertNotIn(others.name, notice.sudo().body)

    def test_who_is_told_when(self):
        before = self._notices()
        coaching = self._share()
        shared = self._notices() - before
        self.assertEqual(shared.user_id, self.trainee)
        self._own(self.trainee, coaching).action_sign()
        self.assertEqual((self._notices() - before - shared).user_id, self.coach)

    def _needs(self, user):
        items = self._own(user, self.env["kpi.home"]).get_needs()
        return [item for item in items if item["kind"] == "coaching"]

    def test_what_waits_for_whom(self):
        people = (self.coach, self.trainee, *self.others.values())
        coaching = self._coach(next_review_date=False)
        self.assertFalse([x for user in people for x in self._needs(user)])
        coaching.action_share()
        self.assertEqual([len(self._needs(user)) for user in people[:2]], [0, 1])
        (item,) = self._needs(self.trainee)
        self.assertEqual((item["model"], item["res_id"]), (coaching._name, coaching.id))
        self._own(self.trainee, coaching).action_sign()
        self.assertEqual([len(self._needs(user)) for user in people[:2]], [1, 0])
        coaching.action_sign()
        self.assertFalse([x for user in people for x in self._needs(user)])

    def test_reviews_to_come_wait_for_both(self):
        self._sign()
        with self._at(datetime(2026, 3, 12, 12)):
            self.assertFalse(self._needs(self.coach))
        with self._at(datetime(2026, 3, 15, 12)):
            for user in (self.coach, self.trainee):
                (item,) = self._needs(user)
                self.assertEqual(item["date"], "2026-03-20")
            self.assertFalse(self._needs(self.head))

    def test_what_waits_for_me_can_be_searched(self):
        coaching = self._share()
        mine = self._own(self.trainee, self.coachings)
        self.assertEqual(mine.search([("is_waiting_for_me", "=", True)]), coaching)
        self.assertFalse(mine.search([("is_waiting_for_me", "=", False)]))
        theirs = self._own(self.coach, self.coachings)
        self.assertEqual(theirs.search([("is_waiting_for_me", "=", False)]), coaching)
