"""Every path of the description, by strangers, without scope and with nonsense."""

import json
import re

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.common import is_in_sample, some_of

from ..models.baseline_case import BaselineCase
from ..models.review_case import ReviewCase
from .benefit_api_case import SCOPES, BenefitApiCase

MODELS = (
    "kpi.baseline",
    "kpi.benefit.confidence",
    "kpi.benefit.link",
    "kpi.benefit.node",
    "kpi.benefit.realization",
    "kpi.initiative",
    "kpi.post.implementation.review",
    "kpi.review.feedback",
    "kpi.submission",
    "kpi.value.leakage",
)
# What everybody may ask for, and what everybody may begin.
LISTS = ("/initiatives", "/links", "/nodes", "/dashboard/portfolio")
SHARE = 12  # a value is replaced by one in so many kinds of nonsense
# What sound bodies get instead of one of their values, by its kind.
ANY = ("null", "[null]", '{"id": 1}')
DAYS = ('"0001-01-01"', '"9999-12-31"', '"2026-W01-1"', '"20260131"', "1700006400")
NUMBERS = ("NaN", "1e999", "1e300", "-1", "true", '"1"')
TEXTS = ('"\\u0000"', '"\\ud800"', '"' + "x" * 5000 + '"', "1")
BODIES = ("", "[]", "null", '"x"', "{", "\0", '{"initiative_id": 1, "x": 1}')


@tagged("post_install", "-at_install")
class TestBenefitStrangers(BenefitApiCase, BaselineCase, ReviewCase):
    """Sound bodies are about an initiative of Olga, and what belongs to it."""

    def setUp(self):
        super().setUp()
        leakage = self.env["kpi.value.leakage"].create(
            {"name": "Paper", "benefit_id": self.benefit.id}
        )
        node = self.env["kpi.benefit.node"].create(
            {"name": "Files come in", "initiative_id": self.initiative.id}
        )
        second = self._benefit(self.initiative, name="More")
        link = self.env["kpi.benefit.link"].create(
            {"source_node_id": node.id, "target_benefit_id": second.id}
        )
        self.ids = {
            "benefit_id": self.benefit.id,
            "initiative_id": self.initiative.id,
            "link_id": link.id,
            "node_id": node.id,
            "source_benefit_id": self.benefit.id,
            "target_benefit_id": second.id,
            "kpi_id": self._baseline(self._kpi(), self.initiative).id,
            "leakage_id": leakage.id,
            "pir_id": self._review().id,
        }
        self.document = self.ask("/openapi.json", who=None).json()

    def _list_operations(self):
        """(method, path, sound body or None, kinds of its values) of each operation."""
        for path, operations in self.document["paths"].items():
            address = path.removeprefix(self.prefix).format(**self.ids)
            for method, operation in operations.items():
                content = operation.get("requestBody", {}).get("content")
                body, kinds = None, {}
                if content:
                    body, kinds = self._read_body(content["application/json"])
                yield method.upper(), address, body, kinds

    def _read_body(self, content):
        name = content["schema"]["$ref"].rpartition("/")[2]
        example = content["example"].items()
        return (
            {key: self.ids.get(key, value) for key, value in example},
            self.document["components"]["schemas"][name]["properties"],
        )

    def _count(self):
        return [self.env[model].search_count([]) for model in MODELS]

    def test_who_has_no_part_in_it_finds_nothing(self):
        self.people["far"] = self._make_far(name="Elsewhere").owner_id
        self.keys["far"] = self._key("far", SCOPES)
        before = self._count()
        for who in ("zoe", "far"):
            for method, path, body, _kinds in self._list_operations():
                with self.subTest(who=who, method=method, path=path):
                    if path not in LISTS:
                        answer = self.ask(path, who, method, json=body)
                        self.assertProblem(answer, "not-found")
                    elif method == "GET":
                        answer = self.ask(path, who)
                        self.assertEqual(answer.status_code, 200)
                        self.assertNotIn(self.initiative.name, answer.text)
        self.assertEqual(self._count(), before)

    def test_without_the_scope_nothing_is_answered(self):
        before = self._count()
        other = self._key("olga", ("kpi.read", "kpi.write"))
        reads = self._key("olga", ("benefits.read",))
        for method, path, body, _kinds in self._list_operations():
            with self.subTest(method=method, path=path):
                answer = self.ask(path, None, method, key=other, json=body)
                self.assertProblem(answer, "insufficient-scope")
                is_read = method == "GET" or path.startswith("/ai/")
                answer = self.ask(path, None, method, key=reads, json=body)
                if is_read:
                    self.assertLess(answer.status_code, 300, answer.text)
                else:
                    self.assertProblem(answer, "insufficient-scope")
        self.assertEqual(self.ask("/initiatives", None).status_code, 401)
        self.assertEqual(self._count(), before)

    def test_nonsense_is_refused_in_a_sentence(self):
        """What is no day, number or text is refused; nothing breaks, whatever it is.

        In the default run a third of the values of bodies is replaced.
        """
        for method, path, body, kinds in self._list_operations():
            if body is None:
                continue
            # numbers of records differ from one database to the next
            operation = re.sub(r"\d+", "id", f"{method} {path}")
            for text in some_of(BODIES, operation):
                self._check_refused(method, path, text)
            for name, kind in kinds.items():
                if not is_in_sample(f"{operation} {name}"):
                    continue
                whole = json.dumps({**body, name: "@"})
                for value in some_of(ANY, f"{operation} {name}", SHARE):
                    self._send(method, path, whole.replace('"@"', value))
                nonsense = _list_nonsense(kind)
                for value in some_of(nonsense, f"{operation} {name}", SHARE):
                    self._check_refused(method, path, whole.replace('"@"', value))

    def _check_refused(self, method, path, text):
        status = self._send(method, path, text)
        self.assertIn(status, (400, 404, 409, 422), f"{method} {path} {text[:200]}")

    def _send(self, method, path, text):
        """Status of an answer; what the request did is undone."""
        with self.cr.savepoint() as point:
            answer = self.ask(
                path,
                "olga",
                method,
                data=text.encode(),
                headers={"Content-Type": "application/json"},
            )
            point.rollback()
        self.env.invalidate_all()
        self.assertLess(answer.status_code, 500, f"{method} {path} {text[:200]}")
        return answer.status_code


def _list_nonsense(kind):
    """What a value of this schema can never be."""
    text = json.dumps(kind)
    if '"format": "date"' in text:
        return DAYS
    if '"number"' in text or '"integer"' in text:
        return [value for value in NUMBERS if value != "-1" or '"minimum": 1' in text]
    return ["1"] if "$ref" in text or '"array"' in text or "enum" in text else TEXTS
