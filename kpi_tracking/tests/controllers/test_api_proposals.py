from odoo import Command
from odoo.tests import tagged

from .api_case import KpiApiCase


@tagged("post_install", "-at_install")
class TestApiProposals(KpiApiCase):
    """Changes that need approval are answered with 202 and the proposal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.target = cls.env["kpi.target"].create(
            {"report_id": cls.report.id, "date_from": "2025-01-01", "value": 100}
        )
        rows = [(cls.report.id, "2025-01-01", 90.0)]
        cls.env["kpi.measurement"]._upsert("month", rows, source="manual")
        approver = Command.create(
            {"whom": "user", "user_id": cls.env.ref("base.user_admin").id}
        )
        cls.workflow = cls.env["kpi.approval.workflow"].create(
            {
                "name": "Changes",
                "model": "kpi.approval.change",
                "auto_approve_threshold": 5.0,
                "owner_id": cls.env.ref("base.user_admin").id,
                "level_ids": [Command.create({"approver_ids": [approver]})],
            }
        )
        cls.env.flush_all()

    def _send(self, path, body, method="POST", status=202):
        answer = self.ask(path, json=body, method=method)
        self.assertEqual(answer.status_code, status, answer.text)
        return answer

    def test_a_change_is_proposed(self):
        path = f"/targets/{self.target.id}"
        answer = self._send(path, {"value": 130, "reason": "New customer"}, "PATCH")
        sent = answer.json()
        address = answer.headers["Location"].removeprefix("/api/kpi")
        self.assertEqual(address, f"/changes/{sent['id']}")
        self.assertEqual(
            (sent["approval_state"], sent["reason"]), ("pending", "New customer")
        )
        found = self._send(address, None, "GET", 200).json()
        self.assertEqual(found["summary"], "Target: 100 → 130")
        listed = self._send("/changes?approval_state=pending", None, "GET", 200).json()
        self.assertIn(sent["id"], [each["id"] for each in listed["items"]])
        self.env.invalidate_all()
        self.assertEqual(self.target.value, 100)

    def test_a_small_change_applies(self):
        path = f"/targets/{self.target.id}"
        answer = self._send(path, {"value": 104}, "PATCH", 200)
        self.assertEqual(answer.json()["value"], 104)

    def test_new_ones_and_deletions_are_proposed(self):
        body = {"report_id": self.report.id, "date_from": "2027-01-01", "value": 150}
        made = self._send("/targets", body).json()
        self.assertEqual(made["operation"], "create")
        again = self._send("/targets", body).json()
        self.assertEqual(again["id"], made["id"])
        gone = self._send(f"/targets/{self.target.id}", None, "DELETE").json()
        self.assertEqual(gone["operation"], "unlink")

    def test_a_formula_is_proposed(self):
        body = {"valid_from": "all", "method": {"computation": "formula"}}
        body["method"]["formula"] = "1 + 1"
        path = f"/definitions/{self.definition.id}/versions"
        sent = self._send(path, body).json()
        self.assertEqual(sent["approval_state"], "pending")
        self.assertIn("1 + 1", sent["summary"])

    def test_nonsense_is_refused_at_once(self):
        path = f"/targets/{self.target.id}"
        refused = self.ask(path, json={"stretch": 5}, method="PATCH")
        self.assertProblem(refused, "invalid")

    def test_what_belongs_to_another_company_is_not_there(self):
        far = self.env["res.company"].create({"name": "Far"})
        change = self.env["kpi.approval.change"].create(
            {
                "res_model": "kpi.target",
                "res_id": self.target.id,
                "vals": {"value": 7},
                "subject_model": "kpi.report",
                "subject_id": self.report.id,
                "company_id": far.id,
                "reason": "Far",
            }
        )
        self.env.flush_all()
        self.assertProblem(self.ask(f"/changes/{change.id}"), "not-found")
