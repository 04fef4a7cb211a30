from unittest.mock import patch

from odoo import http
from odoo.tests import tagged

from .shelves import PREFIX, ShelvesCase

PAPER = "c56a4180-65aa-42ec-a945-5fd21dec0538"


@tagged("post_install", "-at_install")
class TestApiPrefix(ShelvesCase):
    """A family of paths of another addon, as its author declares it."""

    def test_paths_take_a_uuid(self):
        answer = self.ask(f"/things/{PAPER}")
        self.assertEqual(answer.json(), {"id": PAPER, "name": "Paper"})
        for odd in (PAPER[:-1], PAPER + "0", "1", "x", PAPER.replace("c5", "٣5")):
            self.assertProblem(self.ask(f"/things/{odd}"), "not-found")

    def test_unknown_paths_and_wrong_methods_are_told_in_json(self):
        self.assertProblem(self.ask("/nothing"), "not-found")
        self.assertProblem(self.ask(""), "not-found")
        answer = self.ask(f"/things/{PAPER}", method="POST", json={})
        self.assertProblem(answer, "method-not-allowed")
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, DELETE, OPTIONS")
        self.assertProblem(self.ask(f"/things/{PAPER}", who=None), "unauthorized")

    def test_a_key_needs_the_scope_here_too(self):
        key = self._key("officer", scopes=["kpi.read"])
        answer = self.ask(f"/things/{PAPER}", key=key, method="DELETE")
        self.assertProblem(answer, "insufficient-scope")
        answer = self.ask(f"/things/{PAPER}", method="DELETE")
        self.assertEqual((answer.status_code, answer.content), (204, b""))

    def test_a_route_that_goes_says_when(self):
        headers = self.ask(f"/things/{PAPER}").headers
        self.assertEqual(headers["Deprecation"], "@1767225600")  # 2026-01-01 in UTC
        self.assertEqual(headers["Sunset"], "Fri, 01 Jan 2027 00:00:00 GMT")
        kept = {"If-None-Match": headers["ETag"]}
        unchanged = self.ask(f"/things/{PAPER}", headers=kept)
        self.assertEqual(unchanged.status_code, 304)
        self.assertEqual(unchanged.headers["Sunset"], headers["Sunset"])
        stays = self.ask(f"/things/{PAPER}", method="DELETE").headers
        self.assertNotIn("Deprecation", stays)

    def test_it_has_a_description_page_and_client_of_its_own(self):
        document = self.ask("/openapi.json", who=None).json()
        self.assertEqual(document["info"]["title"], "Shelves")
        path = f"{PREFIX}/things/{{thing_id}}"
        self.assertFalse([p for p in document["paths"] if not p.startswith(PREFIX)])
        reading = document["paths"][path]["get"]
        self.assertTrue(reading["deprecated"])
        (argument,) = reading["parameters"]
        self.assertEqual(argument["schema"]["format"], "uuid")
        self.assertIn("swagger-ui", self.ask("/docs", who=None).text)
        self.assertIn("def get_thing(", self.ask("/client.py", who=None).text)

    def test_neither_family_shows_in_the_other(self):
        self.prefix = "/api/kpi"
        document = self.ask("/openapi.json", who=None).json()
        self.assertFalse([path for path in document["paths"] if PREFIX in path])

    def test_without_its_database_only_our_paths_are_answered(self):
        """As where a proxy names one that is not served here, or none at all."""
        path = f"{PREFIX}/things/{PAPER}"
        for headers, status in (({}, 503), ({"X-Odoo-Database": "bogus"}, 401)):
            with (
                self.subTest(headers=headers),
                patch.object(http, "db_filter", lambda *args, **kwargs: []),
            ):
                answer = self.url_open(path, headers=headers)
                self.assertEqual(answer.status_code, status)
                kind = answer.headers["Content-Type"]
                self.assertEqual(kind, "application/problem+json")
                elsewhere = self.url_open("/my/page", headers=headers)
                self.assertEqual(elsewhere.status_code, 404)
                self.assertIn("text/html", elsewhere.headers["Content-Type"])
