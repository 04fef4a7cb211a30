from odoo.tests import tagged

from .benefit_api_case import BenefitApiCase

PATH = "/realizations"
PAST = {"date_from": "2025-01-01", "date_to": "2025-06-30"}  # half a year that is over


@tagged("post_install", "-at_install")
class TestRealizationApi(BenefitApiCase):
    """Benefits as programs plan them, and say what was realised."""

    def _plan(self, initiative, who="olga", **values):
        body = {
            "initiative_id": initiative.id,
            "name": "Less work",
            "amount": 1000.0,
            **PAST,
            **values,
        }
        return self._post(PATH, who, **body)

    def test_a_benefit_is_planned_and_realised(self):
        initiative = self._make()
        answer = self._plan(initiative, benefit_type="efficiency_gain")
        self.assertEqual(answer.status_code, 201, answer.text)
        made = answer.json()
        self.assertEqual(
            (made["expected_value"], made["planned_to_date"]), (6000, 6000)
        )
        self.assertEqual(made["status"], "planned")
        path = f"{PATH}/{made['id']}"
        told = self._put(
            path,
            months=[
                {"month": "2025-01-20", "realized": 900.0, "note": "Counted"},
                {"month": "2025-02-01", "realized": 1200.0},
                {"month": "2025-03-01", "realized": 0.0},
            ],
            confirm_status=True,
        ).json()
        self.assertEqual(
            (told["realized_value"], told["realization_rate"]), (2100, 0.35)
        )
        self.assertEqual(told["status"], "not_realized")
        self.assertEqual(self.ask(path, "olga").json(), told)
        taken = self._put(path, months=[{"month": "2025-02-01", "realized": None}])
        self.assertEqual(taken.json()["realized_value"], 900)

    def test_each_of_the_five_statuses_is_taken_with_evidence(self):
        benefit = self._benefit(self._make(), **PAST)
        path = f"{PATH}/{benefit.id}"
        self.assertEqual(benefit.suggested_status, "not_realized")
        for status in ("in_progress", "at_risk", "realized"):
            answer = self._put(path, status=status)
            self.assertIn(
                "evidence", self.assertProblem(answer, "invalid")["detail"], status
            )
            self.assertEqual(benefit.status, "planned")
        self.assertEqual(
            self._put(path, status="not_realized").json()["status"], "not_realized"
        )
        for status in ("planned", "in_progress", "at_risk", "realized", "not_realized"):
            answer = self._put(path, status=status, evidence="Counted in March")
            self.assertEqual(answer.status_code, 200, answer.text)
            self.assertEqual(answer.json()["status"], status)
        self.assertProblem(self._put(path, status="done"), "invalid")
        both = self._put(path, status="realized", confirm_status=True)
        self.assertProblem(both, "invalid")
        self.assertProblem(self._put(path, "sue", status="planned"), "forbidden")
        self.assertProblem(self._put(path, "zoe", status="planned"), "not-found")

    def test_a_benefit_begins_with_a_status(self):
        initiative = self._make()
        answer = self._plan(initiative, status="at_risk")
        self.assertProblem(answer, "invalid")
        answer = self._plan(initiative, status="at_risk", evidence="No supplier")
        self.assertEqual(answer.json()["status"], "at_risk", answer.text)

    def test_the_summary_adds_up(self):
        initiative = self._make()
        one = self._benefit(initiative, amount=100, **PAST)
        other = self._benefit(initiative, amount=300, benefit_type="compliance", **PAST)
        one.period_ids[:3].realized = 100
        other.period_ids[:3].realized = 0
        total = self.ask(f"{PATH}/initiative/{initiative.id}/summary", "sue").json()
        self.assertEqual(total["currency"]["name"], initiative.currency_id.name)
        self.assertEqual(
            total["total"],
            {
                "count": 2,
                "expected_value": 2400,
                "realized_value": 300,
                "planned_to_date": 2400,
                "realization_rate": 0.125,
            },
        )
        self.assertEqual(total["by_type"]["compliance"]["realization_rate"], 0)
        self.assertEqual(total["by_type"]["cost_reduction"]["realization_rate"], 0.5)
        self.assertEqual(total["by_status"]["planned"]["count"], 2)

    def test_lists_of_an_initiative(self):
        initiative = self._make()
        one = self._benefit(initiative)
        two = self._benefit(initiative, name="More", benefit_type="compliance")
        self._benefit(self._make(name="Other"))
        path = f"{PATH}/initiative/{initiative.id}"
        for query, expected in (
            ("", {one.id, two.id}),
            ("?benefit_type=compliance", {two.id}),
            ("?text=less", {one.id}),
            ("?status=realized", set()),
        ):
            items = self.ask(f"{path}{query}", "olga").json()["items"]
            self.assertEqual({each["id"] for each in items}, expected, query)

    def test_others_are_refused(self):
        initiative = self._make()
        benefit = self._benefit(initiative, **PAST)
        path = f"{PATH}/{benefit.id}"
        self.assertProblem(self.ask(path, "zoe"), "not-found")
        self.assertProblem(self._put(path, "zoe", name="X"), "not-found")
        self.assertProblem(self._plan(initiative, "zoe"), "not-found")
        self.assertProblem(
            self.ask(f"{PATH}/initiative/{initiative.id}/summary", "zoe"), "not-found"
        )
        self.assertProblem(self._put(path, "sue", name="X"), "forbidden")
        self.assertProblem(self._plan(initiative, "sue"), "forbidden")
        months = [{"month": "2025-01-01", "realized": 1.0}]
        self.assertProblem(self._put(path, "sue", months=months), "forbidden")
        self.assertProblem(self._put(path, "sue", confirm_status=True), "forbidden")
        far = self._make_far()
        self.assertProblem(self._plan(far), "not-found")
        self.assertProblem(self._put(path, initiative_id=far.id), "invalid")
        self.assertFalse(benefit.has_value)

    def test_bad_input_is_named(self):
        initiative = self._make()
        path = f"{PATH}/{self._benefit(initiative, **PAST).id}"
        for values in (
            {"amount": 1e300},
            {"date_to": "2024-01-01"},
            {"date_to": None, "is_recurring": True},
            {"custom_shares": "ten", "ramp_up": "custom"},
            {"benefit_type": "luck"},
        ):
            self.assertProblem(self._plan(initiative, **values), "invalid")
        outside = self._put(path, months=[{"month": "2027-01-01", "realized": 1.0}])
        self.assertProblem(outside, "invalid")
        self.assertIn("Jan 2027", outside.json()["detail"])

    def test_plans_and_months_without_sense_are_named(self):
        initiative = self._make()
        later = {"date_from": "2098-01-01", "date_to": "2098-12-31"}
        long = self._plan(initiative, ramp_months=600, **later)
        self.assertProblem(long, "invalid")
        self.assertIn("600 months", long.json()["detail"])
        planned = self._plan(initiative, **later)
        self.assertEqual(planned.status_code, 201, planned.text)
        path = f"{PATH}/{planned.json()['id']}"
        early = self._put(path, months=[{"month": "2098-01-01", "realized": 0.0}])
        self.assertProblem(early, "invalid")
        self.assertIn("Jan 2098 has not started yet", early.json()["detail"])
        empty = self._put(path, months=[{"month": "2098-01-01", "realized": None}])
        self.assertEqual(empty.status_code, 200, empty.text)

    def test_null_empties_only_what_can_be_empty(self):
        benefit = self._benefit(self._make(), **PAST)
        benefit.write({"ramp_months": 3, "assumptions": "Prices stay"})
        path = f"{PATH}/{benefit.id}"
        for name in ("amount", "is_recurring", "ramp_months", "ramp_up", "owner_id"):
            with self.subTest(name):
                answer = self._put(path, **{name: None})
                self.assertProblem(answer, "invalid")
                self.assertIn(name, str(answer.json()["errors"]))
        self.assertEqual(len(benefit.period_ids), 6)
        told = self._put(path, assumptions=None).json()
        self.assertIsNone(told["assumptions"])
        planned = self._plan(self._make(name="Other"), is_recurring=None, ramp_up=None)
        self.assertTrue(planned.json()["is_recurring"], "null: the default")

    def test_realized_needs_evidence(self):
        benefit = self._benefit(self._make(), **PAST)
        benefit.period_ids.realized = 1000
        path = f"{PATH}/{benefit.id}"
        self.assertProblem(self._put(path, confirm_status=True), "invalid")
        told = self._put(path, evidence="Ledger", confirm_status=True)
        self.assertEqual(told.json()["status"], "realized")

    def test_assumptions_are_rows_and_text(self):
        path = f"{PATH}/{self._benefit(self._make(), **PAST).id}"
        told = self._put(
            path,
            assumptions="Prices stay\nTwo people",
            assumption_review_date="2999-01-31",
        ).json()
        prices, people = told["assumption_rows"]
        self.assertEqual(
            (prices["text"], prices["review_date"], prices["status"]),
            ("Prices stay", "2999-01-31", "open"),
        )
        self.assertEqual(prices["owner"]["name"], "Olga")
        rows = [
            {"id": people["id"], "status": "failed", "note": "One left"},
            {
                "text": "5,000 invoices",
                "status": "holds",
                "review_date": "2999-06-30",
                "owner_id": self.sue.id,
            },
        ]
        told = self._put(path, assumption_rows=rows).json()
        failed, holds = told["assumption_rows"]
        self.assertEqual((failed["id"], failed["status"]), (people["id"], "failed"))
        self.assertEqual((failed["note"], failed["text"]), ("One left", "Two people"))
        self.assertEqual((holds["status"], holds["owner"]["name"]), ("holds", "Sue"))
        self.assertEqual(told["assumptions"], "Two people\n5,000 invoices")
        self.assertEqual(told["assumption_review_date"], "2999-06-30")
        # What was read can be written again, and changes nothing.
        names = ("id", "text", "review_date", "status", "note")
        same = [{name: row[name] for name in names} for row in (failed, holds)]
        seen = {"If-Match": self.ask(path, "olga").headers["ETag"]}
        again = self.ask(
            path, "olga", "PUT", json={"assumption_rows": same}, headers=seen
        )
        self.assertEqual(again.json()["assumption_rows"], [failed, holds])
        self.assertEqual(self.ask(path, "olga").json(), again.json())
        some = self.ask(f"{path}?fields=assumptions", "olga").json()
        self.assertEqual(set(some), {"id", "assumptions"})

    def test_assumptions_that_are_refused(self):
        benefit = self._benefit(self._make(), assumptions="Prices stay", **PAST)
        other = self._benefit(benefit.initiative_id, assumptions="More", **PAST)
        path = f"{PATH}/{benefit.id}"
        row = benefit.assumption_ids.id
        for values in (
            {"id": other.assumption_ids.id, "text": "Mine"},
            {"text": " "},
            {"review_date": "2999-01-31"},
            {"id": row, "status": "holds"},
            {"id": row, "status": "holds", "review_date": "2020-01-31"},
            {"id": row, "status": "failed"},
            {"id": row, "status": "maybe"},
        ):
            answer = self._put(path, assumption_rows=[values])
            self.assertProblem(answer, "invalid")
        self.assertProblem(
            self._put(path, assumption_rows=[{"text": "A", "owner_id": 2**31 - 1}]),
            "not-found",
        )
        self.assertProblem(self._put(path, "sue", assumption_rows=[]), "forbidden")
        self.assertProblem(self._put(path, "zoe", assumption_rows=[]), "not-found")
        self.assertEqual(benefit.assumption_ids.mapped("name"), ["Prices stay"])
