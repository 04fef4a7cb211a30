import re

from odoo import Command
from odoo.http import Request
from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged

from ..approval_case import ORDER, ApprovalCase
from ..user_links import end_connection, find_connection
from .api_case import OwnCursorCase

CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
DECIDE, DIRECT = "/kpi/approval/decide", "/kpi/approval/direct"


@tagged("post_install", "-at_install")
class TestKpiApprovalPage(ApprovalCase, OwnCursorCase):
    """A link in a message: looking does nothing, its form decides once."""

    def setUp(self):
        super().setUp()
        self.workflow.write({"decision_links": "direct", "direct_limit": 500.0})
        self.order = self._asked(name="Order <b>1</b>")
        self.path, self.text = self._get_link(self.ann)
        self.env["kpi.api.counter"].env.cr.execute("DELETE FROM kpi_api_counter")

    def _get_link(self, user, order=None):
        step = (order or self.order).sudo()._find_steps("asked")
        step = step.filtered(lambda one: one.user_id == user)
        url = step.with_user(user)._get_decision_url()
        path = url.removeprefix(self.order.get_base_url())
        return path, path.rpartition("/")[2]

    def _open(self, path=None, **more):
        self.env.flush_all()
        answer = self.url_open(path or self.path, **more)
        self.env.invalidate_all()
        return answer

    def _decide(self, decision="approve", path=DIRECT, text=None, **more):
        data = {"token": text or self.text, "decision": decision, **more}
        return self._open(path, data=data)

    def test_only_the_hash_of_a_link_is_stored(self):
        self.assertEqual(len(self.text), 64)
        self.env.flush_all()
        for table in ("kpi_approval_link", "kpi_approval_step", "kpi_delivery"):
            self.cr.execute(f"SELECT row::text FROM {table} AS row")
            for (row,) in self.cr.fetchall():
                self.assertNotIn(self.text, row)

    def test_looking_does_nothing(self):
        for path in (self.path, f"{DECIDE}", f"{DIRECT}"):
            for method in ("GET", "HEAD", "OPTIONS"):
                with self.subTest(path=path, method=method):
                    self._open(path, method=method, allow_redirects=False)
                    self._open(
                        f"{path}?token={self.text}&decision=approve",
                        method=method,
                        allow_redirects=False,
                    )
                    self.assertEqual(self.order.approval_state, "pending")
        page = self._open()
        self.assertEqual(page.status_code, 200)
        self.assertIn("Order &lt;b&gt;1&lt;/b&gt;", page.text)
        self.assertNotIn("csrf_token", page.text)
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertIn("form-action 'self'", page.headers["Content-Security-Policy"])

    def test_the_form_decides_once(self):
        page = self._decide()
        self.assertEqual(page.status_code, 200)
        self.assertEqual(self.order.approval_state, "approved")
        step = self.order.sudo()._find_steps("approved")
        self.assertEqual(step.user_id, self.ann)
        for page in (self._decide("reject", comment="no"), self._open()):
            self.assertIn(f"Approved by {self.ann.name}", page.text)
            self.assertNotIn("<form", page.text)
        self.assertEqual(self.order.approval_state, "approved")
        # what somebody else decided is said to Bo, too
        path, text = self._get_link(self.bo)
        self.assertFalse(path.startswith("/kpi/approval/"))

    def test_the_link_of_somebody_else_says_who_decided(self):
        path, _text = self._get_link(self.bo)
        self._decide()
        self.assertIn(f"Approved by {self.ann.name}", self._open(path).text)

    def test_a_refusal_needs_a_reason_and_spends_nothing(self):
        page = self._decide("reject")
        self.assertIn("Enter a reason", page.text)
        self.assertIn("<form", page.text, "the next try needs no other link")
        self.assertEqual(self.order.approval_state, "pending")
        self._decide("reject", comment="<script>alert(1)</script>")
        self.assertEqual(self.order.approval_state, "rejected")
        self.assertNotIn("<script>", self._open().text)

    def test_what_changed_between_page_and_form_is_asked_anew(self):
        self._open()
        self.cr.execute(
            "UPDATE kpi_test_order_line SET price = 7 WHERE order_id = %s",
            self.order.ids,
        )
        self.assertIn("A newer version has been submitted", self._decide().text)
        self.assertEqual(self.order.approval_state, "pending")
        self.assertIn("has been replaced", self._decide().text)
        _path, text = self._get_link(self.ann)
        page = self._decide(text=text)
        self.assertEqual(self.order.approval_state, "approved", page.text)

    def _submit_other(self):
        """Recall the order and submit it with another content."""
        self.order.action_recall()
        self.order.amount = 499.0
        self.order.action_ask_approval()

    def test_an_old_link_does_not_approve_what_was_submitted_later(self):
        self._submit_other()
        self.assertIn("has been replaced", self._decide().text)
        self.assertEqual(self.order.approval_state, "pending")
        self._decide(text=self._get_link(self.ann)[1])
        self.assertEqual(self.order.approval_state, "approved")

    def test_a_call_from_outside_names_the_content_if_there_was_another(self):
        self._submit_other()
        self.authenticate(self.ann.login, self.ann.login)

        def call(versions=None):
            params = {
                "model": ORDER,
                "method": "decide_approvals",
                "args": [self.order.ids, "approve"],
                "kwargs": {"context": versions or {}},
            }
            self.env.flush_all()
            (told,) = self.make_jsonrpc_request("/web/dataset/call_kw", params)
            self.env.invalidate_all()
            return told

        self.assertIn("approval_versions", call()["reason"])
        self.assertIn("approval_versions", self._call_by_xml_rpc()["reason"])
        self.assertEqual(self.order.approval_state, "pending")
        for wrong in (7, ["x"]):
            self.assertFalse(call({"approval_versions": wrong})["is_decided"])
        seen = {"approval_versions": [self.order.sudo().approval_version]}
        self.assertTrue(call(seen)["is_decided"])

    def _call_by_xml_rpc(self):
        self.env.flush_all()
        (told,) = self.xmlrpc_object.execute_kw(
            self.cr.dbname,
            self.ann.id,
            self.ann.login,
            ORDER,
            "decide_approvals",
            [self.order.ids, "approve"],
        )
        self.env.invalidate_all()
        return told

    def test_a_link_ends_where_its_person_ends_it(self):
        path, _text = self._get_link(self.bo)
        link = self.env["kpi.approval.link"].search([("user_id", "=", self.bo.id)])
        self.assertEqual(self._open(path).status_code, 200)
        name = find_connection(self, link, self.bo).name
        self.assertEqual(name, link.step_id.document_name)
        end_connection(self, link, self.bo)
        self.assertEqual(self._open(path).status_code, 404)

    def test_links_that_open_nothing_look_alike(self):
        path, text = self._get_link(self.bo)
        link = self.env["kpi.approval.link"].search([("user_id", "=", self.bo.id)])
        answers = set()

        def refuse(path=path, text=text):
            for answer in (self._open(path), self._decide(text=text)):
                self.assertEqual(answer.status_code, 404)
                answers.add(re.sub(r"\s+", " ", answer.text))
            self.assertEqual(self.order.approval_state, "pending")

        refuse("/kpi/approval/x", "x")
        refuse(f"{path[:-1]}é", f"{text[:-1]}é")
        link.expires_on = "2001-01-01"
        refuse()
        link.expires_on = "2101-01-01"
        self.bo.active = False
        refuse()
        self.bo.active = True
        self.workflow.decision_links = "off"
        refuse()
        self.workflow.decision_links = "direct"
        self.order.with_user(self.bo).action_forward(self.cy.id)
        link.step_id.sudo().write({"user_id": self.dee.id})
        refuse()
        self.order.action_recall()
        self.order.unlink()
        for answer in (self._open(), self._decide()):
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(len(answers), 1)

    def test_links_of_the_original_open_nothing_in_a_neutralized_copy(self):
        self.assertEqual(self._open().status_code, 200)
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.registry.clear_all_caches()
        for answer in (self._open(), self._decide()):
            self.assertEqual(answer.status_code, 404)
        # nor does the copy make the links that the original will
        self.assertNotEqual(self._get_link(self.ann)[1], self.text)

    def test_beyond_the_amount_a_login_is_asked_for(self):
        order = self._asked(amount=501.0)
        path, text = self._get_link(self.ann, order)
        page = self._open(path, allow_redirects=False)
        self.assertEqual(page.status_code, 303)
        self.assertIn("/web/login?redirect=", page.headers["Location"])
        self.assertEqual(self._decide(text=text).status_code, 404)
        self.assertEqual(order.approval_state, "pending")
        self.authenticate(self.bo.login, self.bo.login)
        self._assert_not_there(path, text)
        self.assertIn("belongs to someone else", self._open(path).text)
        self.assertEqual(order.approval_state, "pending")
        self.authenticate(self.ann.login, self.ann.login)
        page = self._open(path)
        (token,) = CSRF.findall(page.text)
        refused = self._decide(path=DECIDE, text=text)
        self.assertEqual(refused.status_code, 400, "the form of another page")
        self.assertEqual(order.approval_state, "pending")
        self._decide(path=DECIDE, text=text, csrf_token=token)
        self.assertEqual(order.approval_state, "approved")

    def _make_far(self):
        """Another company, and orders that only people of their companies see."""
        self.env["ir.rule"].create(
            {
                "name": "Orders of one's companies",
                "model_id": self.env["ir.model"]._get_id(ORDER),
                "domain_force": "[('company_id', 'in', company_ids)]",
            }
        )
        return self.env["res.company"].create({"name": "Far"})

    def _assert_not_there(self, path, text):
        """Neither page nor form, for whoever is logged in."""
        self.assertEqual(self._open(path).status_code, 404)
        token = Request.csrf_token(self)
        for form in ({"path": DECIDE, "csrf_token": token}, {}):
            self.assertEqual(self._decide(text=text, **form).status_code, 404)

    def test_another_companys_document_is_not_there(self):
        far = self._make_far()
        stranger = self._make_user(
            "far", company_id=far.id, company_ids=[Command.set(far.ids)]
        )
        order = self._asked(amount=501.0)
        path, text = self._get_link(self.ann, order)
        self.authenticate(stranger.login, stranger.login)
        self._assert_not_there(path, text)
        # a link of one's own opens nothing of a company that one has left
        self.ann.write({"company_ids": [Command.set(far.ids)], "company_id": far.id})
        self.authenticate(self.ann.login, self.ann.login)
        self._assert_not_there(path, text)
        self._assert_not_there(self.path, self.text)
        self.assertEqual(order.approval_state, "pending")
        self.assertEqual(self.order.approval_state, "pending")

    def test_without_links_messages_lead_to_the_document(self):
        self.workflow.decision_links = "off"
        path, _text = self._get_link(self.ann, self._asked())
        self.assertFalse(path.startswith("/kpi/approval/"))

    def test_an_address_that_tries_too_often_waits(self):
        for _visit in range(120):  # one a second comes back
            answer = self._open("/kpi/approval/x")
            if answer.status_code == 429:
                break
        answer = self._open()
        self.assertEqual(answer.status_code, 429)
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
