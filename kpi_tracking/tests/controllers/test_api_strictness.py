import json

from odoo.tests import tagged

from .api_case import KpiApiCase

GOOD = {"name": "Calls", "code": "api_calls"}


@tagged("post_install", "-at_install")
class TestApiStrictness(KpiApiCase):
    """What the schemas of KPIs refuse; what every route refuses is kpi_base's."""

    def _post(self, body, path="/definitions"):
        content = body if isinstance(body, str) else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        return self.ask(path, data=content, headers=headers, method="POST")

    def _target(self):
        return self.env["kpi.target"].create(
            {"report_id": self.report.id, "date_from": "2026-01-01", "value": 1.0}
        )

    def test_paths_tell_the_methods_they_know(self):
        answer = self.ask("/definitions", method="DELETE")
        self.assertProblem(answer, "method-not-allowed")
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, POST, OPTIONS")
        target = self._target()
        answer = self.ask(f"/targets/{target.id}", method="OPTIONS", who=None)
        allowed = "GET, HEAD, PATCH, DELETE, OPTIONS"
        self.assertEqual(answer.headers["Allow"], allowed)
        self.assertTrue(target.exists())

    def test_bodies_that_do_not_fit(self):
        for body, place in (
            ({**GOOD, "bogus": 1}, "/bogus"),
            ({**GOOD, "company_id": 1}, "/company_id"),
            ({**GOOD, "create_uid": 1}, "/create_uid"),
            ({**GOOD, "name": "   "}, "/name"),
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

    def test_a_number_beyond_all_floats_is_refused(self):
        body = '{"report_id": %s, "date_from": "2026-01-01", "value": 1e400}'
        answer = self._post(body % self.report.id, path="/targets")
        self.assertProblem(answer, "invalid")

    def test_query_strings_are_checked(self):
        for query in (
            "bogus=1",
            "sort=company_id",
            "sort=create_uid",
            "fields=password",
            "computation=eval",
        ):
            with self.subTest(query=query):
                self.assertProblem(self.ask(f"/definitions?{query}"), "invalid")

    def test_texts_in_a_query_string_have_the_form_of_their_type(self):
        for path, texts in {
            "/definitions?category_id=": ("%2B1", "1_0"),
            "/definitions?active=": ("1", "yes"),
            "/measurements?first=": ("1700006400", "2026-01-31T00:00:00", "31.1.2026"),
        }.items():
            for text in texts:
                with self.subTest(path=path, text=text):
                    self.assertProblem(self.ask(path + text), "malformed-query")
        plain = "/measurements?first=2026-01-31&report_id=1"
        self.assertEqual(self.ask(plain).status_code, 200)
