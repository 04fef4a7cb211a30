import errno
import json
from unittest.mock import patch

from odoo import api
from odoo.http import Request, root
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .api_case import ApiCase

LATE = """
    DO $$ BEGIN
        RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
    END $$
"""
JSON = {"Content-Type": "application/json"}
CALL = "/web/dataset/call_kw/kpi.team/create"


def full(self, *_args, **_kwargs):
    """A method that finds no room for what it writes."""
    raise OSError(errno.ENOSPC, "No space left on device")


@tagged("post_install", "-at_install")
class TestRefusals(HttpCase):
    """People read a sentence where something failed that is no bug."""

    def setUp(self):
        super().setUp()
        self.authenticate("admin", "admin")
        # Odoo waits up to half a minute before it runs a late request a fifth time.
        waiting = patch("odoo.service.model.random.uniform", lambda *_range: 0.0)
        waiting.start()
        self.addCleanup(waiting.stop)

    def _call(self, args):
        body = {"params": {"model": "kpi.team", "method": "create", "args": args}}
        body["params"]["kwargs"] = {}
        with mute_logger("odoo.http", "odoo.sql_db"):
            answer = self.url_open(CALL, json.dumps(body), headers=JSON)
        return answer.json()["error"]["data"]

    def _assert_sentence(self, found, sentence):
        self.assertEqual(found["name"], "odoo.exceptions.UserError", found["debug"])
        self.assertIn(sentence, found["message"])

    def test_others_came_first_each_time(self):
        calls = []

        def late(teams, _vals_list):
            calls.append(teams)
            teams.env.cr.execute(LATE)

        self.patch(self.registry["kpi.team"], "create", api.model(late))
        found = self._call([{"name": "A"}])
        self._assert_sentence(found, "Someone else changed the same records.")
        self.assertEqual(len(calls), 5)

    def test_what_has_no_table_is_named(self):
        body = {"model": "kpi.approval.mixin", "args": [[], "approve"], "kwargs": {}}
        methods = ("decide_approvals", "unlink")
        methods += ("search_count", "search_read", "web_search_read", "create")
        for method in methods:
            params = {"params": {**body, "method": method}}
            with mute_logger("odoo.http", "odoo.sql_db"):
                answer = self.url_open(CALL, json.dumps(params), headers=JSON)
            found = answer.json()["error"]["data"]
            self._assert_sentence(found, "kpi.approval.mixin has no records")

    def test_a_form_that_shows_a_key_opens(self):
        fields = {"key": {}}
        params = {
            "model": "res.users.apikeys.show",
            "method": "onchange",
            "args": [[], {}, [], fields],
            "kwargs": {"context": {"default_key": "shown once"}},
        }
        answer = self.url_open(CALL, json.dumps({"params": params}), headers=JSON)
        self.assertEqual(answer.json()["result"]["value"], {"key": "shown once"})

    def test_no_room_for_a_file(self):
        self.patch(self.registry["kpi.team"], "create", api.model(full))
        found = self._call([{"name": "A"}])
        self._assert_sentence(found, "The server's disk is full; nothing was saved.")

    def test_what_is_nested_too_deeply_for_odoo_or_for_us(self):
        for levels in (200, 3_000):
            with self.subTest(levels=levels):
                deep = "[" * levels + "]" * levels
                body = f'{{"params": {{"model": "kpi.team", "args": {deep}}}}}'
                body = body.replace(
                    '"args"', '"method": "create", "kwargs": {}, "args"'
                )
                with mute_logger("odoo.http"):
                    answer = self.url_open(CALL, body, headers=JSON)
                found = answer.json()["error"]["data"]
                self._assert_sentence(found, "nested too deeply")

    def test_a_session_that_cannot_be_stored(self):
        self.authenticate(None, None)
        values = {
            "login": "admin",
            "password": "admin",
            "csrf_token": Request.csrf_token(self),
        }
        saving = patch.object(root.session_store, "save", full)
        with mute_logger("odoo.http"), saving:
            answer = self.url_open("/web/login", values)
        self.assertEqual(answer.status_code, 503)
        self.assertIn("disk is full", answer.text)
        self.assertNotIn("No space left", answer.text)


@tagged("post_install", "-at_install")
class TestRestRefusals(ApiCase):
    """Programs get an answer of the interface's own, and when to come again."""

    def test_a_full_disk(self):
        self.patch(self.registry["kpi.job"], "_health", full)
        answer = self.ask("/health")
        self.assertProblem(answer, "unavailable")
        self.assertEqual(answer.headers["Retry-After"], "60")
