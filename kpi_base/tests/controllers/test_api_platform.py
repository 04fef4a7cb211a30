import json

from odoo.tests import tagged
from odoo.tools import mute_logger

from .shelves import ShelvesCase

JSON = {"Content-Type": "application/json"}
GOOD = {"name": "Callers"}


@tagged("post_install", "-at_install")
class TestApiPlatform(ShelvesCase):
    """Behaviour that every route shares, tried over HTTP."""

    def _post(self, body, path="/teams", **options):
        headers = {**JSON, **options.pop("headers", {})}
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return self.ask(path, data=content, headers=headers, method="POST", **options)

    def test_unknown_paths_are_json(self):
        for path in ("/nothing", "/teams/1/nothing", "//teams", "/%00", ""):
            with self.subTest(path=path):
                answer = self.ask(path)
                self.assertEqual(answer.status_code, 404)
                self.assertProblem(answer, "not-found")

    def test_ids_are_plain_positive_numbers(self):
        for text in ("0", "-1", "+1", "01", "1.0", "٣", "1e3", "2147483648", "10" * 11):
            with self.subTest(id=text):
                self.assertProblem(self.ask(f"/teams/{text}"), "not-found")

    def test_a_wrong_method_is_told_the_right_ones(self):
        answer = self.ask("/teams", method="DELETE")
        self.assertProblem(answer, "method-not-allowed")
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, POST, OPTIONS")

    def test_a_header_does_not_change_the_method(self):
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            self.ask(f"/teams/{self.team.id}", headers={name: "DELETE"})
            self.ask(f"/teams/{self.team.id}?_method=DELETE")
        self.assertTrue(self.team.exists())

    def test_options_answers_for_every_method_and_does_nothing(self):
        answer = self.ask(f"/teams/{self.team.id}", method="OPTIONS", who=None)
        self.assertEqual(answer.status_code, 204)
        allowed = "GET, HEAD, PATCH, DELETE, OPTIONS"
        self.assertEqual(answer.headers["Allow"], allowed)
        self.assertTrue(self.team.exists())

    def test_head_is_get_without_the_body(self):
        answer = self.ask("/teams", method="HEAD")
        self.assertEqual((answer.status_code, answer.content), (200, b""))
        self.assertIn("ETag", answer.headers)

    def test_a_browser_session_is_no_key(self):
        self.authenticate("api_officer", "api_officer")
        self.assertProblem(self.ask("/teams", who=None), "unauthorized")

    def test_other_origins_get_no_permission(self):
        origin = {"Origin": "https://elsewhere.example"}
        for method in ("GET", "OPTIONS"):
            answer = self.ask("/teams", method=method, headers=origin)
            named = [h for h in answer.headers if h.startswith("Access-Control")]
            self.assertFalse(named)

    def test_no_session_is_kept(self):
        self.assertNotIn("Set-Cookie", self.ask("/teams").headers)

    def test_a_request_keeps_its_own_id(self):
        given = {"X-Request-ID": "order-4711"}
        answer = self.ask("/teams", headers=given)
        self.assertEqual(answer.headers["X-Request-ID"], "order-4711")

    def test_a_request_id_that_is_none_is_replaced(self):
        for odd in ("a b", "x" * 65, "<b>"):
            answer = self.ask("/teams", headers={"X-Request-ID": odd})
            self.assertRegex(answer.headers["X-Request-ID"], r"^[0-9a-f]{32}$")

    def test_bodies_that_cannot_be_read(self):
        for body in (
            b"",
            b"{",
            b"[" * 100_000,
            b'{"name": NaN}',
            b'{"name": -Infinity}',
            b'{"name": "a", "name": "b"}',
            b'{"name": "\xff"}',
            b'{"number": ' + b"9" * 5000 + b"}",
        ):
            with self.subTest(body=body[:30]):
                self.assertProblem(self._post(body), "malformed-body")

    def test_bodies_that_do_not_fit(self):
        for body, place in (
            ({**GOOD, "bogus": 1}, "/bogus"),
            ({**GOOD, "company_id": 1}, "/company_id"),
            ({**GOOD, "create_uid": 1}, "/create_uid"),
            ({**GOOD, "name": 5}, "/name"),
            ({**GOOD, "name": "   "}, "/name"),
            ({**GOOD, "name": "a\x00b"}, "/name"),
            ({**GOOD, "number": "2"}, "/number"),
            ({**GOOD, "number": True}, "/number"),
            ({**GOOD, "number": 1.5}, "/number"),
            ({**GOOD, "number": -1}, "/number"),
            ({**GOOD, "joined": 0}, "/joined"),
            ({**GOOD, "joined": "1899-12-31"}, "/joined"),
            ({**GOOD, "kind": "sausage"}, "/kind"),
            ({"number": 1}, "/name"),
        ):
            with self.subTest(body=body):
                found = self.assertProblem(self._post(body), "invalid")
                self.assertEqual([e["pointer"] for e in found["errors"]], [place])

    def test_an_array_is_no_object(self):
        self.assertProblem(self._post([GOOD]), "invalid")

    def test_a_lone_surrogate_is_no_text(self):
        answer = self._post(b'{"name": "\\ud800"}')
        self.assertEqual(answer.status_code, 422)

    def test_a_number_beyond_all_floats_is_refused(self):
        for number in ("1e400", "-1e400", "1e301"):
            answer = self._post(f'{{"value": {number}}}', path="/weights")
            self.assertProblem(answer, "invalid")
        answer = self._post('{"value": 1e300}', path="/weights")
        self.assertEqual(answer.json(), {"value": 1e300})

    def test_a_form_is_no_json(self):
        answer = self.ask("/teams", data={"name": "Calls"}, method="POST")
        self.assertProblem(answer, "unsupported-media-type")

    def test_a_body_in_chunks_is_refused(self):
        answer = self._post(b"", headers={"Transfer-Encoding": "chunked"})
        self.assertIn(answer.status_code, (400, 411))

    def test_a_body_that_is_too_large_is_refused(self):
        answer = self._post(b" " * (2**20 + 1))
        self.assertProblem(answer, "too-large")

    def test_nothing_that_was_sent_comes_back_in_an_error(self):
        secret = "<script>hush"
        answer = self._post({**GOOD, "number": secret})
        self.assertNotIn("hush", answer.text)

    def test_texts_stay_texts(self):
        name = "<b>'; DROP TABLE kpi_team; --</b>"
        answer = self._post({**GOOD, "name": name})
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertEqual(answer.json()["name"], name)

    def test_query_strings_are_checked(self):
        for query in (
            "bogus=1",
            "limit=0",
            "limit=-1",
            "limit=1001",
            "limit=9" + "9" * 400,
            "limit=1&limit=2",
            "sort=company_id",
            "sort=create_uid",
            "fields=password",
            "kind=eval",
            "cursor=x",
            "cursor=a.b",
        ):
            with self.subTest(query=query[:20]):
                self.assertProblem(self.ask(f"/teams?{query}"), "invalid")

    def test_texts_in_a_query_string_have_the_form_of_their_type(self):
        forms = {
            "/teams?limit=": (
                *("+1", "%2B1", "%201", "1%20", "1%0A", "1_000", "1.0", "1e2", "0x1"),
                *("١", "１", "--1", "-", "", "x", "true"),
            ),
            "/teams?leader_id=": ("%2B1", "1_0", "１"),
            "/teams?active=": ("1", "0", "yes", "True", ""),
            "/teams?joined=": ("1700006400", "2026-01-31T00:00:00", "31.1.2026"),
        }
        for path, texts in forms.items():
            name = path.partition("?")[2].rstrip("=")
            for text in texts:
                with self.subTest(path=path, text=text):
                    answer = self.ask(path + text)
                    problem = self.assertProblem(answer, "malformed-query")
                    self.assertEqual(answer.status_code, 400)
                    self.assertTrue(problem["detail"].startswith(f"/{name}: write "))
                    self.assertEqual(problem["errors"][0]["pointer"], f"/{name}")

    def test_plain_texts_in_a_query_string_are_read(self):
        for query in (
            "teams?limit=007",
            "teams?active=false",
            "teams?number=-12",
            "teams?joined=2026-01-31&leader_id=1",
        ):
            with self.subTest(query=query):
                self.assertEqual(self.ask(f"/{query}").status_code, 200)

    def test_an_unchanged_answer_is_not_sent_again(self):
        first = self.ask("/teams")
        same = {"If-None-Match": first.headers["ETag"]}
        again = self.ask("/teams", headers=same)
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.team.name = "Visits at home"
        self.assertEqual(self.ask("/teams", headers=same).status_code, 200)

    def test_a_change_of_what_was_changed_meanwhile_is_refused(self):
        path = f"/teams/{self.team.id}"
        seen = {"If-Match": self.ask(path).headers["ETag"]}
        self.team.name = "Somebody else's"
        change = {"json": {"name": "Mine"}, "method": "PATCH"}
        refused = self.ask(path, headers=seen, **change)
        self.assertProblem(refused, "precondition-failed")
        self.assertEqual(self.team.name, "Somebody else's")
        seen = {"If-Match": self.ask(path).headers["ETag"]}
        self.assertEqual(self.ask(path, headers=seen, **change).status_code, 200)
        self.assertEqual(self.team.name, "Mine")

    def test_the_etag_that_a_compressing_proxy_made_weak_still_counts(self):
        path = f"/teams/{self.team.id}"
        weak = "W/" + self.ask(path).headers["ETag"]
        unchanged = self.ask(path, headers={"If-None-Match": weak})
        self.assertEqual(unchanged.status_code, 304)
        changed = self.ask(
            path, json={"name": "Mine"}, method="PATCH", headers={"If-Match": weak}
        )
        self.assertEqual(changed.status_code, 200)

    def test_faults_are_told_without_their_cause(self):
        answer = self.ask("/faults/missing")
        self.assertProblem(answer, "not-found")
        self.assertNotIn("hush", answer.text)
        with self.assertLogs("odoo.http", "ERROR"):
            answer = self.ask("/faults/other")
        self.assertProblem(answer, "internal-error")
        self.assertNotIn("hush", answer.text)

    def test_what_odoo_refuses_is_told_in_its_words(self):
        long_ago = {"name": "Old", "leader_id": self.env.uid, "joined": "9998-12-31"}
        self.assertEqual(self._post(long_ago).status_code, 201)
        taken = {"name": "Red", "kind": "sales", "number": 7}
        self.assertEqual(self._post(taken).status_code, 201)
        with mute_logger("odoo.sql_db"):
            answer = self._post(taken)
        found = self.assertProblem(answer, "invalid")
        self.assertIn("already linked to a KPI team", found["detail"])
        self.assertProblem(self._post(GOOD, who="user"), "forbidden")

    def test_a_repeated_request_is_done_once(self):
        key = {"Idempotency-Key": "order-1"}
        first = self._post(GOOD, headers=key)
        again = self._post(GOOD, headers=key)
        self.assertEqual((first.status_code, again.status_code), (201, 201))
        self.assertEqual(first.text, again.text)
        self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        found = self.env["kpi.team"].search([("name", "=", "Callers")])
        self.assertEqual(len(found), 1)

    def test_an_idempotency_key_is_for_one_request(self):
        key = {"Idempotency-Key": "order-2"}
        self._post(GOOD, headers=key)
        other = self._post({"name": "Other"}, headers=key)
        self.assertProblem(other, "idempotency-key-reused")

    def test_an_idempotency_key_is_its_owners_own(self):
        key = {"Idempotency-Key": "order-3"}
        self._post(GOOD, headers=key)
        other = self._post({"name": "Others"}, headers=key, who="admin")
        self.assertEqual(other.status_code, 201, other.text)

    def test_a_failed_request_leaves_no_answer(self):
        key = {"Idempotency-Key": "order-4"}
        self.assertEqual(self._post({"name": 1}, headers=key).status_code, 422)
        self.assertEqual(self._post(GOOD, headers=key).status_code, 201)

    def test_an_idempotency_key_has_a_size(self):
        for key in ("", "k" * 201):
            refused = self._post(GOOD, headers={"Idempotency-Key": key})
            self.assertProblem(refused, "invalid")

    def test_an_idempotency_key_counts_for_a_day(self):
        key = {"Idempotency-Key": "order-5"}
        first = self._post(GOOD, headers=key).json()
        self.env.cr.execute(
            "UPDATE kpi_api_idempotency SET created_at = created_at - interval '25 h'"
        )
        second = self._post(GOOD, headers=key)
        self.assertEqual(second.status_code, 201)
        self.assertNotEqual(second.json()["id"], first["id"])
        self.assertNotIn("Idempotent-Replayed", second.headers)

    def test_answers_and_counters_that_are_old_are_dropped(self):
        self._post(GOOD, headers={"Idempotency-Key": "order-6"})
        self.env.cr.execute(
            "INSERT INTO kpi_api_idempotency (user_id, route, key, digest, created_at)"
            " VALUES (1, 'x', 'old', 'x', '2020-01-01');"
            "INSERT INTO kpi_api_counter (subject, tokens, filled_at)"
            " VALUES ('old', 1, '2020-01-01'), ('new', 1, now())"
        )
        self.env["kpi.api.idempotency"]._gc_answers()
        self.env["kpi.api.counter"]._gc_counters()
        self.env.cr.execute("SELECT key FROM kpi_api_idempotency")
        keys = [key for (key,) in self.env.cr.fetchall()]
        self.assertIn("order-6", keys)
        self.assertNotIn("old", keys)
        self.env.cr.execute("SELECT subject FROM kpi_api_counter")
        subjects = [subject for (subject,) in self.env.cr.fetchall()]
        self.assertIn("new", subjects)
        self.assertNotIn("old", subjects)
