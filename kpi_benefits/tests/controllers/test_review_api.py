from odoo.tests import tagged

from ..models.baseline_case import BaselineCase
from ..models.review_case import ReviewCase
from .benefit_api_case import BenefitApiCase

PATH = "/pirs"


@tagged("post_install", "-at_install")
class TestReviewApi(BenefitApiCase, ReviewCase, BaselineCase):
    """Reviews as programs write and submit them."""

    def _begin(self, who="olga", **values):
        body = {
            "initiative_id": self.initiative.id,
            "executive_summary": "Connection successful.",
            **values,
        }
        return self._post(PATH, who, **body)

    def test_a_review_is_written_and_submitted_once(self):
        answer = self._begin(
            lessons_learned=[
                {"lesson": "Begin with the data.", "topics": ["Data", "Data "]}
            ],
            recommendations=[{"description": "Go on.", "due_date": "2027-01-31"}],
        )
        self.assertEqual(answer.status_code, 201, answer.text)
        made = answer.json()
        self.assertEqual((made["status"], made["figures"]), ("draft", []))
        self.assertEqual(made["reviewer"]["id"], self.sue.id)
        self.assertEqual(made["lessons_learned"][0]["topics"], ["Data"])
        path = f"{PATH}/{made['id']}"
        told = self._put(path, objectives_assessment="Two of three.").json()
        self.assertEqual(told["objectives_assessment"], "Two of three.")
        self.assertEqual(len(told["lessons_learned"]), 1)
        told = self._put(path, lessons_learned=[]).json()
        self.assertEqual(told["lessons_learned"], [])
        sent = self._post(f"{path}/submit").json()
        self.assertEqual(sent["status"], "in_review")
        self.assertIn(2400.0, [figure["value"] for figure in sent["figures"]])
        self.assertProblem(self._post(f"{path}/submit"), "conflict")
        self.assertProblem(self._put(path, title="Other"), "conflict")
        review = self.env["kpi.post.implementation.review"].browse(made["id"])
        self.assertEqual(review.approval_round, 1)
        self.assertTrue(self.ask(path, "sue").json()["can_decide"])

    def test_an_approved_review_is_published(self):
        review = self._submitted()
        path = f"{PATH}/{review.id}/publish"
        self.assertProblem(self._post(path), "conflict")
        self._as(self.sue, review).action_approve()
        self.assertProblem(self._post(path, "sue"), "forbidden")
        self.assertProblem(self._post(path, "zoe"), "not-found")
        stale = self.ask(
            path, "olga", "POST", headers={"If-Match": '"' + "0" * 32 + '"'}
        )
        self.assertProblem(stale, "precondition-failed")
        answer = self._post(path)
        self.assertEqual(answer.json()["status"], "published", answer.text)
        self.assertTrue(answer.json()["published_at"])
        self.assertProblem(self._post(path), "conflict")

    def test_people_give_feedback_in_their_own_name_once(self):
        path = f"{PATH}/{self._review().id}/feedback"
        answer = self._post(path, "sue", rating=4, role="Sponsor", comment="Good")
        self.assertEqual(answer.status_code, 201, answer.text)
        (given,) = answer.json()["stakeholder_feedback"]
        self.assertEqual(
            (given["name"], given["role"], given["rating"], given["comment"]),
            ("Sue", "Sponsor", 4, "Good"),
        )
        self.assertEqual(answer.json()["feedback_rating"], 4)
        again = self._post(path, "sue", rating=5)
        self.assertIn("given", self.assertProblem(again, "invalid")["detail"])
        own = self._post(path, "olga", rating=5)
        self.assertIn("own", self.assertProblem(own, "invalid")["detail"])
        self.assertProblem(self._post(path, "zoe", rating=5), "not-found")
        for body in ({"rating": 0}, {"rating": 6}, {}, {"rating": 4, "name": "Ann"}):
            self.assertProblem(self._post(path, "max", **body), "invalid")
        self.assertEqual(self._post(path, "max", rating=2).status_code, 201)

    def test_feedback_ends_when_the_review_is_approved(self):
        review = self._submitted()
        path = f"{PATH}/{review.id}/feedback"
        self.assertEqual(self._post(path, "max", rating=3).status_code, 201)
        self._as(self.sue, review).action_approve()
        self.assertProblem(self._post(path, "sue", rating=3), "invalid")

    def test_a_reviewer_who_does_not_see_it_is_told_at_once(self):
        begun = self._begin(reviewer_id=self.zoe.id)
        self.assertEqual(begun.status_code, 201, begun.text)
        self.assertIn("Zoe cannot see all", begun.json()["reviewer_note"])
        path = f"{PATH}/{begun.json()['id']}"
        named = self._put(path, reviewer_id=self.sue.id).json()
        self.assertIsNone(named["reviewer_note"])

    def test_a_draft_is_changed_only_as_it_was_read(self):
        path = f"{PATH}/{self._begin().json()['id']}"
        seen = {"If-Match": self.ask(path, "olga").headers["ETag"]}
        for status in (200, 412):
            answer = self.ask(
                path,
                "olga",
                "PUT",
                json={"lessons_learned": [{"lesson": "Go on.", "category": "people"}]},
                headers=seen,
            )
            self.assertEqual(answer.status_code, status, answer.text)

    def test_reviews_of_an_initiative(self):
        self._begin()
        self._begin(title="Another")
        path = f"{PATH}/initiative/{self.initiative.id}"
        self.assertEqual(len(self.ask(path, "sue").json()["items"]), 2)
        found = self.ask(f"{path}?text=Another", "olga").json()["items"]
        self.assertEqual([one["title"] for one in found], ["Another"])

    def test_owners_cannot_review(self):
        self.assertProblem(self._begin(reviewer_id=self.olga.id), "invalid")

    def test_what_is_not_there_for_the_user_is_not_found(self):
        made = self._begin().json()["id"]
        far = self._make_far()
        theirs = self.env["kpi.post.implementation.review"].create(
            {"initiative_id": far.id}
        )
        for who, pir in (("zoe", made), ("pia", theirs.id), ("olga", 10**9)):
            for method, path, body in (
                ("GET", f"{PATH}/{pir}", None),
                ("PUT", f"{PATH}/{pir}", {"title": "Mine"}),
                ("POST", f"{PATH}/{pir}/submit", None),
                ("POST", "/ai/generate-pir-insights", {"pir_id": pir}),
            ):
                with self.subTest(who=who, method=method, path=path):
                    answer = self.ask(path, who, method, json=body)
                    self.assertProblem(answer, "not-found")
        self.assertProblem(self._begin("zoe"), "not-found")
        self.assertProblem(self._begin("pia", initiative_id=far.id), "not-found")
        self.assertProblem(self.ask(f"{PATH}/initiative/{far.id}", "pia"), "not-found")

    def test_who_only_reads_changes_nothing(self):
        made = self._begin().json()["id"]
        for answer in (
            self._put(f"{PATH}/{made}", "sue", title="Mine"),
            self._post(f"{PATH}/{made}/submit", "sue"),
            self._begin("sue"),
        ):
            self.assertProblem(answer, "forbidden")

    def test_sentences_name_the_records_of_their_numbers(self):
        made = self._begin().json()["id"]
        path = "/ai/generate-pir-insights"
        of_review = self._post(path, pir_id=made).json()["insights"]
        of_initiative = self._post(path, initiative_id=self.initiative.id).json()
        self.assertEqual(of_review, of_initiative["insights"])
        self.assertTrue(all(one["records"] for one in of_review))
        self.assertProblem(self._post(path), "invalid")

    def test_a_body_without_sense_is_refused(self):
        for body in (
            {"lessons_learned": [{"lesson": " "}]},
            {"lessons_learned": [{"lesson": "x", "category": "y"}]},
            {"recommendations": [{"description": "x", "responsible_id": 10**9}]},
            {"review_date": "31.12.2026"},
            {"status": "published"},
        ):
            with self.subTest(body):
                self.assertIn(self._begin(**body).status_code, (404, 422))

    def test_kpis_are_told_then_and_now_to_who_may_see_them(self):
        baseline = self._baseline(
            self._kpi(unit="custom", unit_symbol="h"), self.initiative
        )
        self._months(baseline.report_id, 18, 14)
        path = f"{PATH}/{self._published().id}"
        baseline.target_value = 15
        self.env.flush_all()

        def find_kpis(who):
            figures = self.ask(path, who).json()["figures"]
            return {one["code"]: one for one in figures if one["kind"] == "kpi"}

        told = find_kpis("sue")
        target = told["target_value"]
        self.assertEqual((target["value"], target["value_now"]), (10, "15\u202fh"))
        self.assertEqual((target["unit"], target["unit_symbol"]), ("kpi", "h"))
        last = told["last_value"]
        self.assertEqual((last["value"], last["text"]), (14, "2026-02-01"))
        self.assertFalse(find_kpis("max"))
