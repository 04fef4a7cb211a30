from odoo.tests import tagged

from .api_case import KpiApiCase


@tagged("post_install", "-at_install")
class TestApiChanges(KpiApiCase):
    """Making, changing, archiving and deleting; who was faster, and what stays."""

    def _send(self, path, body, method="POST", status=200, **options):
        answer = self.ask(path, json=body, method=method, **options)
        self.assertEqual(answer.status_code, status, answer.text)
        return answer

    def _measure(self):
        row = {"report_id": self.report.id, "day": "2025-01-31", "value": 2.0}
        self._send("/measurements", {"rows": [row]})

    def test_a_definition_that_was_never_used_can_be_deleted(self):
        made = self._send(
            "/definitions", {"name": "Calls", "code": "calls"}, status=201
        )
        path = f"/definitions/{made.json()['id']}"
        self.assertEqual(self.ask(path, method="DELETE").status_code, 204)
        self.assertProblem(self.ask(path), "not-found")

    def test_a_definition_that_is_tracked_or_in_a_formula_stays(self):
        part = self._definition("Part", "api_part")
        formula = {"computation": "formula", "formula": "api_part * 2"}
        self._definition("Twice", "api_twice", **formula)
        for definition in (part, self.definition):
            answer = self.ask(f"/definitions/{definition.id}", method="DELETE")
            self.assertProblem(answer, "invalid")
            self.assertTrue(definition.exists())

    def test_what_has_values_is_archived_and_comes_back(self):
        self._measure()
        for path in (
            f"/reports/{self.report.id}",
            f"/definitions/{self.definition.id}",
        ):
            refused = self.ask(path, method="DELETE")
            detail = self.assertProblem(refused, "invalid")["detail"]
            self.assertIn("Archive it instead", detail)
            self._send(path, {"active": False}, "PATCH")
            self.assertFalse(self.ask(path).json()["active"])
            self._send(path, {"active": True}, "PATCH")

    def test_archived_ones_are_listed_when_asked_for(self):
        other = self._definition("Old", "api_old")
        self._send(f"/definitions/{other.id}", {"active": False}, "PATCH")
        listed = self.ask("/definitions?code=api_old").json()["items"]
        self.assertFalse(listed)
        (found,) = self.ask("/definitions?code=api_old&active=false").json()["items"]
        self.assertEqual(found["id"], other.id)

    def test_a_kpi_without_values_can_be_deleted_by_officers(self):
        path = f"/reports/{self.own_report.id}"
        self.assertProblem(self.ask(path, who="user", method="DELETE"), "forbidden")
        self.assertEqual(self.ask(path, method="DELETE").status_code, 204)
        self.assertFalse(self.own_report.exists())

    def test_every_change_can_be_bound_to_what_was_read(self):
        """412 for each verb with an old ETag, done with the one that the change before
        gave back."""
        self._measure()
        fact = self.env["kpi.measurement"].search([("report_id", "=", self.report.id)])
        target = self.env["kpi.target"].create(
            {"report_id": self.report.id, "date_from": "2026-01-01", "value": 1.0}
        )
        scorecard = self.env["kpi.report.group"].create({"name": "Api board"})
        for method, path, body in (
            ("PATCH", f"/definitions/{self.definition.id}", {"decimals": 2}),
            ("PATCH", f"/reports/{self.report.id}", {"owner_id": self.env.uid}),
            ("PATCH", f"/targets/{target.id}", {"value": 2.0}),
            ("PATCH", f"/scorecards/{scorecard.id}", {"code": "api"}),
            ("DELETE", f"/targets/{target.id}", None),
            ("DELETE", f"/measurements/{fact.id}", None),
            ("DELETE", f"/scorecards/{scorecard.id}", None),
            ("DELETE", f"/reports/{self.own_report.id}", None),
        ):
            with self.subTest(method=method, path=path):
                query = "?reason=Wrong" if "measurements" in path else ""
                change = {"method": method, "json": body}
                old = {"If-Match": '"0123456789abcdef0123456789abcdef"'}
                refused = self.ask(path + query, headers=old, **change)
                self.assertProblem(refused, "precondition-failed")
                seen = self.ask(path).headers["ETag"]
                done = self.ask(path + query, headers={"If-Match": seen}, **change)
                self.assertIn(done.status_code, (200, 204), done.text)
                if method == "PATCH":
                    now = self.ask(path).headers["ETag"]
                    self.assertEqual(done.headers["ETag"], now)
                    self.assertNotEqual(seen, now)

    def test_a_decision_can_be_bound_to_what_was_read(self):
        self.definition.has_entry_approval = True
        value = {"report_id": self.own_report.id, "day": "2025-01-31", "value": 2.0}
        made = self._send("/submit", {"values": [value]}, status=201, who="user")
        path = f"/submissions/{made.json()['items'][0]['id']}"
        seen = {"If-Match": self.ask(path).headers["ETag"]}
        old = {"If-Match": '"0123456789abcdef0123456789abcdef"'}
        for step, body in (
            ("submit", {}),
            ("approve", {}),
            ("reject", {"reason": "x"}),
        ):
            refused = self.ask(f"{path}/{step}", json=body, method="POST", headers=old)
            self.assertProblem(refused, "precondition-failed")
        approved = self._send(f"{path}/approve", {}, headers=seen)
        self.assertEqual(approved.json()["state"], "approved")

    def test_the_etag_that_a_compressing_proxy_made_weak_still_counts(self):
        path = f"/definitions/{self.definition.id}"
        weak = "W/" + self.ask(path).headers["ETag"]
        unchanged = self.ask(path, headers={"If-None-Match": weak})
        self.assertEqual(unchanged.status_code, 304)
        self._send(path, {"decimals": 3}, "PATCH", headers={"If-Match": weak})

    def test_a_scorecard_is_made_filled_changed_and_deleted(self):
        made = self._send("/scorecards", {"name": "Board", "code": "board"}, status=201)
        path = f"/scorecards/{made.json()['id']}"
        own, company = self.own_report.id, self.report.id
        lines = [{"report_id": own, "weight": 2}, {"report_id": company}]
        self._send(f"{path}/lines", {"lines": lines}, "PUT")
        found = self._lines(path)
        self.assertEqual(found, [(own, 2.0), (company, self.definition.weight)])
        self._send(f"{path}/lines", {"lines": lines[::-1]}, "PUT")
        self.assertEqual(self._lines(path), found[::-1])
        self._send(f"{path}/lines", {"lines": lines[1:]}, "PUT")
        self.assertEqual(self._lines(path), found[1:])
        self.assertEqual(self.ask(path, method="DELETE").status_code, 204)
        self.assertTrue(self.report.exists())

    def _lines(self, path):
        items = self.ask(f"{path}/lines").json()["items"]
        return [(line["report"]["id"], line["weight"]) for line in items]

    def test_a_kpi_stands_on_a_scorecard_once(self):
        made = self._send("/scorecards", {"name": "Board"}, status=201)
        path = f"/scorecards/{made.json()['id']}/lines"
        twice = {"lines": [{"report_id": self.report.id}] * 2}
        self.assertProblem(self.ask(path, json=twice, method="PUT"), "invalid")
        unknown = {"lines": [{"report_id": 2**31 - 1}]}
        self.assertProblem(self.ask(path, json=unknown, method="PUT"), "not-found")

    def test_scorecards_are_made_by_those_who_may_in_odoo(self):
        answer = self.ask("/scorecards", who="user", json={"name": "x"}, method="POST")
        self.assertProblem(answer, "forbidden")

    def test_what_others_keep_on_a_scorecard_stays(self):
        """A person who sees a scorecard's KPIs in part changes that part only."""
        hidden = self._definition("Wages", "api_wages")
        hidden = hidden._track_for("company", self.env.company)
        board = self.env["kpi.report.group"].create({"name": "Board"})
        board.line_ids = [(0, 0, {"report_id": hidden.id})]
        rule = self.env["ir.rule"].create(
            {
                "name": "Not the wages",
                "model_id": self.env.ref("kpi_tracking.model_kpi_report_group_line").id,
                "domain_force": f"[('report_id', '!=', {hidden.id})]",
            }
        )
        lines = {"lines": [{"report_id": self.report.id}]}
        self._send(f"/scorecards/{board.id}/lines", lines, "PUT")
        rule.active = False
        self.assertEqual(board.line_ids.report_id, hidden | self.report)
