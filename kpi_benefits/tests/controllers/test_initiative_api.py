from odoo.tests import tagged

from odoo.addons.kpi_base.tests.controllers.description_case import DescriptionMixin

from .benefit_api_case import BenefitApiCase


@tagged("post_install", "-at_install")
class TestInitiativeApi(DescriptionMixin, BenefitApiCase):
    """Initiatives as programs make, read and change them."""

    def test_an_initiative_is_proposed_and_changed(self):
        answer = self._post(
            "/initiatives",
            name="Invoices without paper",
            department_id=self.department.id,
            planned_go_live_date="2027-01-01",
        )
        self.assertEqual(answer.status_code, 201, answer.text)
        made = answer.json()
        self.assertEqual(
            (made["status"], made["owner"]["id"]), ("proposed", self.olga.id)
        )
        self.assertEqual(made["company"]["id"], self.company.id)
        self.assertIsNone(made["realization_rate"])
        path = f"/initiatives/{made['id']}"
        tag = self.ask(path, "olga").headers["ETag"]
        changed = self._put(path, sponsor_id=self.sue.id, planned_go_live_date=None)
        self.assertEqual(changed.json()["sponsor"]["id"], self.sue.id)
        self.assertIsNone(changed.json()["planned_go_live_date"])
        self.assertEqual(changed.json()["department"]["id"], self.department.id)
        late = self.ask(
            path, "olga", "PUT", json={"name": "Other"}, headers={"If-Match": tag}
        )
        self.assertProblem(late, "precondition-failed")

    def test_lists_hold_what_the_user_sees(self):
        mine = self._make(reference="I-1")
        below = self._make(name="Below", parent_id=mine.id)
        far = self._make_far()
        for who, query, expected in (
            ("olga", "", {mine.id, below.id}),
            ("sue", "?reference=I-1", {mine.id}),
            ("olga", "?text=below", {below.id}),
            ("olga", f"?parent_id={mine.id}", {mine.id, below.id}),
            ("olga", "?status=live", set()),
            ("pia", f"?owner_id={self.olga.id}", {mine.id, below.id}),
            ("zoe", "", set()),
        ):
            items = self.ask(f"/initiatives{query}", who).json()["items"]
            self.assertEqual({each["id"] for each in items}, expected, (who, query))
        for hidden, who in ((mine, "zoe"), (far, "pia")):
            self.assertProblem(self.ask(f"/initiatives/{hidden.id}", who), "not-found")
            self.assertProblem(
                self._put(f"/initiatives/{hidden.id}", who, name="X"), "not-found"
            )

    def test_who_only_reads_changes_nothing(self):
        initiative = self._make()
        answer = self._put(f"/initiatives/{initiative.id}", "sue", name="Mine")
        self.assertProblem(answer, "forbidden")
        self.assertEqual(initiative.name, "Capture invoices")

    def test_what_a_body_names_must_be_seen(self):
        far = self._make_far()
        for values in (
            {"parent_id": far.id},
            {"company_id": far.company_id.id},
            {"owner_id": far.owner_id.id},
        ):
            answer = self._post("/initiatives", name="New", **values)
            self.assertIn(answer.status_code, (404, 422), answer.text)
        self.assertProblem(self._post("/initiatives", name=" "), "invalid")
        self.assertProblem(
            self._post("/initiatives", name="A", status="live"), "invalid"
        )

    def test_no_circles(self):
        top = self._make(name="Top")
        below = self._make(name="Below", parent_id=top.id)
        answer = self._put(f"/initiatives/{top.id}", parent_id=below.id)
        self.assertProblem(answer, "invalid")
        self.assertIn("Top → Below → Top", answer.json()["detail"])

    def test_what_is_live_went_live_by_today(self):
        live = self._make(status="live", go_live_date="2026-01-05")
        path = f"/initiatives/{live.id}"
        answer = self._put(path, go_live_date="2099-01-01")
        self.assertProblem(answer, "invalid")
        self.assertIn("planned go-live", answer.json()["detail"])
        self.assertEqual(self._put(path, go_live_date="2026-01-06").status_code, 200)
