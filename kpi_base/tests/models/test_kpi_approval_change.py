from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..change_case import PRICE, ChangeCase

REFUSED = "Use “Propose a Change”"
CHANGE = "kpi.approval.change"


@tagged("post_install", "-at_install")
class TestKpiApprovalChange(ChangeCase):
    """Records that change by proposal: refusing, proposing, deciding, applying."""

    def _assert_refused(self, act, reason=REFUSED):
        with self.assertRaisesRegex(UserError, reason), self.cr.savepoint():
            act()

    def test_writing_is_refused_and_names_the_button(self):
        mine = self.env[PRICE].with_user(self.sam)
        for act in (
            lambda: self.price.write({"amount": 120.0}),
            lambda: self.price.write({"kind": "gross"}),
            lambda: self.price.with_context(install_mode=True).write({"amount": 1.0}),
            lambda: mine.create({"amount": 1.0}),
            self.price.unlink,
            self.price.copy,
        ):
            self._assert_refused(act)
        ((xml_id,),) = self.price.sudo().export_data(["id"])["datas"]
        loaded = self.price.load(["id", "amount"], [[xml_id, "7"]])
        self.assertIn(REFUSED, loaded["messages"][0]["message"])
        self.assertTrue(self.price.needs_proposal)

    def test_what_is_not_guarded_or_does_not_change_is_written(self):
        self.price.write({"note": "other", "amount": 100.0})
        self.assertEqual(self.price.note, "other")

    def test_code_is_not_refused(self):
        self.price.sudo().amount = 7.0
        self.assertEqual(self.price.amount, 7.0)

    def test_without_a_workflow_nothing_is_refused(self):
        self.guard.active = False
        self.assertFalse(self.price.needs_proposal)
        self.price.amount = 7.0
        self.price.flush_recordset()
        for count, act in ((1, lambda: self.price.write({"amount": 8.0})),):
            with self.assertQueryCount(count):
                act()
                self.price.flush_recordset()

    def test_workflows_of_another_company_do_not_guard(self):
        far = self.env["res.company"].create({"name": "Far"})
        self.olga.company_ids |= far
        self.guard.company_id = far
        self.price.amount = 7.0
        self.assertEqual(self.price.amount, 7.0)

    def test_a_workflow_chooses_by_its_filter(self):
        self.guard.domain = "[('operation', '=', 'unlink')]"
        self.price.amount = 7.0
        self._assert_refused(self.price.unlink)

    def test_approved_it_takes_effect(self):
        change = self._propose()
        self.assertEqual(change.approval_state, "pending")
        self.assertEqual(self._get_people(change), self.ann | self.bo)
        self.assertEqual(self.price.amount, 100.0)
        change.with_user(self.ann).action_approve()
        self.assertEqual(change.approval_state, "approved")
        self.assertEqual(self.price.amount, 120.0)
        self.assertEqual(change.values_before, {"amount": 100.0})
        self.assertEqual(change.summary, "Amount: 100 → 120")

    def test_rejected_it_does_not(self):
        change = self._propose()
        change.with_user(self.ann).action_reject("Too much")
        self.assertEqual(self.price.amount, 100.0)
        self.assertEqual(change.approval_state, "rejected")

    def test_new_ones_and_deletions_are_proposed(self):
        mine = self.env[PRICE].with_user(self.sam)
        change = mine._propose(
            {"name": "Nut", "amount": 5.0}, "New", operation="create"
        )
        self.assertFalse(mine.search([("name", "=", "Nut")]))
        change.with_user(self.ann).action_approve()
        made = mine.search([("name", "=", "Nut")])
        self.assertEqual((made.amount, change.res_id), (5.0, made.id))
        self.assertEqual(made.create_uid, self.sam)
        gone = made._propose({}, "Obsolete", operation="unlink")
        gone.with_user(self.bo).action_approve()
        self.assertFalse(made.exists())

    def test_before_and_after_are_in_words(self):
        partner = self.env["res.partner"].create({"name": "Anna & Co"})
        change = self._propose(
            {"amount": 120.5, "partner_id": partner.id, "kind": "gross"}
        )
        rows = change.with_user(self.ann).comparison
        self.assertEqual(
            [(row["label"], row["before"], row["after"]) for row in rows],
            [
                ("Amount", "100", "120.5"),
                ("Kind", "Net", "Gross"),
                ("Customer", "", "Anna & Co"),
            ],
        )

    def test_who_is_asked_reads_what_changes_and_why(self):
        change = self._propose({"amount": 120.0, "partner_id": False})
        message = self.env["kpi.delivery"].search([("user_id", "=", self.ann.id)])
        (line,) = message._compose().lines
        self.assertEqual(line.title, change.display_name)
        expected = (("Amount", "100 → 120"), ("Reason", "Costs rose"))
        self.assertEqual(line.facts[:2], expected)
        self.assertIn(("If approved", "The new values apply."), line.facts)
        gone = self.price._propose({}, "Obsolete", operation="unlink")
        facts = dict(gone.with_user(self.ann)._get_decision_facts())
        self.assertEqual(facts["Amount"], "100 → –")
        self.assertEqual(facts["If approved"], "It is deleted.")
        change.with_user(self.ann).action_approve()
        facts = dict(change._get_decision_facts())  # it is decided
        self.assertNotIn("If approved", facts)

    def test_if_the_record_changes_meanwhile_it_is_asked_anew(self):
        change = self._propose()
        self.price.sudo().amount = 110.0
        told = change.with_user(self.ann).action_approve()
        self.assertIn("A newer version has been submitted", told["params"]["message"])
        self.assertEqual(self.price.amount, 110.0)
        change.with_user(self.ann).action_approve()
        self.assertEqual(self.price.amount, 120.0)

    def test_what_it_does_not_touch_may_change(self):
        change = self._propose()
        self.price.note = "other"
        self.assertIsNone(change.with_user(self.ann).action_approve())
        self.assertEqual(self.price.amount, 120.0)

    def test_what_cannot_be_is_refused_when_proposed(self):
        for vals in ({"amount": -1.0}, {"nothing": 1}, {"needs_proposal": True}):
            with self.subTest(vals), self.assertRaises(ValidationError):
                with self.cr.savepoint():
                    self.price._propose(vals, "Why not")
        self._assert_refused(lambda: self._propose(reason="  "), "Enter a reason")
        self.assertFalse(self.env[CHANGE].search_count([]))
        self.assertEqual(self.price.amount, 100.0)

    def test_whoever_lost_the_right_to_change_it_changes_nothing(self):
        change = self._propose()
        self.env["ir.rule"].create(
            {
                "name": "not Sam",
                "model_id": self.env["ir.model"]._get_id(PRICE),
                "domain_force": f"[('id', '!=', user.id == {self.sam.id} and"
                f" {self.price.id} or 0)]",
                "perm_read": False,
            }
        )
        self._assert_refused(change.with_user(self.ann).action_approve, "can no longer")
        self.assertEqual(change.approval_state, "pending")
        self._assert_refused(lambda: self._propose({"amount": 7.0}), ".")

    def test_a_record_that_is_deleted_takes_its_proposals_back(self):
        change = self._propose()
        self.price.sudo().unlink()
        self.assertEqual(change.sudo().approval_state, "none")
        self.assertFalse(self._get_people(change))

    def test_a_record_that_sql_deleted_is_nobodys_to_decide(self):
        change = self._propose()
        self.cr.execute("DELETE FROM kpi_test_price WHERE id = %s", self.price.ids)
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            change.with_user(self.ann).action_approve()

    def test_who_may_not_read_it_does_not_read_proposals(self):
        change = self._propose()
        mine = self.env[CHANGE].with_user(self.ann)
        self.assertIn(change, mine.search([]))
        self.env["ir.rule"].create(
            {
                "name": "not Cy",
                "model_id": self.env["ir.model"]._get_id(PRICE),
                "domain_force": f"[('id', '!=', user.id == {self.cy.id} and"
                f" {self.price.id} or 0)]",
            }
        )
        other = change.with_user(self.cy)
        self.assertFalse(other.search([]))
        with self.assertRaises(AccessError):
            other.read(["vals"])
        with self.assertRaises(AccessError):
            other.action_approve()

    def test_they_are_found_by_the_name_of_the_record(self):
        change = self._propose()
        mine = self.env[CHANGE].with_user(self.ann)
        self.assertEqual(mine.search([("display_name", "ilike", "bol")]), change)
        self.assertFalse(mine.search([("record_name", "=", "Nut")]))
        self.assertNotIn(change, mine.search([("record_name", "not ilike", "bol")]))
        steps = self.env["kpi.approval.step"].with_user(self.ann)
        found = steps.search(
            [("document_name", "ilike", "bolt"), ("user_id", "=", steps.env.uid)]
        )
        self.assertEqual(found.res_id, change.id)

    def test_many_are_named_by_the_same_number_of_statements(self):
        def count(number):
            prices = self.env[PRICE].create([{"name": "Nut"}] * number)
            changes = self.env[CHANGE].union(
                *(price._propose({"amount": 6.0}, "Up") for price in prices)
            )
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            changes.mapped("display_name")
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(20), count(2))

    def test_another_companys_proposal_is_not_there(self):
        far = self.env["res.company"].create({"name": "Far"})
        self.price.sudo().company_id = far
        self.sam.company_ids |= far
        self.ann.company_ids |= far
        change = self.price.with_context(allowed_company_ids=far.ids)._propose(
            {"amount": 7.0}, "Far away"
        )
        self.assertEqual(change.company_id, far)
        other = self.env[CHANGE].with_user(self.cy)
        self.assertFalse(other.search([("id", "=", change.id)]))
        with self.assertRaises(AccessError):
            other.browse(change.id).read(["reason"])

    def test_nobody_writes_proposals(self):
        change = self._propose()
        for user in (self.sam, self.ann):
            own = change.with_user(user)
            with self.assertRaises(UserError):
                own.write({"vals": {"amount": 1.0}})
            with self.assertRaises(UserError):
                own.unlink()
            with self.assertRaises(AccessError):
                own.create({"reason": "x", "res_model": PRICE, "subject_model": PRICE})

    def test_sent_back_it_is_proposed_again(self):
        change = self._propose()
        change.with_user(self.ann).action_return("Why?")
        with self.assertRaisesRegex(AccessError, "can propose it again"):
            change.with_user(self.ann).action_propose_again()
        change.action_propose_again("Steel is 20% up")
        self.assertEqual(change.reason, "Steel is 20% up")
        change.with_user(self.bo).action_approve()
        self.assertEqual(self.price.amount, 120.0)

    def test_recalled_it_waits_no_more(self):
        change = self._propose()
        change.action_recall()
        self.assertEqual(change.approval_state, "none")
        self.assertEqual(self.price.amount, 100.0)

    def test_the_same_is_proposed_once(self):
        self.assertEqual(self._propose(), self._propose())
        self.assertNotEqual(self._propose(), self._propose({"amount": 121.0}))

    def test_a_second_proposal_of_the_same_keeps_its_reason(self):
        change = self._propose()
        other = self.price.with_user(self.cy)
        for _time in range(2):
            again = other._propose({"amount": 120.0}, "Steel is dearer")
            self.assertEqual(again, change)
        notes = [
            (entry["title"], entry["by"], entry["note"])
            for entry in change.get_timeline()
            if entry["note"]
        ]
        self.assertEqual(notes, [("Also proposed", self.cy.name, "Steel is dearer")])
        shown = again._show(again)["params"]["message"]
        self.assertIn(f"{self.sam.name} already proposed this", shown)
        self.assertEqual(change.reason, "Costs rose")
        self.assertIsNone(change.with_user(self.ann).action_approve())

    def test_many_are_decided_with_a_result_for_each(self):
        other = self.env[PRICE].create({"name": "Nut", "amount": 5.0})
        nut = other.with_user(self.sam)
        changes = self._propose() | nut._propose({"amount": 6.0}, "Up")
        changes |= nut._propose({"kind": "gross"}, "Tax")
        self.env.cr.execute(
            "ALTER TABLE kpi_test_price ADD CHECK (name <> 'Nut' OR amount < 6)"
        )
        results = changes.with_user(self.ann).decide_approvals("approve")
        self.assertEqual([one["is_decided"] for one in results], [True, False, True])
        self.assertEqual((self.price.amount, nut.amount), (120.0, 5.0))
        self.assertEqual(
            changes.mapped("approval_state"), ["approved", "pending", "approved"]
        )

    def test_of_two_for_one_record_the_second_is_asked_anew(self):
        for decide in (
            lambda some: some.action_approve(),
            lambda some: some.decide_approvals("approve"),
            lambda some: some.approval_step_ids.filtered(
                lambda step: step.user_id == self.ann and step.state == "asked"
            ).action_approve(),
        ):
            self.price.sudo().amount = 100.0
            first = self._propose({"amount": 120.0})
            second = self._propose({"amount": 130.0})
            decide((first | second).with_user(self.ann))
            self.assertEqual(first.approval_state, "approved")
            self.assertEqual(second.approval_state, "pending")
            self.assertEqual(second.approval_round, 2)
            self.assertEqual(self.price.amount, 120.0)
            second.action_recall()

    def test_what_waits_is_not_proposed_again(self):
        first = self._propose()
        first.action_recall()
        second = self._propose()
        self.assertNotEqual(first, second)
        with self.assertRaisesRegex(UserError, "is already waiting for approval"):
            first.action_propose_again()

    def test_small_changes_do_not_add_up(self):
        self.guard.auto_approve_threshold = 5.0
        for amount, state, base in (
            (104.0, "approved", 100.0),  # nobody had to approve 100
            (108.0, "pending", 100.0),
        ):
            change = self._propose({"amount": amount})
            self.assertEqual((change.approval_state, change.base_amount), (state, base))
        change.with_user(self.ann).action_approve()
        self.assertEqual(self._propose({"amount": 112.0}).approval_state, "approved")
        both = self._propose({"amount": 113.0, "kind": "gross"})
        self.assertEqual(both.approval_state, "pending")

    def test_its_story_is_logged(self):
        change = self._propose()
        change.with_user(self.ann).action_approve()
        titles = [entry["title"] for entry in change.get_timeline()]
        self.assertEqual(set(titles), {"Approval requested", "Approved"})
        self.assertTrue(change.verify_history()["is_whole"])

    def test_a_type_that_does_not_fit_is_refused(self):
        with self.assertRaisesRegex(ValidationError, "does not apply"):
            self.env["kpi.approval.workflow"].new(
                {"name": "x", "model": PRICE, "workflow_type": "every_document"}
            )._check_workflow_type()

    def test_reasons_are_asked_in_a_dialog(self):
        change = self._propose().with_user(self.ann)
        action = change.action_open_return()
        dialogs = self.env[action["res_model"]].with_user(self.ann)
        dialog = dialogs.with_context(**action["context"]).create({"comment": "Why?"})
        dialog.action_decide()
        self.assertEqual(change.approval_state, "returned")
