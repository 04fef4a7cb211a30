from odoo.fields import Command
from odoo.tests import tagged

from .deal_api_case import DealApiCase

CONTACT = {"contact_type": "legal", "name": "Ines Berg", "email": "ines@example.com"}
DOCUMENT = {"title": "Agreement", "uri": "https://files.example.com/agreement.pdf"}


@tagged("post_install", "-at_install")
class TestDealPartsApi(DealApiCase):
    """Contacts and documents of deals, and their end and return, over REST."""

    def setUp(self):
        super().setUp()
        self.deal = self._create(team_id=self.team.id).json()
        self.path = f"/deals/{self.deal['uuid']}"

    def _add(self, part, body, who="user", path=None):
        return self.ask(f"{path or self.path}/{part}", who, json=body)

    def _reopen(self, who="manager", reason="By mistake"):
        return self.ask(f"{self.path}/reopen", who, json={"reason": reason})

    def test_a_deal_is_cancelled_and_reopened_by_who_may(self):
        answer = self.ask(f"{self.path}/cancel", "user", "POST")
        self.assertEqual(answer.json()["status"], "cancelled", answer.text)
        answer = self.ask(f"{self.path}/cancel", "user", "POST")
        self.assertIn("not open", self.assertProblem(answer, "invalid")["detail"])
        answer = self._reopen("user")
        self.assertProblem(answer, "forbidden")
        for reason in ("", " "):
            answer = self._reopen(reason=reason)
            problem = self.assertProblem(answer, "invalid")
            self.assertIn("Enter a reason", problem["detail"])
        answer = self.ask(f"{self.path}/reopen", "manager", "POST", json={})
        self.assertProblem(answer, "invalid")
        answer = self._reopen()
        self.assertEqual(answer.json()["status"], "open", answer.text)
        answer = self._reopen()
        self.assertIn("already open", self.assertProblem(answer, "invalid")["detail"])
        verdict = self.ask(f"{self.path}/audit", "user").json()
        self.assertTrue(verdict["is_whole"], verdict)

    def test_a_lost_deal_is_reopened_in_the_stage_where_it_was(self):
        for body in (
            {"to_stage": "proposal"},
            {"to_stage": "closed_lost", "lost_reason_id": self.reason.id},
        ):
            answer = self.ask(f"{self.path}/stage", "user", json=body)
            self.assertEqual(answer.status_code, 200, answer.text)
        deal = self._reopen().json()
        self.assertEqual(
            (deal["status"], deal["pipeline_stage"]), ("open", "proposal"), deal
        )

    def test_only_the_deal_that_was_read_is_cancelled(self):
        tag = self.ask(self.path, "user").headers["ETag"]
        self.ask(self.path, "user", "PATCH", json={"title": "A"})
        headers = {"If-Match": tag}
        for act, body in (("cancel", None), ("reopen", {"reason": "By mistake"})):
            answer = self.ask(
                f"{self.path}/{act}", "user", "POST", headers=headers, json=body
            )
            self.assertProblem(answer, "precondition-failed")

    def test_contacts_are_added_changed_and_removed(self):
        answer = self._add("contacts", CONTACT)
        self.assertEqual(answer.status_code, 201, answer.text)
        contact = answer.json()
        self.assertEqual(contact["deal"]["name"], self.deal["title"])
        self.assertEqual({name: contact[name] for name in CONTACT}, CONTACT)
        one = f"{self.path}/contacts/{contact['id']}"
        body = {"phone": "+49 40 123456", "email": None}
        changed = self.ask(one, "user", "PATCH", json=body)
        self.assertEqual(changed.json()["phone"], "+49 40 123456", changed.text)
        self.assertIsNone(changed.json()["email"])
        stale = {"If-Match": answer.headers["ETag"]}
        refused = self.ask(one, "user", "PATCH", headers=stale, json=body)
        self.assertProblem(refused, "precondition-failed")
        self.assertEqual(self.ask(one, "viewer").json()["name"], "Ines Berg")
        found = self.ask(f"{self.path}/contacts?contact_type=legal", "viewer").json()
        self.assertEqual([each["id"] for each in found["items"]], [contact["id"]])
        found = self.ask(f"{self.path}/contacts?contact_type=finance", "user").json()
        self.assertEqual(found["items"], [])
        answer = self.ask(one, "user", "DELETE")
        self.assertEqual(answer.status_code, 204, answer.text)
        self.assertProblem(self.ask(one, "user"), "not-found")
        verdict = self.ask(f"{self.path}/audit", "user").json()
        self.assertTrue(verdict["is_whole"], verdict)

    def test_a_linked_contact_brings_its_name(self):
        partner = self.env["res.partner"].create(
            {"name": "Berg & Co", "email": "office@example.com"}
        )
        contact = self._add("contacts", {"partner_id": partner.id}).json()
        self.assertEqual(
            (contact["name"], contact["email"]), ("Berg & Co", "office@example.com")
        )

    def test_documents_are_added_changed_and_removed(self):
        answer = self._add("documents", DOCUMENT)
        self.assertEqual(answer.status_code, 201, answer.text)
        document = answer.json()
        self.assertEqual(document["uri"], DOCUMENT["uri"])
        self.assertEqual(document["uploaded_by"]["id"], self.people["user"].id)
        self.assertEqual(document["document_type"], "other")
        one = f"{self.path}/documents/{document['id']}"
        body = {"document_type": "agreement", "mime_type": "application/pdf"}
        answer = self.ask(one, "user", "PATCH", json=body)
        self.assertEqual(answer.json()["document_type"], "agreement", answer.text)
        found = self.ask(f"{self.path}/documents?sort=-title", "viewer").json()["items"]
        self.assertEqual([each["title"] for each in found], ["Agreement"])
        answer = self.ask(one, "user", "DELETE")
        self.assertEqual(answer.status_code, 204, answer.text)
        self.assertProblem(self.ask(one, "user"), "not-found")

    def test_what_cannot_be_is_refused(self):
        contact = self._add("contacts", CONTACT).json()["id"]
        document = self._add("documents", DOCUMENT).json()["id"]
        for part, one, body in (
            ("contacts", None, {}),
            ("contacts", None, {"name": " "}),
            ("contacts", None, {"name": "A", "contact_type": "friend"}),
            ("contacts", None, {"name": "A", "deal_id": 1}),
            ("contacts", contact, {"name": None}),
            ("contacts", contact, {"name": "\0"}),
            ("documents", None, {"title": "A"}),
            ("documents", None, {**DOCUMENT, "uri": "javascript:alert(1)"}),
            ("documents", None, {**DOCUMENT, "uploaded_by": 2}),
            ("documents", document, {"uri": None}),
            ("documents", document, {"title": None}),
        ):
            with self.subTest(part=part, one=one, body=body):
                method = "PATCH" if one else "POST"
                path = f"{self.path}/{part}/{one}" if one else f"{self.path}/{part}"
                answer = self.ask(path, "user", method, json=body)
                self.assertProblem(answer, "invalid")
        answer = self._add("contacts", {"partner_id": 2**31 - 1})
        self.assertProblem(answer, "not-found")

    def test_parts_are_found_below_their_own_deal_only(self):
        ids = {
            "contacts": self._add("contacts", CONTACT).json()["id"],
            "documents": self._add("documents", DOCUMENT).json()["id"],
        }
        second = f"/deals/{self._create(title='Mill').json()['uuid']}"
        for part, key in ids.items():
            self.assertEqual(self.ask(f"{second}/{part}", "user").json()["items"], [])
            for method, body in (
                ("GET", None),
                ("PATCH", {"document_type": "loi"}),
                ("DELETE", None),
            ):
                with self.subTest(part=part, method=method):
                    if method == "PATCH" and part == "contacts":
                        body = {"phone": "1"}
                    answer = self.ask(
                        f"{second}/{part}/{key}", "user", method, json=body
                    )
                    self.assertProblem(answer, "not-found")

    def test_who_may_not_change_the_deal_changes_no_part(self):
        far = self.env["res.company"].create({"name": "Far"})
        self.people["officer"].write(
            {"company_ids": [Command.set(far.ids)], "company_id": far.id}
        )
        reader = self._key("user", ("deals.read",))
        for part, body, change in (
            ("contacts", CONTACT, {"phone": "1"}),
            ("documents", DOCUMENT, {"title": "B"}),
        ):
            one = f"{self.path}/{part}/{self._add(part, body).json()['id']}"
            for who, slug in (
                ("other", "not-found"),
                ("officer", "not-found"),
                ("viewer", "forbidden"),
            ):
                with self.subTest(part=part, who=who):
                    self.assertProblem(self._add(part, body, who), slug)
                    answer = self.ask(one, who, "PATCH", json=change)
                    self.assertProblem(answer, slug)
                    self.assertProblem(self.ask(one, who, "DELETE"), slug)
            answer = self.ask(one, "user", "DELETE", key=reader)
            self.assertProblem(answer, "insufficient-scope")
            self.assertEqual(self.ask(one, "user", key=reader).status_code, 200)
        for act, body in (("cancel", None), ("reopen", {"reason": "By mistake"})):
            for who, slug in (
                ("other", "not-found"),
                ("officer", "not-found"),
                ("viewer", "forbidden"),
            ):
                answer = self.ask(f"{self.path}/{act}", who, "POST", json=body)
                self.assertProblem(answer, slug)

    def test_the_description_names_every_path(self):
        paths = self.ask("/openapi.json", None).json()["paths"]
        for path, methods in (
            ("cancel", {"post"}),
            ("reopen", {"post"}),
            ("contacts", {"get", "post"}),
            ("contacts/{contact_id}", {"get", "patch", "delete"}),
            ("documents", {"get", "post"}),
            ("documents/{document_id}", {"get", "patch", "delete"}),
        ):
            found = paths[f"/api/v1/deals/{{deal_id}}/{path}"]
            self.assertLessEqual(methods, set(found), path)
