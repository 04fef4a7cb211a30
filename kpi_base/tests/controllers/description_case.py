"""Tests that hold for the description of any family of paths."""

import json
import runpy
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from unittest import skipUnless

from openapi_spec_validator import validate

GENERATOR = "openapi_python_client"
# of arguments in paths, by their format; the others are ids or texts
VALUES = {"uuid": "c56a4180-65aa-42ec-a945-5fd21dec0538"}


class DescriptionMixin:
    """Tests of the description at ``prefix``, for an ``ApiCase``."""

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

    def test_schemas_have_the_names_of_their_classes(self):
        """Which do not depend on the addons that are installed.

        Of two classes of one name, both would get the paths of their modules.
        """
        for name in self._document()["components"]["schemas"]:
            self.assertRegex(name, r"^[A-Z][A-Za-z]*(_[A-Z][A-Za-z]*_)?$")

    @skipUnless(find_spec(GENERATOR), "only with --long")
    def test_a_generated_client_has_every_operation(self):
        document = self._document()
        with TemporaryDirectory() as folder:
            file, client = Path(folder, "openapi.json"), Path(folder, "client")
            file.write_text(json.dumps(document))
            done = subprocess.run(
                [sys.executable, "-m", GENERATOR, "generate", "--meta", "none",
                 "--path", file, "--output-path", client],
                capture_output=True,
                text=True,
            )  # fmt: skip
            said = done.stdout + done.stderr
            self.assertEqual(done.returncode, 0, said)
            for wrong in ("WARNING", "Cannot parse", "Unable to parse"):
                self.assertNotIn(wrong, said)
            functions = {file.stem for file in client.glob("api/*/*.py")}
        operations = {
            operation["operationId"]
            for each in document["paths"].values()
            for operation in each.values()
        }
        self.assertLessEqual(operations, functions)

    def test_every_path_of_the_description_is_served(self):
        for path, operations in self._document()["paths"].items():
            for method, operation in operations.items():
                address = path
                for argument in operation.get("parameters", []):
                    value = VALUES.get(argument["schema"].get("format"), 2147483647)
                    address = address.replace(f"{{{argument['name']}}}", str(value))
                address = address.removeprefix(self.prefix)
                answer = self.ask(address, method="OPTIONS", who=None)
                allowed = answer.headers["Allow"].split(", ")
                self.assertIn(method.upper(), allowed, address)

    def test_examples_fit_their_schemas(self):
        for operations in self._document()["paths"].values():
            for operation in operations.values():
                content = operation.get("requestBody", {}).get("content", {})
                if content:
                    self.assertIn("example", content["application/json"])

    def _client_module(self):
        """The client made from the description, as a module."""
        source = self.ask("/client.py", who=None).text
        with TemporaryDirectory() as folder:
            file = Path(folder, "client.py")
            file.write_text(source)
            return SimpleNamespace(**runpy.run_path(str(file)))
