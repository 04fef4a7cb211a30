from odoo.tests import tagged

from .benefit_api_case import BenefitApiCase

PATH = "/confidence"


@tagged("post_install", "-at_install")
class TestConfidenceApi(BenefitApiCase):
    """Confidence scores as programs give and read them."""

    def _give(self, benefit, who="olga", **values):
        body = {"benefit_id": benefit.id, "probability": 0.75, "reason": "Two sites"}
        return self._post(PATH, who, **{**body, **values})

    def test_scores_are_a_history(self):
        benefit = self._benefit()
        answer = self._give(benefit)
        self.assertEqual(answer.status_code, 201, answer.text)
        made = answer.json()
        self.assertEqual((made["probability"], made["user"]["name"]), (0.75, "Olga"))
        self._give(benefit, probability=1.0)
        earlier = self._give(benefit, "pia", date="2026-01-31", probability=0.0)
        self.assertEqual(earlier.json()["date"], "2026-01-31", earlier.text)
        path = f"{PATH}/benefit/{benefit.id}"
        items = self.ask(f"{path}?sort=date", "sue").json()["items"]
        self.assertEqual([each["probability"] for each in items], [0, 0.75, 1])
        told = self.ask(f"/realizations/{benefit.id}", "sue").json()
        self.assertEqual((told["confidence"], told["is_confidence_stale"]), (1, False))

    def test_others_are_refused(self):
        benefit = self._benefit()
        self.assertProblem(self._give(benefit, "zoe"), "not-found")
        self.assertProblem(self._give(benefit, "sue"), "forbidden")
        self.assertProblem(self._give(benefit, date="2026-01-31"), "forbidden")
        path = f"{PATH}/benefit/{benefit.id}"
        self.assertProblem(self.ask(path, "zoe"), "not-found")
        far = self._benefit(self._make_far())
        self.assertProblem(self._give(far, "pia"), "not-found")
        self.assertProblem(self.ask(f"{PATH}/benefit/{far.id}", "pia"), "not-found")

    def test_bad_input_is_named(self):
        benefit = self._benefit()
        for values in (
            {"probability": 1.2},
            {"probability": -0.1},
            {"probability": 1e300},
            {"probability": "0.5"},
            {"date": "2999-01-01"},
            {"reason": " "},
            {"user_id": 1},
        ):
            with self.subTest(values):
                self.assertProblem(self._give(benefit, **values), "invalid")
        self.assertFalse(benefit.confidence_ids)
