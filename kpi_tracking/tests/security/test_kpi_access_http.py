import json
from datetime import datetime, timedelta

from odoo.http import Request
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .access_case import KpiAccessMixin
from .access_oracle import SEEN

PASSWORD = "kpi-access-over-http"
QUIET = ("odoo.http", "odoo.addons.base.models.ir_rule")


@tagged("post_install", "-at_install")
class TestKpiAccessHttp(KpiAccessMixin, HttpCase):
    """The same people over the wire: sessions, keys, exports, chatter, files."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_world()
        for user in cls.users.values():
            user.password = PASSWORD
        cls.env.flush_all()
        cls.ids = [report.id for report in cls.report.values()]
        cls.keys = {report.id: key for key, report in cls.report.items()}

    def _log_in(self, persona):
        self.authenticate(self.users[persona].login, PASSWORD)

    def _call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def _assert_refused(self, error, model, method, *args, **kwargs):
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": kwargs,
                }
            },
        ).json()
        self.assertNotIn("result", answer)
        self.assertEqual(answer["error"]["data"]["name"].split(".")[-1], error)

    def test_session(self):
        domain = [("id", "in", self.ids)]
        for persona in ("user", "manager", "parent", "officer_a", "user_b", "portal"):
            self._log_in(persona)
            with self.subTest(persona=persona):
                if not SEEN[persona]:
                    with mute_logger(*QUIET):
                        self._assert_refused(
                            "AccessError", "kpi.report", "search_read", domain, ["name"]
                        )
                    continue
                rows = self._call("kpi.report", "search_read", domain, ["name"])
                self.assertEqual({self.keys[row["id"]] for row in rows}, SEEN[persona])

    @mute_logger(*QUIET)
    def test_session_refuses(self):
        self._log_in("user")
        hidden = [self.report["sam"].id]
        own = [self.report["uma"].id]
        fact = self.records["kpi.measurement"]["uma"].ids
        for error, model, method, args in (
            ("AccessError", "kpi.report", "read", [hidden, ["current_value"]]),
            ("AccessError", "kpi.report", "write", [own, {"current_value": 1.0}]),
            ("UserError", "kpi.measurement", "write", [fact, {"value": 1.0}]),
            ("AccessError", "kpi.measurement", "unlink", [fact]),
            ("AccessError", "kpi.measurement", "_upsert", ["month", []]),
            ("AccessError", "kpi.report", "_enter_value", [own, "2026-01-01", 1]),
            ("AccessError", "kpi.report", "_refresh_current", [own]),
            ("AccessError", "kpi.measurement.revision", "init", [[]]),
            ("AccessError", "kpi.job", "action_retry", [[]]),
            ("AccessError", "kpi.source", "search_read", [[]]),
        ):
            with self.subTest(model=model, method=method):
                self._assert_refused(error, model, method, *args)

    @mute_logger(*QUIET)
    def test_key(self):
        """Odoo's own REST interface, by a key of the user."""
        expiry = datetime.now() + timedelta(days=1)
        for persona in ("user", "officer_a", "user_b"):
            user = self.users[persona]
            keys = self.env["res.users.apikeys"].with_user(user)
            # The user's own key; making one asks for the password first.
            key = keys.sudo()._generate(None, "Access", expiry)
            with self.subTest(persona=persona):
                found = self._ask(
                    key, "search", domain=[["id", "in", self.ids]], limit=None
                ).json()
                self.assertEqual({self.keys[each] for each in found}, SEEN[persona])
                hidden = "b_company" if persona != "user_b" else "company"
                hidden_ids = self.report[hidden].ids
                refused = self._ask(key, "read", ids=hidden_ids, fields=["name"])
                self.assertEqual(refused.status_code, 403)
                self.assertNotIn(self.report[hidden].name, refused.text)
        self.assertEqual(self._ask("none", "search", domain=[]).status_code, 401)

    def _ask(self, key, method, **body):
        return self.url_open(
            f"/json/2/kpi.report/{method}",
            headers={"Authorization": f"Bearer {key}"},
            json=body,
        )

    def test_exported_file(self):
        self._log_in("user")
        content = self.url_open(
            "/web/export/csv",
            data={
                "data": json.dumps(
                    {
                        "model": "kpi.report",
                        "fields": [{"name": "name", "label": "Name"}],
                        "ids": False,
                        "domain": [["id", "in", self.ids]],
                        "groupby": [],
                        "import_compat": False,
                        "context": {},
                    }
                ),
                "csrf_token": Request.csrf_token(self),
            },
        )
        content.raise_for_status()
        rows = {line.strip('"') for line in content.text.splitlines()[1:]}
        self.assertEqual(rows, {self.report[key].name for key in SEEN["user"]})

    @mute_logger(*QUIET)
    def test_chatter_and_files(self):
        for key in ("uma", "sam"):
            self.report[key].message_post(
                body=f"About {key}", attachments=[(f"{key}.txt", key.encode())]
            )
        files = {key: self._file(key) for key in ("uma", "sam")}
        self.env.flush_all()
        self._log_in("user")
        self.assertIn("About uma", self._chatter("uma"))
        self.assertNotIn("About sam", self._chatter("sam"))
        found = self.url_open(f"/web/content/{files['uma'].id}")
        self.assertEqual((found.status_code, found.text), (200, "uma"))
        hidden = self.url_open(f"/web/content/{files['sam'].id}")
        self.assertEqual(hidden.status_code, 404)

    def _file(self, key):
        return self.report[key].message_ids.attachment_ids

    def _chatter(self, key):
        return self.url_open(
            "/mail/thread/messages",
            json={
                "params": {
                    "thread_model": "kpi.report",
                    "thread_id": self.report[key].id,
                }
            },
        ).text
