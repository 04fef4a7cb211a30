from odoo.tests import tagged

from odoo.addons.kpi_base.rest.route import operations_below
from odoo.addons.kpi_base.tests.controllers.api_case import SCOPES, ApiCase

from ..models.coaching_case import SECRET, CoachingCase


@tagged("post_install", "-at_install")
class TestApiCoaching(ApiCase, CoachingCase):
    """Coachings over REST: for the two people and HR managers, and nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        people = {"coach": cls.coach, "trainee": cls.trainee, **cls.others}
        for name, person in people.items():
            cls.people[name] = person
            cls.keys[name] = cls._key(name, SCOPES)
        cls.env.flush_all()

    def _answer(self, coaching, who="trainee", text="I call them first.", **options):
        path = f"/coachings/{coaching.id}/answer"
        return self.ask(path, who, json={"employee_response": text}, **options)

    def test_the_employee_answers_until_it_is_signed(self):
        coaching = self._share()
        seen = self.ask(f"/coachings/{coaching.id}", "trainee")
        self.assertTrue(seen.json()["can_answer"], seen.text)
        self.assertIn(SECRET, seen.json()["manager_feedback"])
        answer = self._answer(coaching)
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertEqual(answer.json()["employee_response"], "I call them first.")
        stale = self._answer(coaching, headers={"If-Match": seen.headers["ETag"]})
        self.assertProblem(stale, "precondition-failed")
        self._own(self.trainee, coaching).action_sign()
        self.assertProblem(self._answer(coaching), "invalid")

    def test_only_the_employee_answers(self):
        draft = self._coach()
        self.assertProblem(self._answer(draft), "not-found")
        coaching = self._share()
        self.assertProblem(self._answer(coaching, "coach"), "forbidden")
        for who in self.others:
            with self.subTest(who):
                self.assertProblem(self._answer(coaching, who), "not-found")
                path = f"/coachings/{coaching.id}"
                self.assertProblem(self.ask(path, who), "not-found")
                self.assertEqual(self.ask("/coachings", who).json()["items"], [])
        for text in ("", " ", "\0", None, 5):
            with self.subTest(text):
                self.assertProblem(self._answer(coaching, text=text), "invalid")
        reader = self._key("trainee", ("kpi.read",))
        answer = self._answer(coaching, key=reader)
        self.assertProblem(answer, "insufficient-scope")
        self.assertFalse(coaching.employee_response)

    def test_nothing_that_administrators_read_tells_who_coaches_whom(self):
        coaching = self._share()
        key = {"Idempotency-Key": "answer-1"}
        self.assertEqual(self._answer(coaching, headers=key).status_code, 200)
        listed = self.ask("/coachings?sort=-next_review_date", "coach")
        self.assertEqual([one["id"] for one in listed.json()["items"]], coaching.ids)
        self.assertEqual(listed.headers["Cache-Control"], "no-store")
        self.env.cr.execute(
            "SELECT count(*) FROM kpi_api_idempotency AS stored"
            " WHERE stored::text LIKE '%%call them first%%'"
        )
        self.assertEqual(self.env.cr.fetchone()[0], 0)

    def test_the_access_log_names_no_coaching(self):
        paths = [
            one for one in operations_below(self.env, "/api/kpi") if "coach" in one.path
        ]
        self.assertEqual(len(paths), 3)
        for one in paths:
            self.assertTrue(one.declaration.is_confidential, one.path)

    def test_the_description_names_every_path(self):
        paths = self.ask("/openapi.json", None).json()["paths"]
        for path in ("", "/{coaching_id}", "/{coaching_id}/answer"):
            self.assertIn(f"/api/kpi/coachings{path}", paths)
