import json

from odoo.tests import tagged

from .api_case import KpiApiCase

JSON = {"Content-Type": "application/json"}
GOOD = {"name": "Calls", "code": "api_calls"}


@tagged("post_install", "-at_install")
class TestApiPlatform(KpiApiCase):
    """What every route has in common, tried over HTTP."""

    def _post(self, body, path="/definitions", **options):
        headers = {**JSON, **options.pop("headers", {})}
        content = body if isinstance(body, (bytes, str)) else json.dumps(body)
        return self.ask(path, data=content, headers=headers, method="POST", **options)

    def test_unknown_paths_are_json(self):
        for path in ("/nothing", "/definitions/1/nothing", "//definitions", "/%00", ""):
            with self.subTest(path=path):
                answer = self.ask(path)
                self.assertEqual(answer.status_code, 404)
                self.assertProblem(answer, "not-found")

    def test_ids_are_plain_positive_numbers(self):
        for text in ("0", "-1", "+1", "01", "1.0", "٣", "1e3", "2147483648", "10" * 11):
            with self.subTest(id=text):
                self.assertProblem(self.ask(f"/definitions/{text}"), "not-found")

    def test_a_wrong_method_is_told_the_right_ones(self):
        answer = self.ask("/definitions", method="DELETE")
        self.assertProblem(answer, "method-not-allowed")
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, POST, OPTIONS")

    def test_a_header_does_not_change_the_method(self):
        target = self.env["kpi.target"].create(
            {"report_id": self.report.id, "date_from": "2026-01-01", "value": 1.0}
        )
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            self.ask(f"/targets/{target.id}", headers={name: "DELETE"})
            self.ask(f"/targets/{target.id}?_method=DELETE")
        self.assertTrue(target.exists())

    def test_options_answers_for_every_method_and_does_nothing(self):
        target = self.env["kpi.target"].create(
            {"report_id": self.report.id, "date_from": "2026-01-01", "value": 1.0}
        )
        answer = self.ask(f"/targets/{target.id}", method="OPTIONS", who=None)
        self.assertEqual(answer.status_code, 204)
        allowed = "GET, HEAD, PATCH, DELETE, OPTIONS"
        self.assertEqual(answer.headers["Allow"], allowed)
        self.assertTrue(target.exists())

    def test_head_is_get_without_the_body(self):
        answer = self.ask("/definitions", method="HEAD")
        self.assertEqual((answer.status_code, answer.content), (200, b""))
        self.assertIn("ETag", answer.headers)

    def test_a_browser_session_is_no_key(self):
        self.authenticate("api_officer", "api_officer")
        self.assertProblem(self.ask("/definitions", who=None), "unauthorized")

    def test_other_origins_get_no_permission(self):
        origin = {"Origin": "https://elsewhere.example"}
        for method in ("GET", "OPTIONS"):
            answer = self.ask("/definitions", method=method, headers=origin)
            named = [h for h in answer.headers if h.startswith("Access-Control")]
            self.assertFalse(named)

    def test_no_session_is_kept(self):
        self.assertNotIn("Set-Cookie", self.ask("/definitions").headers)

    def test_a_request_keeps_its_own_id(self):
        given = {"X-Request-ID": "order-4711"}
        answer = self.ask("/definitions", headers=given)
        self.assertEqual(answer.headers["X-Request-ID"], "order-4711")

    def test_a_request_id_that_is_none_is_replaced(self):
        for odd in ("a b", "x" * 65, "<b>"):
            answer = self.ask("/definitions", headers={"X-Request-ID": odd})
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
            b'{"decimals": ' + b"9" * 5000 + b"}",
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
            ({**GOOD, "decimals": "2"}, "/decimals"),
            ({**GOOD, "decimals": True}, "/decimals"),
            ({**GOOD, "decimals": 1.5}, "/decimals"),
            ({**GOOD, "history_start": 0}, "/history_start"),
            ({**GOOD, "unit": "sausage"}, "/unit"),
            ({"code": "api_calls"}, "/name"),
        ):
            with self.subTest(body=body):
                found = self.assertProblem(self._post(body), "invalid")
                self.assertEqual([e["pointer"] for e in found["errors"]], [place])

    def test_an_array_is_no_object(self):
        self.assertProblem(self._post([GOOD]), "invalid")

    def test_a_lone_surrogate_is_no_text(self):
        answer = self._post(b'{"name": "\\ud800", "code": "api_calls"}')
        self.assertEqual(answer.status_code, 422)

    def test_a_number_beyond_all_floats_is_refused(self):
        body = '{"report_id": %s, "date_from": "2026-01-01", "value": 1e400}'
        answer = self._post(body % self.report.id, path="/targets")
        self.assertProblem(answer, "invalid")

    def test_a_form_is_no_json(self):
        answer = self.ask("/definitions", data={"name": "Calls"}, method="POST")
        self.assertProblem(answer, "unsupported-media-type")

    def test_a_body_in_chunks_is_refused(self):
        answer = self._post(b"", headers={"Transfer-Encoding": "chunked"})
        self.assertIn(answer.status_code, (400, 411))

    def test_a_body_that_is_too_large_is_refused(self):
        answer = self._post(b" " * (2**20 + 1))
        self.assertProblem(answer, "too-large")

    def test_nothing_that_was_sent_comes_back_in_an_error(self):
        secret = "<script>4711"
        answer = self._post({**GOOD, "decimals": secret})
        self.assertNotIn("4711", answer.text)

    def test_texts_stay_texts(self):
        name = "<b>'; DROP TABLE kpi_report; --</b>"
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
            "computation=eval",
            "cursor=x",
            "cursor=a.b",
        ):
            with self.subTest(query=query[:20]):
                self.assertProblem(self.ask(f"/definitions?{query}"), "invalid")

    def test_texts_in_a_query_string_have_the_form_of_their_type(self):
        forms = {
            "/definitions?limit=": (
                *("+1", "%2B1", "%201", "1%20", "1%0A", "1_000", "1.0", "1e2", "0x1"),
                *("١", "１", "--1", "-", "", "x", "true"),
            ),
            "/definitions?category_id=": ("%2B1", "1_0", "１"),
            "/definitions?active=": ("1", "0", "yes", "True", ""),
            "/measurements?first=": ("1700006400", "2026-01-31T00:00:00", "31.1.2026"),
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
            "definitions?limit=007",
            "definitions?active=false",
            "measurements?first=2026-01-31&report_id=1",
        ):
            with self.subTest(query=query):
                self.assertEqual(self.ask(f"/{query}").status_code, 200)

    def test_an_unchanged_answer_is_not_sent_again(self):
        first = self.ask("/definitions")
        same = {"If-None-Match": first.headers["ETag"]}
        again = self.ask("/definitions", headers=same)
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.definition.name = "Visits at home"
        self.assertEqual(self.ask("/definitions", headers=same).status_code, 200)

    def test_a_change_of_what_was_changed_meanwhile_is_refused(self):
        path = f"/definitions/{self.definition.id}"
        seen = {"If-Match": self.ask(path).headers["ETag"]}
        self.definition.name = "Somebody else's"
        change = {"json": {"name": "Mine"}, "method": "PATCH"}
        refused = self.ask(path, headers=seen, **change)
        self.assertProblem(refused, "precondition-failed")
        self.assertEqual(self.definition.name, "Somebody else's")
        seen = {"If-Match": self.ask(path).headers["ETag"]}
        self.assertEqual(self.ask(path, headers=seen, **change).status_code, 200)
        self.assertEqual(self.definition.name, "Mine")

    def test_a_repeated_request_is_done_once(self):
        key = {"Idempotency-Key": "order-1"}
        first = self._post(GOOD, headers=key)
        again = self._post(GOOD, headers=key)
        self.assertEqual((first.status_code, again.status_code), (201, 201))
        self.assertEqual(first.text, again.text)
        self.assertEqual(again.headers["Idempotent-Replayed"], "true")
        found = self.env["kpi.definition"].search([("code", "=", "api_calls")])
        self.assertEqual(len(found), 1)

    def test_an_idempotency_key_is_for_one_request(self):
        key = {"Idempotency-Key": "order-2"}
        self._post(GOOD, headers=key)
        other = self._post({**GOOD, "name": "Other"}, headers=key)
        self.assertProblem(other, "idempotency-key-reused")

    def test_an_idempotency_key_is_its_owners_own(self):
        key = {"Idempotency-Key": "order-3"}
        self._post(GOOD, headers=key)
        other = self._post({**GOOD, "code": "api_calls2"}, headers=key, who="admin")
        self.assertEqual(other.status_code, 201, other.text)

    def test_a_failed_request_leaves_no_answer(self):
        key = {"Idempotency-Key": "order-4"}
        self.assertEqual(self._post({"name": 1}, headers=key).status_code, 422)
        self.assertEqual(self._post(GOOD, headers=key).status_code, 201)

    def test_the_access_log_is_kept_as_long_as_the_settings_say(self):
        self.env["ir.config_parameter"].set_param("kpi_tracking.api_log_days", 7)
        old, new = self.env["kpi.api.log"].create(
            [{"recorded_at": "2020-01-01"}, {"recorded_at": "2100-01-01"}]
        )
        self.env["kpi.api.log"]._gc_log()
        self.assertEqual((old | new).exists(), new)
