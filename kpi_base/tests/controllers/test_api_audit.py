import gzip

from odoo import Command
from odoo.tests import tagged

from ...audit import AuditEvent
from ...engine.audit import parse_anchor
from .api_case import ApiCase


@tagged("post_install", "-at_install")
class TestApiAudit(ApiCase):
    """The audit log over HTTP: for system administrators with the scope for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people["admin"].group_ids = [
            Command.link(cls.env.ref("base.group_system").id)
        ]
        cls.partner = cls.env["res.partner"].create({"name": "Audited"})
        cls.entries = cls.env["kpi.audit.log"]._append(
            [AuditEvent(cls.partner, "moved", {"to": step}) for step in range(3)]
        )
        cls.anchor = cls.env["kpi.audit.anchor"]._anchor()
        cls.keys |= {
            name: cls._key(name, scopes=("audit.read",)) for name in ("admin", "user")
        }
        cls.env.flush_all()

    def test_the_log_is_verified(self):
        for path in ("", f"?model=res.partner&res_id={self.partner.id}"):
            with self.subTest(path=path):
                answer = self.ask(f"/audit/verify{path}", who="admin").json()
                self.assertTrue(answer["is_whole"], answer)
                self.assertFalse(answer["faults"])
        self.assertEqual(answer["entry_count"], 3)

    def test_half_of_a_record_is_refused(self):
        answer = self.ask("/audit/verify?model=res.partner", who="admin")
        self.assertProblem(answer, "invalid")

    def test_entries_and_anchors_are_listed_and_proved(self):
        path = f"/audit/entries?model=res.partner&res_id={self.partner.id}"
        items = self.ask(path, who="admin").json()["items"]
        self.assertEqual([item["seq"] for item in items], [1, 2, 3])
        proof = self.ask(f"/audit/entries/{items[0]['id']}/proof", who="admin").json()
        self.assertEqual(parse_anchor(proof["anchor"]).size, self.anchor.size)
        anchors = self.ask("/audit/anchors", who="admin").json()["items"]
        self.assertEqual(anchors[-1]["text"], self.anchor.text)
        path = f"/audit/anchors/{self.anchor.id}/consistency?size=1"
        self.assertTrue(self.ask(path, who="admin").json()["proof"])

    def test_others_learn_nothing(self):
        for path in ("/audit/entries", "/audit/anchors", "/audit/verify"):
            with self.subTest(path=path):
                answer = self.ask(path, who="user")
                self.assertIn(answer.status_code, (403, 404))
                answer = self.ask(path, who="officer")  # without the scope
                self.assertProblem(answer, "insufficient-scope")

    def test_files_are_for_system_administrators(self):
        for user, status in (("api_admin", 200), ("api_officer", 403)):
            self.authenticate(user, user)
            for path in ("/kpi/audit/log", "/kpi/audit/anchors"):
                with self.subTest(user=user, path=path):
                    self.assertEqual(self.url_open(path).status_code, status)
        self.authenticate("api_admin", "api_admin")
        lines = gzip.decompress(self.url_open("/kpi/audit/log").content).splitlines()
        self.assertEqual(len(lines), self.env["kpi.audit.log"].search_count([]))
        text = self.url_open(f"/kpi/audit/anchors?ids={self.anchor.id}").text
        self.assertEqual(text, f"{self.anchor.text}\n")
        answer = self.url_open("/kpi/audit/anchors?ids=²,x,99999999999")
        self.assertEqual((answer.status_code, answer.text), (200, ""))
