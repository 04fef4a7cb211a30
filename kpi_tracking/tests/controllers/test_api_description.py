import re
import runpy
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace

from openapi_spec_validator import validate

from odoo.tests import tagged

from ...engine.rest.problem import TYPES
from .api_case import KpiApiCase

DOCS = Path(__file__).parents[3] / "docs" / "api.md"


@tagged("post_install", "-at_install")
class TestApiDescription(KpiApiCase):
    """The description, its page, and the client made from it."""

    def _document(self):
        return self.ask("/openapi.json", who=None).json()

    def test_the_description_is_valid(self):
        document = self._document()
        self.assertEqual(document["openapi"], "3.1.0")
        validate(document)

    def test_every_operation_has_a_name_of_its_own_and_tells_its_scope(self):
        names = []
        for operations in self._document()["paths"].values():
            for operation in operations.values():
                names.append(operation["operationId"])
                self.assertRegex(operation["description"], r"Scope: `\w+\.\w+`")
                languages = [s["lang"] for s in operation["x-codeSamples"]]
                self.assertEqual(languages, ["Shell", "Python", "JavaScript"])
        self.assertEqual(len(names), len(set(names)))

    def test_every_path_of_the_description_is_served(self):
        for path, operations in self._document()["paths"].items():
            path = re.sub(r"{\w+}", "2147483647", path).removeprefix("/api/kpi")
            allowed = self.ask(path, method="OPTIONS", who=None).headers["Allow"]
            for method in operations:
                self.assertIn(method.upper(), allowed.split(", "))

    def test_examples_fit_their_schemas(self):
        for operations in self._document()["paths"].values():
            for operation in operations.values():
                content = operation.get("requestBody", {}).get("content", {})
                if content:
                    self.assertIn("example", content["application/json"])

    def test_the_page_loads_nothing_from_elsewhere(self):
        page = self.ask("/docs", who=None)
        policy = page.headers["Content-Security-Policy"]
        self.assertIn("default-src 'none'; script-src 'self'", policy)
        for name in re.findall(r'(?:src|href)="docs/([^"]+)"', page.text):
            self.assertEqual(self.ask(f"/docs/{name}", who=None).status_code, 200)

    def test_only_files_of_the_viewer_are_served(self):
        for name in ("index.css", "..%2Fcore.py", "%2e%2e%2fcore.py", "x"):
            answer = self.ask(f"/docs/{name}", who=None)
            self.assertEqual(answer.status_code, 404)

    def test_every_kind_of_error_has_a_page_and_stands_in_the_docs(self):
        text = DOCS.read_text()
        for kind in TYPES.values():
            page = self.ask(f"/problems/{kind.slug}", who=None)
            self.assertIn(kind.title, page.text)
            self.assertIn(f"`{kind.slug}`", text)

    def test_the_client_reads_and_sends(self):
        source = self.ask("/client.py", who=None).text
        with TemporaryDirectory() as folder:
            file = Path(folder, "client.py")
            file.write_text(source)
            module = SimpleNamespace(**runpy.run_path(str(file)))
        client = module.Client(self.base_url(), self.keys["officer"])
        with self.allow_requests(all_requests=True):
            self._use(module, client)

    def _use(self, module, client):
        client.record_measurements(
            {"rows": [{"code": "api_visits", "day": "2025-01-31", "value": 2.0}]},
            idempotency_key="client-1",
        )
        (row,) = client.list_measurements(code="api_visits")["items"]
        self.assertEqual(row["value"], 2.0)
        kept = client.list_definitions(code="api_visits", active=True)["items"]
        self.assertEqual(len(kept), 1)
        gone = client.list_definitions(code="api_visits", active=False)["items"]
        self.assertEqual(gone, [])
        with self.assertRaises(module.ApiError) as caught:
            client.get_report(2**31 - 1)
        self.assertEqual(caught.exception.status, 404)
