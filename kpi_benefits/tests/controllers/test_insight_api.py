from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.tests import tagged

from .benefit_api_case import BenefitApiCase

NAMES = ("forecast-realization", "explain-variance", "detect-leakage")


@tagged("post_install", "-at_install")
class TestInsightApi(BenefitApiCase):
    """What the months of benefits say, as programs ask for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = date.today().replace(day=1) - relativedelta(months=8)

    def _live(self, **values):
        initiative = self._make(status="live", go_live_date=self.first, **values)
        benefit = self._benefit(
            initiative,
            date_from=self.first,
            date_to=self.first + relativedelta(months=23),
        )
        for period, done in zip(
            benefit.period_ids,
            [1000, 990, 1010, 1000, 600, 610, 590, 600],
            strict=False,
        ):
            period.realized = done
        return benefit

    def _ask(self, name, who="olga", **body):
        return self._post(f"/ai/{name}", who, **body)

    def test_forecast(self):
        benefit = self._live()
        found = self._ask(NAMES[0], benefit_id=benefit.id).json()
        self.assertEqual((found["planned"], found["months"]), (24000, 8))
        self.assertLess(found["low"], found["value"])
        self.assertLess(found["chance"], 0.5)
        self.assertEqual(len(found["points"]), 24)
        self.assertEqual(found["currency"]["id"], self.company.currency_id.id)
        whole = self._ask(NAMES[0], initiative_id=benefit.initiative_id.id).json()
        self.assertEqual(whole["value"], found["value"])
        nothing = self._ask(NAMES[0], initiative_id=self._make().id).json()
        self.assertIsNone(nothing["value"])

    def test_variance_and_leaks_cite_what_they_are_about(self):
        benefit = self._live()
        found = self._ask(NAMES[1], benefit_id=benefit.id).json()
        steps = sum(one["amount"] for one in found["steps"])
        self.assertEqual(found["planned"] + steps, found["realized"])
        cited = {"model": benefit._name, "id": benefit.id, "name": benefit.display_name}
        self.assertIn(cited, found["sentences"][-1]["records"])
        (leak,) = self._ask(NAMES[2], benefit_id=benefit.id).json()["items"]
        self.assertEqual((leak["kind"], leak["lost"]), ("shortfall", 1600))
        self.assertIn(cited, leak["sentences"][0]["records"])

    def test_benchmark(self):
        benefit = self._live()
        initiative = benefit.initiative_id
        for _count in range(5):
            self._live()
        items = self._ask("benchmark", initiative_id=initiative.id).json()["items"]
        self.assertEqual([one["measure"] for one in items], ["realization_rate"])
        self.assertEqual((items[0]["others"], items[0]["percentile"]), (5, 50))
        one = {"initiative_id": initiative.id, "measure": "bcr"}
        self.assertEqual(self._ask("benchmark", **one).json()["items"], [])

    def test_who_may_not_see_it_learns_nothing(self):
        benefit, far = self._live(), self._make_far()
        for name in NAMES:
            for who, body in (
                ("zoe", {"benefit_id": benefit.id}),
                ("zoe", {"initiative_id": benefit.initiative_id.id}),
                ("pia", {"initiative_id": far.id}),
                ("pia", {"benefit_id": 2**31 - 1}),
            ):
                self.assertProblem(self._ask(name, who, **body), "not-found")
        self.assertProblem(
            self._ask("benchmark", "pia", initiative_id=far.id), "not-found"
        )

    def test_a_kpi_of_another_company_is_not_there(self):
        far = self._make_far()
        definition = self.env["kpi.definition"].create(
            {"name": "Far", "computation": "manual", "company_id": far.company_id.id}
        )
        kpi = self.env["kpi.baseline"].create(
            {
                "initiative_id": far.id,
                "report_id": definition._track_for("company", far.company_id).id,
                "baseline_value": 1,
            }
        )
        answer = self._ask(NAMES[1], "pia", kpi_id=kpi.id)
        self.assertProblem(answer, "not-found")
        found = self._ask(NAMES[1], benefit_id=1, period_to="2026-01-01")
        self.assertProblem(found, "invalid")

    def test_a_body_names_one_record(self):
        for name in NAMES:
            for body in (
                {},
                {"benefit_id": 1, "initiative_id": 1},
                {"benefit_id": "x"},
            ):
                self.assertProblem(self._ask(name, **body), "invalid")
        self.assertProblem(
            self._ask("benchmark", initiative_id=1, measure="luck"), "invalid"
        )

    def test_a_key_needs_the_scope(self):
        benefit = self._live()
        key = self._key("olga", scopes=["kpi.read"])
        answer = self.ask(
            f"/ai/{NAMES[0]}", key=key, method="POST", json={"benefit_id": benefit.id}
        )
        self.assertProblem(answer, "insufficient-scope")
