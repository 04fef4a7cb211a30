from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from ..approval_case import ORDER, ApprovalCase


@tagged("post_install", "-at_install")
class TestKpiApproval(ApprovalCase):
    """Asking, deciding, and what becomes of the document."""

    def test_one_of_those_asked_approves(self):
        order = self._asked()
        self.assertEqual(order.approval_state, "pending")
        self.assertEqual(self._get_people(order), self.ann | self.bo)
        order.with_user(self.bo).action_approve()
        self.assertEqual(order.approval_state, "approved")
        self.assertEqual(order.was_told, "approved")
        steps = order.sudo().approval_step_ids
        self.assertEqual(steps.mapped("state"), ["closed", "approved"])

    def test_whoever_is_asked_finds_it(self):
        order = self._asked()
        for user, finds in ((self.ann, True), (self.cy, False), (self.sam, False)):
            mine = self.env[ORDER].with_user(user)
            found = mine.search([("can_decide", "=", True)])
            self.assertEqual(order.id in found.ids, finds, user.login)
            self.assertEqual(order.with_user(user).can_decide, finds)
            others = mine.search([("can_decide", "=", False)])
            self.assertNotEqual(order.id in others.ids, finds)
        order.with_user(self.ann).action_approve()
        self.assertFalse(order.with_user(self.bo).can_decide)

    def test_the_search_uses_its_index(self):
        self._asked()
        self.env.flush_all()
        # As many documents wait for others as in a company of some size.
        self.cr.execute(
            """
            INSERT INTO kpi_approval_step (
                   res_model, res_id, submitter_id, user_id, round, level, seat,
                   needed_count, reason, state, content_version)
            SELECT res_model, 1000000 + number, submitter_id, %s, round, level, seat,
                   needed_count, reason, state, content_version
              FROM kpi_approval_step, generate_series(1, 3000) AS number
             WHERE res_model = %s AND user_id = %s;
            ANALYZE kpi_approval_step
            """,
            [self.cy.id, ORDER, self.ann.id],
        )
        domain = self.env[ORDER].with_user(self.ann)._get_decidable_domain()
        query = self.env[ORDER].with_user(self.ann)._search(domain)
        rows = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row for (row,) in rows)
        self.assertIn("_asked_idx", plan)

    def test_nobody_else_decides(self):
        order = self._asked()
        for user in (self.cy, self.dee, self.olga):
            with self.assertRaisesRegex(UserError, "is waiting for"):
                order.with_user(user).action_approve()
        with self.assertRaisesRegex(UserError, "cannot approve your own"):
            order.action_approve()
        self.assertEqual(order.approval_state, "pending")

    def test_levels_come_one_after_the_other(self):
        self.workflow.active = False
        self._make_workflow([("any", self.ann), (2, self.bo | self.cy | self.dee)])
        order = self._asked()
        self.assertEqual(self._get_people(order), self.ann)
        with self.assertRaises(UserError):
            order.with_user(self.bo).action_approve()
        order.with_user(self.ann).action_approve()
        self.assertEqual(self._get_people(order), self.bo | self.cy | self.dee)
        order.with_user(self.bo).action_approve()
        self.assertEqual(order.approval_state, "pending")
        with self.assertRaises(UserError):  # once
            order.with_user(self.bo).action_approve()
        order.with_user(self.dee).action_approve()
        self.assertEqual(order.approval_state, "approved")
        self.assertEqual(self._get_people(order, "closed"), self.cy)

    def test_one_refusal_is_enough_and_says_why(self):
        self.workflow.active = False
        self._make_workflow([("all", self.ann | self.bo)])
        order = self._asked()
        order.with_user(self.ann).action_approve()
        for reason in ("", "  "):
            with self.assertRaisesRegex(ValidationError, "Enter a reason"):
                order.with_user(self.bo).action_reject(reason)
        order.with_user(self.bo).action_reject("<b>Too much</b>")
        self.assertEqual(order.approval_state, "rejected")
        self.assertEqual(order.was_told, "rejected")
        with self.assertRaisesRegex(UserError, "was rejected by"):
            order.with_user(self.ann).action_approve()

    def test_what_is_sent_back_can_be_changed_and_submitted_again(self):
        order = self._asked()
        order.with_user(self.ann).action_return("Which customer?")
        self.assertEqual(order.approval_state, "returned")
        order.amount = 90.0
        order.action_ask_approval()
        self.assertEqual(self._get_people(order), self.ann | self.bo)
        order.with_user(self.ann).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_a_decision_of_the_round_before_does_not_count(self):
        self.workflow.active = False
        self._make_workflow([("all", self.ann | self.bo)])
        order = self._asked()
        order.with_user(self.ann).action_approve()
        order.with_user(self.bo).action_return("Which customer?")
        order.action_ask_approval()  # as it was
        order.with_user(self.bo).action_approve()
        self.assertEqual(order.approval_state, "pending")
        order.with_user(self.ann).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_the_submitter_takes_it_back(self):
        order = self._asked()
        with self.assertRaisesRegex(AccessError, "can recall it"):
            order.with_user(self.ann).action_recall()
        order.action_recall()
        self.assertEqual(order.approval_state, "none")
        self.assertFalse(self._get_people(order))
        with self.assertRaises(UserError):
            order.with_user(self.ann).action_approve()
        order.action_ask_approval()
        self.assertEqual(order.approval_state, "pending")
        with self.assertRaises(UserError):
            order.action_ask_approval()

    def test_somebody_forwards_it(self):
        order = self._asked()
        with self.assertRaisesRegex(UserError, "cannot approve it"):
            order.with_user(self.ann).action_forward(self.sam.id)
        self.cy.active = False
        with self.assertRaisesRegex(UserError, "cannot approve"):
            order.with_user(self.ann).action_forward(self.cy.id)
        order.with_user(self.ann).action_forward(self.dee.id, "Yours")
        self.assertEqual(self._get_people(order), self.bo | self.dee)
        forwarded = order.sudo()._find_steps("asked")[-1]
        self.assertEqual(forwarded.for_user_id, self.ann)
        with self.assertRaises(UserError):
            order.with_user(self.ann).action_approve()
        order.with_user(self.dee).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_somebody_forwards_it_to_a_person_of_more_companies(self):
        self.dee.company_ids |= self.env["res.company"].create({"name": "Far"})
        order = self._asked()
        self.env.flush_all()
        self.env.invalidate_all()
        order.with_user(self.ann).action_forward(self.dee.id)
        self.assertEqual(self._get_people(order), self.bo | self.dee)

    def test_nobody_decides_for_two_as_one_forwards_it_to_the_other(self):
        self.workflow.level_ids.rule = "all"
        order = self._asked()
        for act in (lambda: None, order.with_user(self.ann).action_approve):
            act()
            with self.assertRaisesRegex(UserError, "already"), self.cr.savepoint():
                order.with_user(self.bo).action_forward(self.ann.id)
            self.assertEqual(order.approval_state, "pending")
        order.with_user(self.bo).action_forward(self.cy.id)
        order.with_user(self.cy).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_many_are_decided_with_a_result_for_each(self):
        orders = self._asked() | self._asked() | self._order() | self._asked()
        orders[3].with_user(self.ann).action_approve()
        results = orders.with_user(self.bo).decide_approvals("approve")
        self.assertEqual(
            [result["is_decided"] for result in results], [True, True, False, False]
        )
        self.assertEqual([result["id"] for result in results], orders.ids)
        self.assertIn("is not waiting for approval", results[2]["reason"])
        self.assertIn("was approved by", results[3]["reason"])
        self.assertEqual(
            orders.mapped("approval_state"),
            ["approved", "approved", "none", "approved"],
        )
        with self.assertRaisesRegex(
            ValidationError, "The decision allow does not exist"
        ):
            orders.decide_approvals("allow")

    def test_without_a_workflow_nobody_has_to_approve(self):
        self.workflow.active = False
        order = self._asked()
        self.assertEqual(order.approval_state, "approved")
        self.assertFalse(order.sudo().approval_step_ids)

    def test_the_first_workflow_that_fits_holds(self):
        self.workflow.sequence = 20
        self._make_workflow([("any", self.cy)], domain="[('amount', '>', 500)]")
        other = self.env["res.company"].create({"name": "Far"})
        (self.dee | self.olga).company_ids |= other
        self._make_workflow([("any", self.dee)], company_id=other.id, sequence=1)
        self.assertEqual(self._get_people(self._asked(amount=501.0)), self.cy)
        self.assertEqual(
            self._get_people(self._asked(amount=500.0)), self.ann | self.bo
        )

    def test_a_workflow_that_changes_meanwhile_changes_nothing(self):
        self.workflow.active = False
        workflow = self._make_workflow([("any", self.ann), ("any", self.bo)])
        order = self._asked()
        workflow.level_ids[1].unlink()
        workflow.level_ids.approver_ids.user_id = self.dee
        workflow.active = False
        order.with_user(self.ann).action_approve()
        self.assertEqual(self._get_people(order), self.bo)
        order.with_user(self.bo).action_approve()
        self.assertEqual(order.approval_state, "approved")

    def test_levels_are_counted_both_ways(self):
        workflow = self._make_workflow([("any", self.ann), ("any", self.bo)])
        self.assertEqual(workflow.approval_levels, 2)
        workflow.approval_levels = 50
        self.assertEqual(len(workflow.level_ids), 50)
        workflow.approval_levels = 1
        self.assertEqual(workflow.level_ids.approver_ids.user_id, self.ann)
        self.workflow.active = False
        workflow.level_ids.approver_ids.unlink()
        # a level that names nobody is decided by the next above
        self.assertEqual(self._get_people(self._asked()), self.cy)

    def test_nonsense_is_refused(self):
        for values in (
            {"auto_approve_threshold": -1.0},
            {"escalation_timeout": -1},
            {"direct_limit": -1.0},
            {"domain": "[('nothing', '=', 1)]"},
            {"domain": "open('/etc/passwd')"},
        ):
            with self.subTest(values), self.assertRaises(Exception) as caught:
                with self.cr.savepoint():
                    self.workflow.write(values)
            self.assertNotIsInstance(caught.exception, AssertionError)

    def test_small_changes_do_not_add_up(self):
        self.workflow.auto_approve_threshold = 5.0
        order = self._asked()  # nothing to compare with
        order.with_user(self.ann).action_approve()
        for amount, state in ((104.0, "approved"), (108.0, "pending")):
            small = self._asked(amount=amount)
            self.assertEqual(small.approval_state, state, amount)

    def test_who_will_approve_is_said_before(self):
        order = self._order()
        told = order.preview_approvers()
        self.assertEqual(told["workflow"], "Orders")
        (level,) = told["levels"]
        self.assertEqual(level["needed"], 1)
        self.assertEqual(
            level["people"],
            [{"name": user.name, "in_place_of": False} for user in self.ann | self.bo],
        )
        self.assertEqual(order.approval_state, "none")
        self.workflow.active = False
        self.assertTrue(order.preview_approvers()["is_automatic"])
