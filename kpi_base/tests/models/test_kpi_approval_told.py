from unittest.mock import patch

from odoo.tests import tagged

from ..approval_case import ORDER, ApprovalCase


@tagged("post_install", "-at_install")
class TestKpiApprovalTold(ApprovalCase):
    """What is logged, shown and sent of approvals."""

    def _deliveries(self, user):
        return self.env["kpi.delivery"].search(
            [("user_id", "=", user.id), ("renderer", "=", "kpi.approval.step")]
        )

    def test_each_step_is_logged_and_on_the_timeline(self):
        self.workflow.active = False
        self._make_workflow([("any", self.ann), ("any", self.bo)])
        order = self._asked()
        order.with_user(self.ann).action_forward(self.cy.id, "Yours, I think")
        order.with_user(self.cy).action_approve()
        order.with_user(self.bo).action_reject("<script>alert(1)</script>")
        log = self.env["kpi.audit.log"]
        entries = log.search([("model", "=", ORDER), ("res_id", "=", order.id)])
        events = ["requested", "forwarded", "approved", "requested", "rejected"]
        self.assertEqual(
            entries[::-1].mapped("event_type"), [f"approval_{each}" for each in events]
        )
        self.assertFalse(log._verify(order.sudo()))
        self.assertNotIn("script", "".join(entries.mapped("text")))
        lines = order.get_timeline()
        self.assertEqual(
            [line["title"] for line in lines[::-1]],
            [
                "Approval requested",
                "Forwarded",
                "Approved",
                "Approval requested",
                "Rejected",
            ],
        )
        self.assertEqual(lines[0]["note"], "<script>alert(1)</script>")
        self.assertEqual(lines[0]["by"], self.bo.name)
        self.assertEqual(
            lines[3]["lines"],
            [f"Asked: {self.cy.name}", f"On behalf of {self.ann.name}"],
        )
        self.assertTrue(order.verify_history()["is_whole"])

    def test_who_decided_last_is_named(self):
        """Also where somebody of an earlier level was asked in another's place."""
        self.workflow.active = False
        self._make_workflow([("any", self.ann), ("any", self.bo)])
        order = self._asked()
        order.with_user(self.ann).action_forward(self.cy.id)
        order.with_user(self.cy).action_approve()
        order.with_user(self.bo).action_approve()
        self.assertEqual(
            order._say_approval_state(), f"Order was approved by {self.bo.name}."
        )

    def test_automatic_approval_is_logged_as_such(self):
        self.workflow.active = False
        order = self._asked()
        (line,) = order.get_timeline()
        self.assertEqual(line["title"], "Approved automatically")

    def test_those_asked_get_one_message_about_all_of_it(self):
        orders = self._order(name="One") | self._order(name="Two")
        orders.action_ask_approval()
        for user in (self.ann, self.bo):
            (message,) = self._deliveries(user)
            text = message._compose()
            self.assertEqual(text.title, "2 documents are waiting for your approval")
            self.assertEqual([line.title for line in text.lines], ["One", "Two"])
            self.assertIn(("Submitted By", self.sam.name), text.lines[0].facts)
        orders[0].with_user(self.bo).action_approve()
        (message,) = self._deliveries(self.ann)
        self.assertEqual(message._compose().title, "Approve Two")
        self.assertFalse(self._deliveries(self.sam))

    def test_listeners_hear_of_it(self):
        heard = []

        def listen(_self, name, records):
            heard.append((name, records.mapped("user_id.login")))

        with patch.object(self.registry["kpi.event"], "_event", listen):
            order = self._asked()
            order.with_user(self.bo).action_approve()
        self.assertEqual(
            heard,
            [
                ("approval.requested", [self.ann.login, self.bo.login]),
                ("approval.decided", [self.bo.login]),
            ],
        )

    def _count(self, act):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        act()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def test_many_cost_few_statements(self):
        counts = {}
        for number in (10, 100):
            orders = (
                self.env[ORDER]
                .with_user(self.sam)
                .create([{"name": str(each), "amount": each} for each in range(number)])
            )
            asked = self._count(orders.action_ask_approval)
            decided = self._count(orders.with_user(self.bo).action_approve)
            self.assertEqual(set(orders.mapped("approval_state")), {"approved"})
            counts[number] = asked, decided
        self.assertLessEqual(counts[100][0], min(150, counts[10][0] + 10), counts)
        self.assertLessEqual(counts[100][1], min(100, counts[10][1] + 10), counts)

    def test_my_list_costs_the_same_for_many(self):
        steps = self.env["kpi.approval.step"].with_user(self.ann)
        mine = [("user_id", "=", self.ann.id), ("state", "=", "asked")]

        def read():
            steps.web_search_read(
                mine,
                {"document_name": {}, "submitter_id": {}, "asked_at": {}},
                limit=80,
            )

        orders = self.env[ORDER].with_user(self.sam)
        # more than a page, whose rest Odoo counts
        orders.create([{}] * 81).action_ask_approval()
        read()  # what Odoo reads once
        few = self._count(read)
        orders.create([{}] * 200).action_ask_approval()
        self.assertLessEqual(self._count(read), few)
