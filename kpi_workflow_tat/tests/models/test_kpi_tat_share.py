from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .group_case import GroupCase
from .tat_case import utc


@tagged("post_install", "-at_install")
class TestKpiTatShare(GroupCase):
    """Time of groups, and of holds that were entered later."""

    def test_the_time_is_the_groups_until_somebody_claims_it(self):
        request = self._ask_group()
        ann, bo = self._get_rows(request)
        self.assertTrue(ann.is_of_group and bo.is_of_group)
        self.assertFalse(self._get_row(request, self.cy).is_of_group)
        self.assertTrue(request.with_user(self.bo).can_claim)
        with self._at("2026-03-23 14:00:00"):
            request.with_user(self.bo).action_claim()
        self.assertEqual((ann.clock, bo.clock), ("stopped", "running"))
        self.assertEqual(ann.decision, "closed")
        self.assertFalse(ann.decided_at)
        self.assertEqual(ann.own_seconds, 0)
        self.assertFalse(request.with_user(self.ann).can_decide)
        self.assertTrue(request.with_user(self.bo).can_hand_back)
        self.assertFalse(request.with_user(self.bo).can_claim)
        # the clock itself goes on
        self.assertEqual(bo.due_at, utc("2026-03-24 10:00"))
        with self._at("2026-03-23 15:30:00"):
            request.with_user(self.bo).action_approve()
        self.assertEqual(bo.elapsed_seconds, 2.5 * 3600)
        self.assertEqual((bo.taken_over_seconds, bo.own_seconds), (3600, 5400))
        text = bo.split.replace("\u202f", " ")
        self.assertEqual(text, "Group 1 h, Bo 1 h 30 min")

    def test_what_is_handed_back_is_the_groups_again(self):
        request = self._ask_group()
        ann, bo = self._get_rows(request)
        with self._at("2026-03-23 14:00:00"):
            request.with_user(self.bo).action_claim()
        with self._at("2026-03-23 15:00:00"):
            request.with_user(self.bo).action_hand_back()
        self.assertEqual((ann.clock, bo.clock), ("running", "running"))
        self.assertEqual((ann.elapsed_before, bo.own_seconds), (7200, 3600))
        self.assertEqual(ann.due_at, bo.due_at)
        self.assertTrue(request.with_user(self.ann).can_decide)
        with self._at("2026-03-23 15:30:00"):
            request.with_user(self.ann).action_claim()
        self.assertEqual((ann.clock, bo.clock), ("running", "stopped"))
        with self._at("2026-03-23 16:00:00"):
            request.with_user(self.ann).action_approve()
        self.assertEqual(ann.elapsed_seconds, 3 * 3600)
        self.assertEqual((ann.own_seconds, bo.own_seconds), (1800, 3600))
        text = ann.split.replace("\u202f", " ")
        self.assertEqual(text, "Group 1 h 30 min, Bo 1 h, Ann 30 min")

    def test_who_claims_it_can_have_somebody_else_decide(self):
        request = self._ask_group()
        with self._at("2026-03-23 14:00:00"):
            request.with_user(self.bo).action_claim()
        with self._at("2026-03-23 15:00:00"):
            request.with_user(self.bo).action_forward(self.zoe.id, "Your supplier")
        zoe = self._get_row(request, self.zoe)
        self.assertTrue(zoe.claimed_at)
        with self._at("2026-03-23 15:15:00"):
            request.with_user(self.zoe).action_approve()
        self.assertEqual((zoe.elapsed_seconds, zoe.own_seconds), (8100, 900))
        text = zoe.split.replace("\u202f", " ")
        self.assertEqual(text, "Group 1 h, Bo 1 h, Zoe 15 min")

    def test_a_decision_without_a_claim_leaves_the_time_to_the_group(self):
        request = self._ask_group()
        ann, _bo = self._get_rows(request)
        with self._at("2026-03-23 14:00:00"):
            request.with_user(self.ann).action_approve()
        self.assertEqual((ann.elapsed_seconds, ann.own_seconds), (3600, 0))
        self.assertTrue(ann.decided_at)

    def test_only_who_is_asked_as_a_group_claims(self):
        request = self._ask_group()
        for user, action in [
            (self.cy, "action_claim"),
            (self.ina, "action_claim"),
            (self.ann, "action_hand_back"),
        ]:
            with self.assertRaises(UserError), self.cr.savepoint():
                getattr(request.with_user(user), action)()
        with self.assertRaises(AccessError), self.cr.savepoint():
            request.with_user(self.zoe).action_claim()
        named = self._submit()
        self.assertFalse(self._get_row(named, self.ann).is_of_group)
        with self.assertRaisesRegex(UserError, "a group"), self.cr.savepoint():
            named.with_user(self.ann).action_claim()
        request.with_user(self.ann).action_claim()
        for user in (self.ann, self.bo):  # twice, and too late
            with self.assertRaises(UserError), self.cr.savepoint():
                request.with_user(user).action_claim()

    def test_screens_show_one_clock_of_a_group(self):
        request = self._ask_group()
        clocks = request.with_user(self.bo).get_clocks()["clocks"]
        self.assertEqual(
            [(clock["person"], clock["is_of_group"]) for clock in clocks],
            [("One of 2 people", True), ("Cy", False)],
        )
        self.assertEqual(clocks[0]["id"], self._get_row(request, self.bo).id)
        request.with_user(self.bo).action_claim()
        clocks = request.get_clocks()["clocks"]
        self.assertEqual([clock["person"] for clock in clocks], ["Bo", "Cy"])

    def test_a_group_of_one_claims_nothing(self):
        self.buyers.user_ids = [Command.set(self.ann.ids)]
        self.assertFalse(self._get_row(self._ask_group(), self.ann).is_of_group)

    def test_claims_are_told_on_the_timeline(self):
        request = self._ask_group()
        request.with_user(self.ann).action_claim()
        request.with_user(self.ann).action_hand_back()
        titles = [line["title"] for line in request.get_timeline()]
        self.assertIn("Claimed", titles)
        self.assertIn("Released to group", titles)

    def test_a_hold_entered_later_is_not_counted(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-24 08:00:00"):  # 4 h
            self._hold_later(request, "2026-03-23 14:00", "2026-03-23 15:00")
            self.assertEqual(row._read_now(utc("2026-03-24 08:00")).elapsed, 3 * 3600)
        self.assertEqual(row.due_at, utc("2026-03-24 11:00"))
        self.assertEqual(request.status, "pending")
        hold = request.sudo().hold_ids
        self.assertTrue(hold.is_retroactive)
        body = request.sudo().message_ids.sorted("id")[-1].body
        for text in ("The supplier was closed", "4\u202fh of 6", "3\u202fh of 6"):
            self.assertIn(text, body)
        titles = [line["title"] for line in request.get_timeline()]
        self.assertIn("Retroactive hold added", titles)
        # the statement adds up to what is stored
        with self._at("2026-03-24 09:00:00"):
            request.with_user(self.ann).action_approve()
        counted = sum(one["seconds"] for one in row.get_statement())
        self.assertEqual((row.elapsed_seconds, counted), (4 * 3600, 4 * 3600))

    def test_holds_that_overlap_count_once(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-23 14:30:00"):
            request.with_user(self.ann).action_hold("Quote")
        with self._at("2026-03-23 15:30:00"):
            request.with_user(self.ann).action_resume()
            for start in ("14:00", "15:00", "14:15"):
                self._hold_later(request, f"2026-03-23 {start}", "2026-03-23 15:15")
            self.assertEqual(row._read_now(utc("2026-03-23 15:30")).elapsed, 3600)

    def test_what_was_decided_meanwhile_is_corrected_too(self):
        template = self._make_template([(self.ann, self.bo), (self.cy,)], rule="all")
        request = self._submit(template_id=template.id)
        ann, bo = self._get_rows(request)
        with self._at("2026-03-23 15:00:00"):
            request.with_user(self.ann).action_approve()
        with self._at("2026-03-23 15:30:00"):
            self._hold_later(
                request, "2026-03-23 14:30", "2026-03-23 15:10", user=self.bo
            )
        self.assertEqual((ann.elapsed_seconds, ann.own_seconds), (5400, 5400))
        counted = sum(one["seconds"] for one in ann.get_statement())
        self.assertEqual(counted, 5400)
        self.assertEqual(bo._read_now(utc("2026-03-23 15:30")).elapsed, 9000 - 2400)

    def test_what_was_overdue_can_be_in_time_again_and_overdue_again(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        with self._at("2026-03-24 10:00:01"):
            self._sweep()
            self.assertTrue(row.tat_breached)
            self._hold_later(request, "2026-03-23 14:00", "2026-03-23 15:00")
            self.assertFalse(row.tat_breached)
        self.assertEqual(row.overdue_at, utc("2026-03-24 12:00:01"))
        self.assertEqual(row.next_due_at, row.overdue_at)
        with self._at("2026-03-24 12:00:01"):
            self._sweep()
        self.assertTrue(row.tat_breached)
        self.assertFalse(row.next_due_at)
        self.assertEqual(len(row.alert_ids), 1)

    def test_holds_that_cannot_have_been_are_refused(self):
        request = self._submit()
        with self._at("2026-03-23 15:00:00"):
            for start, stop in [
                ("2026-03-23 14:00", "2026-03-23 15:01"),  # not over
                ("2026-03-23 14:30", "2026-03-23 14:00"),
                ("2026-03-23 12:59", "2026-03-23 14:00"),  # before it was submitted
            ]:
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    self._hold_later(request, start, stop)
            request.with_user(self.ann).action_forward(self.bo.id, "On leave")
        with self._at("2026-03-23 15:30:00"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._hold_later(  # of Ann's time, which Bo has taken over
                    request, "2026-03-23 14:00", "2026-03-23 15:15", user=self.bo
                )
            with self.assertRaises(UserError), self.cr.savepoint():
                self._hold_later(
                    request, "2026-03-23 15:00", "2026-03-23 15:15", user=self.ina
                )

    def test_a_hold_ends_at_its_limit_however_late_that_is_noticed(self):
        request = self._submit()
        row = self._get_row(request, self.ann)
        request.with_user(self.ann).action_hold("Quote", utc("2026-03-23 14:00"))
        with self._at("2026-03-23 15:30:00"):  # the server was down
            self.env["kpi.tat.hold"]._sweep_due()
            self.assertEqual(row._read_now(utc("2026-03-23 15:30")).elapsed, 5400)
        self.assertEqual(request.sudo().hold_ids.date_to, utc("2026-03-23 14:00"))
        self.assertEqual(row.due_at, utc("2026-03-24 11:00"))

    def test_the_dialog_enters_a_hold(self):
        request = self._submit()
        with self._at("2026-03-23 15:00:00"):
            self.env["kpi.tat.decision"].with_user(self.ann).create(
                {
                    "request_ids": [Command.set(request.ids)],
                    "decision": "past_hold",
                    "comment": "Closed",
                    "held_from": utc("2026-03-23 14:00"),
                    "held_to": utc("2026-03-23 14:30"),
                }
            ).action_confirm()
        hold = request.sudo().hold_ids
        self.assertEqual(hold.reason, "Closed")
        # Odoo stores it with activities: it does not say why.
        name = f"{request.display_name}, on hold since Mar 23"
        self.assertEqual(hold.display_name, name)
