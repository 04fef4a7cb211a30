from odoo import Command
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.description_case import DescriptionMixin

from .tat_api_case import TatApiCase

VERBS = (
    ("decide", {"decision": "approve"}),
    ("reassign", {"user_id": 1}),
    ("hold", {"reason": "Later"}),
    ("resume", None),
    ("withdraw", None),
    ("close", None),
    ("submit", None),
)


@tagged("post_install", "-at_install")
class TestTatRequestApi(DescriptionMixin, TatApiCase):
    """Requests as programs make, read and decide on them."""

    def test_a_request_is_made_submitted_and_decided(self):
        answer = self._make(amount=4200.5, description="<p>Three</p>")
        self.assertEqual(answer.status_code, 201, answer.text)
        made = answer.json()
        self.assertEqual((made["status"], made["amount"]), ("draft", 4200.5))
        self.assertEqual(made["initiator"]["id"], self.ina.id)
        self.assertEqual(made["template"]["id"], self.template.id)
        self.assertEqual((made["due_at"], made["decided_at"]), (None, None))
        self.assertIsNone(made["approval_asked_at"])
        path = f"/requests/{made['id']}"
        asked = self._send(f"{path}/submit", "ina").json()
        self.assertEqual((asked["status"], asked["approval_level"]), ("pending", 1))
        # 14:00 in Brussels: three hours today, three from eight o'clock tomorrow.
        self.assertEqual(asked["due_at"], "2026-03-24T10:00:00Z")
        self.assertEqual(asked["approval_asked_at"], "2026-03-23T13:00:00Z")
        done = self._send(f"{path}/decide", decision="approve").json()
        self.assertEqual((done["is_done"], done["reason"]), (True, None))
        self.assertEqual(done["request"]["approval_level"], 2)
        done = self._send(f"{path}/decide", "cy", decision="approve").json()
        self.assertEqual(done["request"]["status"], "approved")
        self.assertEqual(done["request"]["decided_at"], "2026-03-23T13:00:00Z")
        closed = self._send(f"{path}/close", "ina").json()
        self.assertEqual(closed["status"], "closed")
        self.assertEqual(self.ask(path, "ina").json(), closed)

    def test_lists_are_filtered_and_paged(self):
        first, _path = self._make_pending(subject="Laptops")
        second, _path = self._make_pending(subject="Desks", priority="express")
        draft = self._make(subject="Chairs").json()["id"]
        for who, query, expected in (
            ("ina", "", {first.id, second.id, draft}),
            ("ina", "?status=pending", {first.id, second.id}),
            ("ina", "?priority=express", {second.id}),
            ("ina", "?text=desk", {second.id}),
            ("ina", f"?text={first.number}", {first.id}),
            ("ina", f"?template_id={self.template.id}", {first.id, second.id, draft}),
            ("ina", f"?initiator_id={self.ann.id}", set()),
            ("ina", f"?approver_id={self.cy.id}", {first.id, second.id}),
            ("ina", "?can_decide=true", set()),
            ("ann", "?can_decide=true", {first.id, second.id}),
            ("cy", "?can_decide=true", set()),
            ("zoe", "", set()),
        ):
            items = self.ask(f"/requests{query}", who).json()["items"]
            self.assertEqual({each["id"] for each in items}, expected, (who, query))
        page = self.ask("/requests?limit=2&fields=subject&sort=-id", "ina").json()
        self.assertEqual([each["id"] for each in page["items"]], [draft, second.id])
        rest = self.ask(
            f"/requests?limit=2&sort=-id&cursor={page['next_cursor']}", "ina"
        ).json()
        self.assertEqual([each["id"] for each in rest["items"]], [first.id])
        self.assertIsNone(rest["next_cursor"])

    def test_departments_contain_those_below(self):
        above = self.env["hr.department"].create({"name": "Services"})
        below = self.env["hr.department"].create(
            {"name": "Desk", "parent_id": above.id}
        )
        made = self._make(department_id=below.id).json()
        self.assertEqual(made["department"]["id"], below.id)
        found = self.ask(f"/requests?department_id={above.id}", "ina").json()
        self.assertEqual([each["id"] for each in found["items"]], [made["id"]])

    def test_of_requests_of_others_there_is_nothing(self):
        _request, path = self._make_pending()
        for who in ("zoe", "bo"):
            for below in ("", "/alerts"):
                self.assertProblem(self.ask(path + below, who), "not-found")
            answer = self._send(path, who, "PATCH", subject="Mine")
            self.assertProblem(answer, "not-found")
            for verb, body in VERBS:
                answer = self._send(f"{path}/{verb}", who, **(body or {}))
                self.assertProblem(answer, "not-found")

    def test_another_company_is_as_one_that_does_not_exist(self):
        _request, path = self._make_pending()
        self.assertEqual(self.ask(path, "officer").status_code, 200)
        far = self.env["res.company"].create({"name": "Far"})
        self.people["officer"].write(
            {"company_ids": [Command.set(far.ids)], "company_id": far.id}
        )
        self.assertProblem(self.ask(path, "officer"), "not-found")
        self.template.company_id = self.env.company
        answer = self._make("officer")
        self.assertProblem(answer, "not-found")

    def test_who_sees_it_without_being_asked_cannot_decide(self):
        request, path = self._make_pending()
        for who in ("ina", "cy", "officer"):
            answer = self._send(f"{path}/decide", who, decision="approve")
            self.assertProblem(answer, "forbidden")
        answer = self._send(f"{path}/withdraw", "ann")
        self.assertProblem(answer, "forbidden")
        self.assertEqual(request.status, "pending")

    def test_what_does_not_follow_on_the_status_is_a_conflict(self):
        request, path = self._make_pending()
        for verb in ("submit", "resume", "close"):
            problem = self.assertProblem(self._send(f"{path}/{verb}"), "conflict")
            self.assertIn("Pending", problem["detail"])
        answer = self._send(path, "ina", "PATCH", subject="Else")
        self.assertProblem(answer, "conflict")
        self._send(f"{path}/decide", decision="reject", comment="No")
        self.assertEqual(request.status, "rejected")
        for verb, body in VERBS:
            if verb != "close":
                answer = self._send(f"{path}/{verb}", "ina", **(body or {}))
                self.assertProblem(answer, "conflict")

    def test_deciding_against_it_needs_a_reason(self):
        request, path = self._make_pending()
        for body in (
            {"decision": "reject"},
            {"decision": "return", "comment": " "},
            {"decision": "burn"},
            {},
        ):
            answer = self._send(f"{path}/decide", **body)
            self.assertProblem(answer, "invalid")
        self.assertEqual(request.status, "pending")
        done = self._send(f"{path}/decide", decision="return", comment="Which?").json()
        self.assertEqual(done["request"]["status"], "returned")
        changed = self._send(path, "ina", "PATCH", subject="Ten", amount=None)
        self.assertEqual(changed.json()["subject"], "Ten", changed.text)
        again = self._send(f"{path}/submit", "ina").json()
        self.assertEqual((again["status"], again["approval_round"]), ("pending", 2))

    def test_the_same_request_twice_does_it_once(self):
        body = {"subject": "Once", "template_id": self.template.id, "submit": True}
        headers = {"Idempotency-Key": "make-1"}
        made = [
            self.ask("/requests", "ina", "POST", json=body, headers=headers)
            for _time in range(2)
        ]
        self.assertEqual([each.status_code for each in made], [201, 201])
        self.assertEqual(made[0].json(), made[1].json())
        found = self.ask("/requests?text=Once", "ina").json()["items"]
        self.assertEqual(len(found), 1)
        path = f"/requests/{found[0]['id']}/decide"
        headers = {"Idempotency-Key": "decide-1"}
        body = {"decision": "approve"}
        done = [
            self.ask(path, "ann", "POST", json=body, headers=headers)
            for _time in range(2)
        ]
        self.assertEqual([each.status_code for each in done], [200, 200])
        self.assertEqual(done[0].json(), done[1].json())
        # Without the key it is a second decision, of somebody who is asked no more.
        answer = self._send(path, decision="approve")
        self.assertProblem(answer, "forbidden")

    def test_a_decision_names_what_was_read(self):
        found, path = self._make_pending()
        old = self.ask(path, "ann").headers["ETag"]
        found.with_user(self.ina).action_withdraw()
        found.subject = "Four laptops"
        found.with_user(self.ina).action_submit()
        refused = self._send(f"{path}/decide", decision="approve")
        self.assertEqual(refused.status_code, 422)
        self.assertIn("If-Match", refused.json()["detail"])
        self.assertProblem(self._decide(path, old), "precondition-failed")
        for scopes in (("kpi.write",), ("tat.read",)):
            answer = self._decide(path, "*", key=self._key("ann", scopes))
            self.assertProblem(answer, "insufficient-scope")
        self.assertEqual(found.status, "pending")
        now = self.ask(path, "ann").headers["ETag"]
        self.assertTrue(self._decide(path, now).json()["is_done"])

    def _decide(self, path, etag, **more):
        headers = {"If-Match": etag}
        body = {"decision": "approve"}
        return self.ask(
            f"{path}/decide", "ann", "POST", json=body, headers=headers, **more
        )

    def test_it_is_handed_over(self):
        request, path = self._make_pending()
        answer = self._send(f"{path}/reassign", user_id=self.bo.id, comment="You")
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(request.sudo()._find_steps("asked").user_id, self.bo)
        answer = self._send(f"{path}/reassign", "bo", user_id=2**31 - 1)
        self.assertProblem(answer, "not-found")
        answer = self._send(f"{path}/reassign", "bo", user_id=self.ina.id)
        self.assertEqual(answer.status_code, 422)

    def test_it_is_put_on_hold_and_resumed(self):
        request, path = self._make_pending()
        self.assertProblem(self._send(f"{path}/hold", "ina", reason="X"), "invalid")
        for body in ({}, {"reason": " "}, {"reason": "X", "limit_at": "2026-03-30"}):
            self.assertProblem(self._send(f"{path}/hold", **body), "invalid")
        past = {"reason": "X", "limit_at": "2026-03-20T12:00:00+01:00"}
        self.assertProblem(self._send(f"{path}/hold", **past), "invalid")
        answer = self._send(
            f"{path}/hold", reason="Offer", limit_at="2026-03-30T12:00:00+02:00"
        )
        self.assertEqual(answer.json()["status"], "on_hold", answer.text)
        self.assertEqual(str(request.hold_ids.limit_at), "2026-03-30 10:00:00")
        problem = self.assertProblem(
            self._send(f"{path}/decide", decision="approve"), "conflict"
        )
        self.assertIn("On Hold", problem["detail"])
        answer = self._send(f"{path}/resume")
        self.assertEqual(answer.json()["status"], "pending")

    def test_it_is_withdrawn(self):
        request, path = self._make_pending()
        answer = self._send(f"{path}/withdraw", "ina")
        self.assertEqual(answer.json()["status"], "withdrawn", answer.text)
        self.assertEqual(
            request.sudo().level_ids.filtered("stopped_at").clock, "stopped"
        )

    def test_what_cannot_be_is_refused(self):
        for values in (
            {"subject": " "},
            {"subject": 5},
            {"amount": -1.0},
            {"amount": "5"},
            {"priority": "urgent"},
            {"status": "approved"},
            {"initiator_id": self.ann.id},
        ):
            self.assertProblem(self._make(**values), "invalid")
        self.assertProblem(self._make(template_id=2**31 - 1), "not-found")
        self.assertProblem(self._make(department_id=2**31 - 1), "not-found")

    def test_without_a_template_that_applies_nothing_is_approved(self):
        self.template.active = False
        answer = self._make(submit=True)
        self.assertEqual(answer.status_code, 422)
        self.assertIn("cannot be used", answer.text)
        found = self.ask("/requests?text=Laptops", "ina").json()["items"]
        self.assertEqual(found, [])

    def test_a_change_of_what_was_changed_meanwhile_is_refused(self):
        made = self._make().json()
        path = f"/requests/{made['id']}"
        headers = {"If-Match": self.ask(path, "ina").headers["ETag"]}
        for subject, expected in (("First", 200), ("Second", 412)):
            answer = self.ask(
                path, "ina", "PATCH", json={"subject": subject}, headers=headers
            )
            self.assertEqual(answer.status_code, expected)

    def test_scopes_are_asked_for(self):
        key = self._key("ina", ("kpi.read", "kpi.write"))
        self.assertProblem(self.ask("/requests", key=key), "insufficient-scope")
        key = self._key("ina", ("tat.read",))
        self.assertEqual(self.ask("/requests", key=key).status_code, 200)
        answer = self.ask("/requests", key=key, json={"subject": "X"})
        self.assertProblem(answer, "insufficient-scope")
