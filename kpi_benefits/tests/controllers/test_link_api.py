from odoo.tests import tagged

from .benefit_api_case import BenefitApiCase

LINKS, NODES = "/links", "/nodes"


@tagged("post_install", "-at_install")
class TestLinkApi(BenefitApiCase):
    """What benefits need, and what they bring nearer, as programs link them."""

    def setUp(self):
        super().setUp()
        self.initiative = self._make()
        self.first = self._benefit(self.initiative, name="Files come in")
        self.second = self._benefit(self.initiative, name="Less work")

    def _link(self, who="olga", **values):
        ends = {
            "source_benefit_id": self.first.id,
            "target_benefit_id": self.second.id,
        }
        return self._post(LINKS, who, **{**ends, **values})

    def test_a_benefit_that_needs_another_is_linked_with_it(self):
        answer = self._link(note="Hours are saved where files come in")
        self.assertEqual(answer.status_code, 201, answer.text)
        link = answer.json()
        self.assertEqual(link["source_benefit"]["id"], self.first.id)
        self.assertEqual(link["source_status"], "planned")
        self.assertIsNone(link["target_node"])
        one = f"{LINKS}/{link['id']}"
        told = self._put(one, note="As agreed").json()
        self.assertEqual(told["note"], "As agreed")
        stale = {"If-Match": answer.headers["ETag"]}
        refused = self.ask(one, "olga", "PUT", headers=stale, json={"note": "X"})
        self.assertProblem(refused, "precondition-failed")
        for query, expected in (
            (f"?target_benefit_id={self.second.id}", [link["id"]]),
            (f"?target_benefit_id={self.first.id}", []),
            (f"?source_benefit_id={self.first.id}", [link["id"]]),
        ):
            found = self.ask(f"{LINKS}{query}", "sue").json()["items"]
            self.assertEqual([each["id"] for each in found], expected, query)
        answer = self.ask(one, "olga", "DELETE")
        self.assertEqual(answer.status_code, 204, answer.text)
        self.assertProblem(self.ask(one, "olga"), "not-found")

    def test_enablers_lead_over_changes_and_benefits_to_objectives(self):
        enabler = self._post(
            NODES, kind="enabler", name="Scanner", initiative_id=self.initiative.id
        )
        self.assertEqual(enabler.status_code, 201, enabler.text)
        enabler = enabler.json()["id"]
        objective = self._post(NODES, "pia", kind="objective", name="Fewer costs")
        self.assertEqual(objective.status_code, 201, objective.text)
        objective = objective.json()["id"]
        needed = self._link(source_benefit_id=None, source_node_id=enabler)
        self.assertEqual(needed.status_code, 201, needed.text)
        nearer = self._link(target_benefit_id=None, target_node_id=objective)
        self.assertEqual(nearer.status_code, 201, nearer.text)
        wrong = self._link(
            source_benefit_id=None,
            source_node_id=objective,
        )
        self.assertProblem(wrong, "invalid")
        told = self._put(f"{NODES}/{enabler}", description="Two of them").json()
        self.assertEqual(told["description"], "Two of them")
        found = self.ask(f"{NODES}?kind=enabler", "sue").json()["items"]
        self.assertIn(enabler, [each["id"] for each in found])
        answer = self.ask(f"{NODES}/{enabler}", "olga", "DELETE")
        self.assertEqual(answer.status_code, 204, answer.text)
        gone = self.ask(f"{LINKS}/{needed.json()['id']}", "olga")
        self.assertProblem(gone, "not-found")

    def test_what_cannot_be_is_refused(self):
        self._link()
        for values in (
            {},  # it is there
            {"source_benefit_id": self.second.id, "target_benefit_id": self.first.id},
            {"target_benefit_id": self.first.id},
            {"target_benefit_id": None},
            {"target_node_id": 1},
            {"note": "\0"},
        ):
            with self.subTest(values):
                self.assertProblem(self._link(**values), "invalid")
        for values in ({"kind": "change"}, {"kind": "wish"}, {"name": " "}):
            with self.subTest(values):
                self.assertProblem(
                    self._post(NODES, **{"name": "A", **values}), "invalid"
                )

    def test_only_who_may_change_the_benefit_links_it(self):
        link = self._link().json()["id"]
        node = self._post(NODES, name="A", initiative_id=self.initiative.id).json()
        far = self._benefit(self._make_far())
        third = self._benefit(self.initiative, name="Third")
        ends = {"source_benefit_id": self.first.id, "target_benefit_id": third.id}
        for who, slug in (("sue", "forbidden"), ("zoe", "not-found")):
            with self.subTest(who):
                self.assertProblem(self._link(who, **ends), slug)
                for path, body in (
                    (f"{LINKS}/{link}", {"note": "Mine"}),
                    (f"{NODES}/{node['id']}", {"name": "Mine"}),
                ):
                    self.assertProblem(self._put(path, who, **body), slug)
                    self.assertProblem(self.ask(path, who, "DELETE"), slug)
        self.assertProblem(self.ask(f"{LINKS}/{link}", "zoe"), "not-found")
        self.assertProblem(
            self._link(source_benefit_id=far.id, target_benefit_id=third.id),
            "not-found",
        )
        self.assertProblem(
            self._post(NODES, name="A", initiative_id=far.initiative_id.id),
            "not-found",
        )
        self.assertProblem(self._post(NODES, kind="objective", name="A"), "forbidden")
        reader = self._key("olga", ("benefits.read",))
        answer = self.ask(f"{LINKS}/{link}", "olga", "DELETE", key=reader)
        self.assertProblem(answer, "insufficient-scope")

    def test_the_description_names_every_path(self):
        paths = self.ask("/openapi.json", None).json()["paths"]
        for path in ("links", "nodes"):
            self.assertLessEqual({"get", "post"}, set(paths[f"/api/benefits/{path}"]))
        for path in ("links/{link_id}", "nodes/{node_id}"):
            one = paths[f"/api/benefits/{path}"]
            self.assertLessEqual({"get", "put", "delete"}, set(one))
