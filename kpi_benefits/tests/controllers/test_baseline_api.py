from datetime import date

from odoo.tests import tagged

from ..models.baseline_case import BaselineCase
from .benefit_api_case import BenefitApiCase


@tagged("post_install", "-at_install")
class TestBaselineApi(BenefitApiCase, BaselineCase):
    """KPIs of initiatives and their measurements over REST."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls("setUp")
        cls.initiative = case._make()
        cls.kpi = cls._kpi()
        cls.baseline = case._baseline(cls.kpi, cls.initiative, unit_value=100)
        cls.path = f"/kpis/{cls.baseline.id}"
        cls.env.flush_all()

    def test_a_kpi_that_is_there_is_tracked(self):
        other = self._kpi("Visits")
        answer = self._post(
            "/kpis",
            initiative_id=self.initiative.id,
            report_id=other.id,
            category="customer",
            baseline_value=5.0,
            baseline_date="2026-01-31",
            target_value=3.0,
            shares=[{"date_from": "2026-01-01", "share": 40.0}],
        )
        self.assertEqual(answer.status_code, 201, answer.text)
        told = answer.json()
        self.assertEqual(told["name"], "Visits")
        self.assertEqual(told["measurement_frequency"], "monthly")
        self.assertEqual((told["share"], told["original_target"]), (40, 3))
        self.assertIsNone(told["progress"])
        page = self.ask(f"/kpis/initiative/{self.initiative.id}", "olga").json()
        self.assertEqual(len(page["items"]), 2)

    def test_a_new_kpi_of_the_initiative(self):
        answer = self._post(
            "/kpis",
            initiative_id=self.initiative.id,
            new_kpi={
                "name": "Errors",
                "direction": "lower",
                "measurement_frequency": "annually",
            },
            baseline_value=9.0,
            baseline_date="2025-12-31",
        )
        self.assertEqual(answer.status_code, 201, answer.text)
        report = self.env["kpi.report"].browse(answer.json()["report"]["id"])
        self.assertEqual(report.computation, "manual")
        self.assertEqual(report.frequency, "year")
        self.assertTrue(report.code.startswith(f"own_{self.initiative.id}_errors"))
        self.assertEqual(report.owner_id, self.olga)
        for who in ("sue", "zoe"):
            refused = self._post(
                "/kpis",
                who,
                initiative_id=self.initiative.id,
                new_kpi={"name": "Mine"},
            )
            slug = {"sue": "forbidden", "zoe": "not-found"}[who]
            self.assertProblem(refused, slug)

    def test_what_a_body_must_say(self):
        for body in (
            {},
            {"initiative_id": self.initiative.id},
            {
                "initiative_id": self.initiative.id,
                "report_id": self.kpi.id,
                "new_kpi": {"name": "Both"},
            },
        ):
            self.assertProblem(self._post("/kpis", **body), "invalid")
        for text in ('{"baseline_value": NaN}', '{"target_value": 1e999}'):
            answer = self.ask(
                self.path,
                "olga",
                "PUT",
                data=text,
                headers={"Content-Type": "application/json"},
            )
            self.assertIn(answer.status_code, (400, 422))
        self.assertProblem(self._put(self.path, target_value=1e300), "invalid")
        self.assertProblem(self._put(self.path, active=None), "invalid")
        self.assertIsNone(
            self._put(self.path, target_value=None).json()["target_value"]
        )

    def test_change(self):
        told = self._put(
            self.path,
            target_value=12.0,
            shares=[
                {"date_from": "2026-01-01", "share": 60.0},
                {"date_from": "2026-05-01", "share": 30.0},
            ],
        ).json()
        self.assertEqual((told["target_value"], told["original_target"]), (12, 10))
        self.assertEqual(told["share"], 30)
        refused = self._put(self.path, "sue", target_value=1.0)
        self.assertProblem(refused, "forbidden")
        self._baseline(
            self.kpi, share_ids=[(0, 0, {"date_from": "2026-05-01", "share": 70})]
        )
        refused = self._put(
            self.path, shares=[{"date_from": "2026-05-01", "share": 31.0}]
        )
        self.assertProblem(refused, "invalid")
        self.assertIn("101", refused.json()["detail"])

    def test_measurements(self):
        path = f"{self.path}/measurements"
        answer = self._post(path, measurement_date="2026-02-03", value=14.0)
        self.assertEqual(answer.status_code, 201, answer.text)
        self.assertEqual(answer.json()["state"], "approved")
        self.assertEqual(answer.json()["period_start"], "2026-02-01")
        again = {"measurement_date": "2026-02-03", "value": 15.0}
        self.assertProblem(self._post(path, **again), "invalid")
        self.assertEqual(self._post(path, **again, notes="Typo").status_code, 201)
        before = self._post(path, measurement_date="2025-12-03", value=14.0)
        self.assertProblem(before, "invalid")
        huge = self._post(path, measurement_date="2026-03-03", value=1e300)
        self.assertProblem(huge, "invalid")
        (item,) = self.ask(path, "sue").json()["items"]
        self.assertEqual((item["value"], item["notes"]), (15, "Typo"))
        self.assertEqual(item["progress"], 0.5)
        trend = self.ask(f"{self.path}/trend", "sue").json()
        self.assertEqual(trend["progress"], 0.5)
        self.assertEqual(
            trend["points"],
            [
                {
                    "period_start": "2026-02-01",
                    "value": 15,
                    "progress": 0.5,
                    "is_before_baseline": False,
                }
            ],
        )

    def test_a_computed_kpi_takes_no_value(self):
        computed = self._kpi("Computed", computation="external")
        other = self._baseline(computed, self.initiative)
        answer = self._post(
            f"/kpis/{other.id}/measurements",
            measurement_date="2026-02-03",
            value=1.0,
        )
        self.assertProblem(answer, "conflict")
        self.assertEqual(answer.status_code, 409)

    def test_a_benefit_is_measured_by_it(self):
        self._months(self.kpi, 18)
        answer = self._post(
            "/realizations",
            initiative_id=self.initiative.id,
            name="Less work",
            amount=500.0,
            date_from="2026-01-01",
            date_to="2026-03-31",
            baseline_id=self.baseline.id,
        )
        self.assertEqual(answer.json()["realized_value"], 200, answer.text)
        self.assertEqual(answer.json()["baseline"]["id"], self.baseline.id)

    def test_who_sees_no_part_of_it_gets_404(self):
        far = self._make_far()
        self.people["far"] = far.owner_id
        self.keys["far"] = self._key("far", ("benefits.read", "benefits.write"))
        hidden = self._kpi("Hidden")
        hidden.shared_user_ids = False
        secret = self._baseline(hidden, self.initiative)
        entered = {"measurement_date": "2026-02-03", "value": 1.0}
        for who, baseline in (
            ("far", self.baseline),
            ("zoe", self.baseline),
            ("sue", secret),
        ):
            path = f"/kpis/{baseline.id}"
            for answer in (
                self.ask(path, who),
                self._put(path, who, target_value=1.0),
                self.ask(f"{path}/trend", who),
                self.ask(f"{path}/measurements", who),
                self._post(f"{path}/measurements", who, **entered),
            ):
                self.assertProblem(answer, "not-found")
        for who in ("far", "zoe"):
            listed = self.ask(f"/kpis/initiative/{self.initiative.id}", who)
            self.assertProblem(listed, "not-found")
            made = self._post(
                "/kpis", who, initiative_id=self.initiative.id, report_id=self.kpi.id
            )
            self.assertProblem(made, "not-found")
        listed = self.ask(f"/kpis/initiative/{self.initiative.id}", "sue").json()
        self.assertEqual([one["id"] for one in listed["items"]], self.baseline.ids)
        for name in ("report_id", "control_id"):
            refused = self._put(f"/kpis/{self.baseline.id}", "max", **{name: 1})
            self.assertIn(refused.status_code, (404, 422))

    def test_scopes(self):
        key = self._key("olga", ("benefits.read",))
        answer = self.ask(self.path, "olga", "PUT", key=key, json={"target_value": 1.0})
        self.assertProblem(answer, "insufficient-scope")
        self.assertEqual(self.ask(self.path, key=key).status_code, 200)

    def test_measurements_come_in_pages(self):
        self._record(self.kpi, {date(2026, m, 1): m for m in (1, 2, 3)})
        path = f"{self.path}/measurements?limit=2&sort=-measurement_date"
        first = self.ask(path, "olga").json()
        self.assertEqual([one["value"] for one in first["items"]], [3, 2])
        rest = self.ask(f"{path}&cursor={first['next_cursor']}", "olga").json()
        self.assertEqual([one["value"] for one in rest["items"]], [1])
