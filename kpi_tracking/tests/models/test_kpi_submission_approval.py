from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, tagged

from odoo.addons.kpi_base.outbox import DeliverySkipped

from .entry_case import TODAY, KpiEntryCase


@tagged("post_install", "-at_install")
@freeze_time(TODAY)
class TestKpiSubmissionApproval(KpiEntryCase):
    """Four eyes on values that need approval."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.report.definition_id.has_entry_approval = True

    def test_a_value_counts_when_it_is_approved(self):
        entry = self._enter(self.uma, 4)
        self.assertEqual((entry.state, bool(self._fact())), ("submitted", False))
        entry.with_user(self.mia).action_approve()
        self.assertEqual((entry.state, entry.decided_by_id), ("approved", self.mia))
        self.assertEqual(self._fact().value, 4)
        self.assertEqual(self._fact().recorded_by_id, self.uma)

    def test_who_approves_is_told_once_as_long_as_nobody_has_decided(self):
        entry = self._enter(self.uma, 4)
        self.assertFalse(entry.sudo().activity_ids)
        messages = self.env["kpi.delivery"].search(
            [("renderer", "=", "kpi.approval.step")]
        )
        self.assertEqual(messages.user_id, self.mia | self.otto)
        self.assertEqual(len(messages), 2)
        content = messages[0]._compose()
        self.assertEqual(content.lines[0].title, entry.display_name)
        entry.with_user(self.mia).action_approve()
        with self.assertRaisesRegex(DeliverySkipped, "already been decided"):
            messages[1]._compose()

    def test_nobody_approves_what_they_entered(self):
        entry = self._enter(self.mia, 4)
        self.assertFalse(entry.with_user(self.mia).can_decide)
        with self.assertRaisesRegex(AccessError, "is your own entry. Ask"):
            entry.with_user(self.mia).action_approve()
        entry.with_user(self.otto).action_approve()
        self.assertEqual(self._fact().value, 4)

    def test_an_officer_alone_may_approve_the_own_entry(self):
        self.sales.manager_id = False
        entry = self._enter(self.otto, 4)
        officers = self.env.ref("kpi_base.kpi_base_group_officer")
        others = officers.sudo().all_user_ids - self.otto
        others.filtered(lambda user: self.company in user.company_ids).sudo().write(
            {"company_ids": [(3, self.company.id)]}
        )
        self.assertEqual([*entry._find_deciders()[entry]], [self.otto.id])
        entry.with_user(self.otto).action_approve()
        self.assertEqual(entry.state, "approved")

    def test_what_was_approved_is_withdrawn_by_who_may_approve_it(self):
        entry = self._enter(self.uma, 4)
        entry.with_user(self.mia).action_approve()
        with self.assertRaisesRegex(AccessError, "was approved. Correct the entry"):
            entry.with_user(self.uma)._withdraw("Mistaken")
        entry.with_user(self.mia)._withdraw("Mistaken")
        self.assertFalse(self._fact())

    def test_colleagues_do_not_approve(self):
        self.report.shared_user_ids = self.ben
        entry = self._enter(self.uma, 4)
        with self.assertRaisesRegex(AccessError, "is waiting for Mia, Otto"):
            entry.with_user(self.ben).action_approve()

    def test_a_rejected_value_says_why_and_can_be_changed(self):
        entry = self._enter(self.uma, 4)
        with self.assertRaisesRegex(ValidationError, "Enter a reason"):
            entry.with_user(self.mia)._decide_all("reject", "")
        entry.with_user(self.mia)._decide_all("reject", "Too low")
        self.assertEqual((entry.state, entry.rejection_reason), ("rejected", "Too low"))
        self.assertFalse(self._fact())
        again = self._enter(self.uma, 5)
        self.assertEqual((again, again.state), (entry, "submitted"))
        self.assertFalse(entry.rejection_reason)

    def _reject(self, *entries):
        """Have Mia reject these, and return the messages that this caused."""
        before = self.env["kpi.delivery"].search([])
        rejected = self.env["kpi.submission"].union(*entries)
        rejected.with_user(self.mia)._decide_all("reject", "Too <low>")
        return self.env["kpi.delivery"].search([]) - before

    def test_who_entered_a_value_gets_a_mail_that_it_was_rejected(self):
        entry = self._enter(self.uma, 4)
        message = self._reject(entry)
        self.assertEqual(message.user_id, self.uma)
        self.assertNotIn("Too", message.subject + str(message.body))
        content = message._compose()
        self.assertEqual(content.title, f"Rejected: {entry.display_name}")
        (line,) = content.lines
        self.assertEqual((line.title, line.text), (entry.display_name, "Too <low>"))
        self.assertEqual(line.facts[0][1], self.mia.name)
        self.assertTrue(content.actions[0].url.endswith(f"/kpi-entries/{entry.id}"))

    def test_who_changed_a_rejected_value_hears_nothing(self):
        message = self._reject(self._enter(self.uma, 4))
        self._enter(self.uma, 5)
        with self.assertRaisesRegex(DeliverySkipped, "have already been changed"):
            message._compose()

    def test_who_sees_a_rejected_value_no_more_hears_nothing(self):
        message = self._reject(self._enter(self.uma, 4))
        self.uma.group_ids = self.env.ref("base.group_user")
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertRaisesRegex(DeliverySkipped, "cannot access"):
            message._compose()

    def test_a_value_counts_until_its_correction_is_approved(self):
        first = self._enter(self.uma, 4)
        first.with_user(self.mia).action_approve()
        second = self._enter(self.uma, 6, reason="Counted again")
        self.assertEqual((self._fact().value, first.is_current), (4, True))
        second.with_user(self.mia).action_approve()
        self.assertEqual((self._fact().value, first.is_current), (6, False))

    def test_the_second_of_two_who_decide_is_told_who_was_first(self):
        entry = self._enter(self.uma, 4)
        entry.with_user(self.mia).action_approve()
        for decide in (
            entry.with_user(self.otto).action_approve,
            lambda: entry.with_user(self.otto)._decide_all("reject", "No"),
        ):
            with self.assertRaisesRegex(UserError, "was approved by Mia"):
                decide()

    def test_who_may_approve_is_who_manages(self):
        """The resolver and the record rules must not disagree."""
        entry = self._enter(self.uma, 4)
        approvers = entry._find_deciders()[entry]
        for user in (self.uma, self.ben, self.mia, self.otto):
            own = entry.with_user(user).report_id
            manages = (
                own._filtered_access("read") and own._filter_enterable_for_others()
            )
            self.assertEqual(user.id in approvers, bool(manages), user.name)

    def test_what_is_found_is_what_may_be_decided(self):
        """The search goes by who the user is, each entry by all who may decide."""
        people = (self.uma, self.ben, self.mia, self.otto)
        self.report.submitter_ids = self.uma | self.ben | self.mia | self.otto
        entries = [
            self._enter(user, 4, day=date(2026, 10 - at, 1))
            for at, user in enumerate(people)
        ]
        entries = self.env["kpi.submission"].union(*(e.sudo(False) for e in entries))
        for lone in (False, True):
            if lone:
                self.sales.manager_id = False
                self.env.invalidate_all()
            for user in people:
                own = entries.with_user(user)
                own.invalidate_recordset()
                decided = own.filtered("can_decide")
                found = own.search([("can_decide", "=", True)])
                self.assertEqual(found & own, decided, (lone, user.name))
                others = own.search([("can_decide", "=", False)])
                self.assertEqual(others & own, own - decided, (lone, user.name))

    def test_people_find_what_awaits_their_decision(self):
        entry = self._enter(self.uma, 4)
        self.report.shared_user_ids = self.ben
        found = [("can_decide", "=", True)]
        for user, expected in ((self.mia, entry), (self.otto, entry)):
            waiting = self.env["kpi.submission"].with_user(user).search(found)
            self.assertEqual(waiting, expected)
        for user in (self.uma, self.ben):
            self.assertFalse(self.env["kpi.submission"].with_user(user).search(found))
