from unittest.mock import patch

from odoo.tests import tagged

from ..approval_case import ORDER, ApprovalCase
from .api_case import ApiCase


@tagged("post_install", "-at_install")
class TestApiApprovals(ApiCase, ApprovalCase):
    """Approvals as programs read and decide on them; each caller their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user, cls.other = cls.people["user"], cls.people["officer"]
        cls.workflow.active = False
        cls._make_workflow([("any", cls.user)])

    def _asked_by_sam(self, **values):
        order = self._asked(**values)
        (step,) = order.sudo()._find_steps("asked")
        return order, f"/approvals/{step.id}"

    def _send(self, path, who="user", **body):
        return self.ask(path, method="POST", json=body, who=who)

    def test_one_lists_what_one_is_asked(self):
        order, path = self._asked_by_sam(name="Tools")
        page = self.ask("/approvals?state=asked", who="user").json()
        (item,) = page["items"]
        self.assertEqual((item["kind"], item["document_id"]), (ORDER, order.id))
        self.assertEqual((item["document_name"], item["level"]), ("Tools", 1))
        self.assertEqual(item["submitter"]["id"], self.sam.id)
        self.assertIsNone(item["for_user"])
        self.assertIsNone(item["details"])
        self.assertEqual(self.ask(path, who="user").json(), item)
        for unlike in ("state=approved", "kind=res.partner", "document_id=1"):
            found = self.ask(f"/approvals?{unlike}", who="user").json()["items"]
            self.assertEqual(found, [], unlike)
        found = self.ask(f"/approvals?kind={ORDER}&fields=level", who="user").json()
        self.assertEqual(found["items"], [{"id": item["id"], "level": 1}])

    def test_it_says_what_is_decided(self):
        _order, path = self._asked_by_sam(amount=1250.5)
        facts = [("Amount", "1,250.50"), ("Due", "Friday")]
        with patch.object(self.registry[ORDER], "_get_approval_facts", lambda _: facts):
            item = self.ask(path, who="user").json()
        self.assertEqual(item["amount"], 1250.5)
        self.assertEqual(
            [(each["label"], each["text"]) for each in item["details"]], facts
        )

    def test_pages_go_on_behind_the_cursor(self):
        paths = [self._asked_by_sam()[1] for _number in range(3)]
        first = self.ask("/approvals?limit=2", who="user").json()
        self.assertEqual(len(first["items"]), 2)
        cursor = first["next_cursor"]
        last = self.ask(f"/approvals?limit=2&cursor={cursor}", who="user").json()
        self.assertEqual(
            [f"/approvals/{each['id']}" for each in last["items"]], paths[2:]
        )
        self.assertIsNone(last["next_cursor"])

    def test_it_is_approved_once(self):
        order, path = self._asked_by_sam()
        done = self._send(f"{path}/decide", decision="approve").json()
        self.assertTrue(done["is_done"])
        self.assertEqual(done["approval"]["state"], "approved")
        self.assertEqual(order.approval_state, "approved")
        again = self._send(f"{path}/decide", decision="approve")
        problem = self.assertProblem(again, "conflict")
        self.assertIn("was approved by", problem["detail"])

    def test_the_same_request_twice_decides_once(self):
        order, path = self._asked_by_sam()
        headers = {"Idempotency-Key": "approve-1"}
        body = {"decision": "return", "comment": "Amount?"}
        first, second = (
            self.ask(
                f"{path}/decide", method="POST", json=body, who="user", headers=headers
            )
            for _time in range(2)
        )
        self.assertEqual((first.status_code, second.status_code), (200, 200))
        self.assertEqual(first.json(), second.json())
        self.assertEqual(order.approval_state, "returned")

    def test_rejecting_needs_a_reason(self):
        order, path = self._asked_by_sam()
        answer = self._send(f"{path}/decide", decision="reject", comment=" ")
        self.assertProblem(answer, "invalid")
        self.assertProblem(self._send(f"{path}/decide", decision="burn"), "invalid")
        self.assertEqual(order.approval_state, "pending")
        comment = "<b onclick=alert(1)>No</b>"
        done = self._send(f"{path}/decide", decision="reject", comment=comment)
        self.assertEqual(done.json()["approval"]["comment"], comment)
        (line,) = [each for each in order.get_timeline() if each["note"]]
        self.assertEqual(line["note"], comment)

    def test_what_was_changed_meanwhile_is_submitted_anew(self):
        order, path = self._asked_by_sam()
        self.env.flush_all()
        self.cr.execute("UPDATE kpi_test_order SET amount = 7 WHERE id = %s", order.ids)
        self.env.invalidate_all()
        done = self._send(f"{path}/decide", decision="approve").json()
        self.assertFalse(done["is_done"])
        self.assertIn("A newer version has been submitted", done["reason"])
        self.assertEqual(done["approval"]["state"], "closed")
        self.assertEqual(order.approval_state, "pending")
        (item,) = self.ask("/approvals?state=asked", who="user").json()["items"]
        self.assertNotEqual(f"/approvals/{item['id']}", path)

    def test_an_older_request_says_nothing_of_what_was_submitted_later(self):
        order, path = self._asked_by_sam(amount=5.0)
        said = [("Note", "5")]
        facts = patch.object(
            self.registry[ORDER], "_get_approval_facts", lambda _: said
        )
        order.action_recall()
        order.amount = 7.0
        for _time in ("recalled", "submitted again"):
            with facts:
                item = self.ask(path, who="user").json()
            self.assertEqual((item["amount"], item["details"]), (None, None))
            if order.approval_state == "none":
                order.action_ask_approval()
        problem = self._send(f"{path}/decide", decision="approve")
        said = self.assertProblem(problem, "conflict")["detail"]
        self.assertIn("A newer approval request for Order replaced this one", said)
        (step,) = order.sudo()._find_steps("asked")
        item = self.ask(f"/approvals/{step.id}", who="user").json()
        self.assertEqual(item["amount"], 7.0)

    def test_it_is_forwarded(self):
        order, path = self._asked_by_sam()
        answer = self._send(f"{path}/forward", user_id=self.other.id, comment="You")
        self.assertEqual(answer.json()["approval"]["state"], "forwarded")
        (item,) = self.ask("/approvals?state=asked").json()["items"]
        self.assertEqual(item["for_user"]["id"], self.user.id)
        answer = self._send(
            f"/approvals/{item['id']}/decide", who="officer", decision="approve"
        )
        self.assertTrue(answer.json()["is_done"])
        self.assertEqual(order.approval_state, "approved")

    def test_it_is_not_forwarded_to_who_cannot_decide(self):
        _order, path = self._asked_by_sam()
        answer = self._send(f"{path}/forward", user_id=self.sam.id).json()
        self.assertFalse(answer["is_done"])
        self.assertIn("submitted this document", answer["reason"])
        self.assertProblem(
            self._send(f"{path}/forward", user_id=2**31 - 1), "not-found"
        )

    def test_of_others_there_is_nothing(self):
        order, path = self._asked_by_sam()
        for who in ("officer", "admin"):  # who see it on the board
            self.assertEqual(self.ask("/approvals", who=who).json()["items"], [])
            self.assertProblem(self.ask(path, who=who), "not-found")
            for action, body in (
                ("decide", {"decision": "approve"}),
                ("forward", {"user_id": self.other.id}),
            ):
                answer = self._send(f"{path}/{action}", who=who, **body)
                self.assertProblem(answer, "not-found")
        self.assertEqual(order.approval_state, "pending")

    def test_of_another_company_there_is_nothing(self):
        company = self.env["res.company"].create({"name": "Other"})
        (self.user | self.sam).company_ids |= company
        _order, path = self._asked_by_sam(company_id=company.id)
        self.assertEqual(self.ask(path, who="user").status_code, 200)
        self.user.company_ids -= company
        self.assertProblem(self.ask(path, who="user"), "not-found")
        answer = self._send(f"{path}/decide", decision="approve")
        self.assertProblem(answer, "not-found")
        self.assertEqual(self.ask("/approvals", who="user").json()["items"], [])

    def test_a_document_that_one_may_not_read_any_more_is_not_there(self):
        order, path = self._asked_by_sam()
        self.env["ir.rule"].create(
            {
                "name": "open orders",
                "model_id": self.env["ir.model"]._get_id(ORDER),
                "domain_force": "[('note', '=', 'open')]",
            }
        )
        self.assertProblem(self.ask(path, who="user"), "not-found")
        answer = self._send(f"{path}/decide", decision="approve")
        self.assertProblem(answer, "not-found")
        self.assertEqual(order.sudo().approval_state, "pending")

    def test_reading_does_not_let_decide(self):
        _order, path = self._asked_by_sam()
        key = self._key("user", scopes=("kpi.read",))
        self.assertEqual(self.ask(path, key=key).status_code, 200)
        answer = self.ask(
            f"{path}/decide", method="POST", json={"decision": "approve"}, key=key
        )
        self.assertProblem(answer, "insufficient-scope")

    def test_the_description_has_it(self):
        paths = self.ask("/openapi.json").json()["paths"]
        for path in ("", "/{approval_id}", "/{approval_id}/decide"):
            self.assertIn(f"/api/kpi/approvals{path}", paths)
