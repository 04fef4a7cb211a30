import re
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from ..approval_case import ORDER, ApprovalCase

STEP, DECISION = "kpi.approval.step", "kpi.approval.decision"


@tagged("post_install", "-at_install")
class TestKpiApprovalQueue(ApprovalCase):
    """“My approvals” and the board: who sees what, and decides on it there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.officer = new_test_user(
            cls.env, "approve-officer", "kpi_base.kpi_base_group_officer"
        )

    def _list(self, user, action="mine"):
        """What the list of an action holds for a person."""
        action = self.env.ref(f"kpi_base.kpi_approval_step_action_{action}")
        domain = safe_eval(action.domain, {"uid": user.id})
        return self.env[STEP].with_user(user).search(domain)

    def _decide(self, user, steps, decision, **values):
        wizard = (
            self.env[DECISION]
            .with_user(user)
            .create(
                {
                    "decision": decision,
                    "step_ids": [Command.set(steps.ids)],
                    **values,
                }
            )
        )
        return wizard, wizard.action_decide()

    def test_the_list_says_what_waits_and_opens_it(self):
        order = self._asked(name="Tools")
        (mine,) = self._list(self.ann)
        self.assertEqual(mine.document_name, "Tools")
        self.assertEqual(mine.kind, ORDER)
        self.assertEqual(mine.submitter_id, self.sam)
        self.assertEqual(mine.age, "1d")
        opened = mine.action_open_document()
        self.assertEqual((opened["res_model"], opened["res_id"]), (ORDER, order.id))
        self.assertFalse(self._list(self.sam))
        self.assertFalse(self._list(self.cy))
        steps = self.env[STEP].with_user(self.ann)
        self.assertEqual(steps.search([("document_name", "ilike", "tool")]), mine)
        self.assertFalse(steps.search([("document_name", "ilike", "chair")]))

    def test_the_dialog_names_what_is_decided_on(self):
        for number in range(7):
            self._asked(name=f"Tools {number}", amount=number)
        steps = self._list(self.ann).sorted("id")
        for chosen, lines in (
            (steps[0], [f"Tools 0 · {re.escape(self.sam.name)}"]),
            (steps[1], [f"Tools 1 · 1 EUR · {re.escape(self.sam.name)}"]),
            (steps, [f"Tools {number} · .*" for number in range(5)] + ["and 2 more"]),
        ):
            dialogs = self.env[DECISION].with_user(self.ann)
            form = Form(
                dialogs.with_context(active_model=STEP, active_ids=chosen.ids),
                "kpi_base.kpi_approval_decision_view_form",
            )
            self.assertRegex(form.subjects, "(?i)^" + "\n".join(lines) + "$")

    def test_the_first_page_is_read_in_its_order_and_no_further(self):
        self._asked()
        steps = self.env[STEP].with_user(self.ann)
        domain = [("user_id", "=", self.ann.id), ("state", "=", "asked")]
        query = steps._search(domain, order="asked_at, id", limit=80)
        self.cr.execute("ANALYZE kpi_approval_step")
        self.cr.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        rows = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        plan = "\n".join(row for (row,) in rows)
        self.assertIn("kpi_approval_step_queue_idx", plan)
        self.assertNotIn("Sort", plan)
        self.assertRegex(plan, r"Index Cond: \(id = kpi_approval_step.res_id\)")

    def test_a_step_of_a_document_that_one_may_not_read_is_not_there(self):
        self._asked()
        steps = self.env[STEP].search([])
        self.assertEqual(len(self._list(self.officer, "board")), 2)
        self.env["ir.rule"].create(
            {
                "name": "officers see no orders",
                "model_id": self.env["ir.model"]._get_id(ORDER),
                "domain_force": "[('note', '=', 'open')]",
            }
        )
        for user in (self.officer, self.ann, self.sam):
            self.assertFalse(self._list(user, "board"), user.login)
        with self.assertRaises(AccessError):
            steps.with_user(self.officer).read(["comment"])
        self.assertFalse(steps.with_user(self.officer).has_access("read"))

    def test_a_deleted_document_leaves_no_row(self):
        order = self._asked()
        self.env.flush_all()
        self.cr.execute("DELETE FROM kpi_test_order WHERE id = %s", (order.id,))
        self.env.invalidate_all()
        self.assertFalse(self._list(self.ann))

    def test_another_company_is_not_on_the_board(self):
        company = self.env["res.company"].create({"name": "Other"})
        people = self.ann | self.bo | self.sam
        people.company_ids |= company
        self._asked(company_id=company.id)
        self.assertFalse(self._list(self.officer, "board"))
        inside = {"allowed_company_ids": company.ids}
        mine = self.env[STEP].with_user(self.ann).with_context(**inside)
        self.assertTrue(mine.search([("user_id", "=", self.ann.id)]))
        outside = {"allowed_company_ids": self.env.company.ids}
        self.assertFalse(mine.with_context(**outside).search([]))

    def test_the_board_is_grouped_by_age_and_kind(self):
        orders = self._order() | self._order()
        orders.action_ask_approval()
        steps = orders.sudo()._find_steps("asked")
        now = fields.Datetime.now()
        for step, days in zip(steps, (0, 2, 5, 9), strict=True):
            step.asked_at = now - timedelta(days=days)
        self.env.flush_all()
        board = self.env[STEP].with_user(self.officer)
        groups = board._read_group([], ["age"], ["__count"])
        self.assertEqual(groups, [("1d", 1), ("3d", 1), ("7d", 1), ("older", 1)])
        self.assertEqual([step.age for step in steps], ["1d", "3d", "7d", "older"])
        for step in steps:
            found = board.search([("age", "=", step.age)])
            self.assertEqual(found.ids, step.ids)
        self.assertEqual(board._read_group([], ["kind"], ["__count"]), [(ORDER, 4)])
        self.assertEqual(len(board.search([("kind", "=", ORDER)])), 4)
        self.assertTrue(board.fields_get(["age"])["age"]["groupable"])
        self.assertTrue(board.fields_get(["kind"])["kind"]["groupable"])

    def test_several_are_approved_at_once(self):
        orders = self._order(name="One") | self._order(name="Two")
        orders.action_ask_approval()
        answer = self._list(self.ann).action_approve()
        self.assertEqual(answer["params"]["message"], "Approved: 2")
        self.assertEqual(set(orders.mapped("approval_state")), {"approved"})
        self.assertFalse(self._list(self.bo))

    def test_those_refused_are_named_with_the_reason(self):
        orders = self._order(name="One") | self._order(name="Two")
        orders.action_ask_approval()
        mine = self._list(self.ann)
        orders[0].with_user(self.bo).action_approve()
        wizard, answer = self._decide(self.ann, mine, "reject", comment="No")
        self.assertEqual(answer["target"], "new")
        self.assertEqual(wizard.result, "Rejected: 1")
        (refusal,) = wizard.refusal_ids
        self.assertEqual(refusal.name, "One")
        self.assertIn("was approved by", refusal.reason)
        self.assertEqual(orders[1].approval_state, "rejected")

    def test_sending_back_and_rejecting_need_a_reason(self):
        order = self._asked()
        for decision in ("return", "reject"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self._decide(self.ann, self._list(self.ann), decision, comment=" ")
        self._decide(self.ann, self._list(self.ann), "return", comment="Amount?")
        self.assertEqual(order.approval_state, "returned")

    def test_the_dialog_takes_the_chosen_rows(self):
        self._asked()
        mine = self._list(self.ann)
        context = {
            "active_model": STEP,
            "active_ids": mine.ids,
            "default_decision": "forward",
        }
        dialog = Form(self.env[DECISION].with_user(self.ann).with_context(**context))
        dialog.successor_id = self.dee
        dialog.comment = "Yours"
        dialog.save().action_decide()
        self.assertFalse(self._list(self.ann))
        self.assertEqual(self._list(self.dee).for_user_id, self.ann)

    def test_whom_one_cannot_forward_to_is_said_for_each(self):
        self._asked()
        wizard, _answer = self._decide(
            self.ann, self._list(self.ann), "forward", successor_id=self.sam.id
        )
        self.assertIn("submitted this document", wizard.refusal_ids.reason)
        with self.assertRaises(ValidationError):
            self._decide(self.ann, self._list(self.ann), "forward")

    def test_steps_of_others_are_not_decided_on(self):
        order = self._asked()
        steps = order.sudo()._find_steps("asked")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._decide(self.cy, steps, "approve")
        wizard, _answer = self._decide(self.officer, steps, "approve")
        self.assertEqual(order.approval_state, "pending")
        self.assertEqual(wizard.result, "Approved: 0")

    def test_a_thousand_are_decided_but_the_ten_that_are_refused(self):
        orders = self.env[ORDER].create(
            [{"name": f"Order {number}", "amount": 1.0} for number in range(1000)]
        )
        orders.with_user(self.sam).action_ask_approval()
        orders[::100].with_user(self.bo).action_reject("No")
        mine = (
            orders.sudo()
            ._find_steps("asked")
            .filtered(lambda step: step.user_id == self.ann)
        )
        closed = orders[::100].approval_step_ids.filtered(
            lambda step: step.user_id == self.ann
        )
        wizard, _answer = self._decide(self.ann, mine | closed, "approve")
        self.assertEqual(wizard.result, "Approved: 990")
        self.assertEqual(
            sorted(wizard.refusal_ids.mapped("name")),
            sorted(orders[::100].mapped("name")),
        )
        self.assertEqual(
            self.env[ORDER].search_count([("approval_state", "=", "approved")]), 990
        )

    def test_what_one_document_refuses_stops_no_other(self):
        orders = self._order(name="One") | self._order(name="Two", note="closed")
        orders.action_ask_approval()
        wizard, _answer = self._decide(self.ann, self._list(self.ann), "approve")
        self.assertEqual(wizard.result, "Approved: 1")
        self.assertEqual(wizard.refusal_ids.mapped("name"), ["Two"])
        self.assertEqual(orders.mapped("approval_state"), ["approved", "pending"])

    def test_the_board_opens_the_handing_over(self):
        self._asked()
        answer = self._list(self.officer, "board").action_hand_over()
        self.assertEqual(answer["res_model"], "kpi.handover")
        people = answer["context"]["default_user_ids"]
        self.assertEqual(set(people), {self.ann.id, self.bo.id})

    def test_workflows_say_in_words_who_approves(self):
        for user in (self.ann, self.bo, self.cy, self.dee):
            user.name = user.login.removeprefix("approve-").title()
        self.assertEqual(self.workflow.summary, "Ann or Bo")
        levels = [("all", self.ann | self.bo), (2, self.cy | self.dee)]
        workflow = self._make_workflow(levels)
        self.assertEqual(workflow.summary, "All of: Ann and Bo, then 2 of: Cy and Dee")
        self.olga.name = "Olga"
        self.assertEqual(self._make_workflow([]).summary, "Olga")

    def test_one_makes_a_deputy(self):
        action = self.env.ref("kpi_base.kpi_approval_delegation_action_mine")
        deputies = self.env[action.res_model].with_user(self.ann)
        with Form(deputies) as form:
            form.delegate_id = self.cy
            form.date_to = fields.Date.today() + timedelta(days=7)
        self.assertEqual(form.record.user_id, self.ann)
        order = self._asked()
        self.assertIn(self.cy, self._get_people(order))
