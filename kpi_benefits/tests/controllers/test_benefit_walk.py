"""One benefit from its first measurement to a published review, as its people do it."""

from datetime import date
from io import BytesIO

from dateutil.relativedelta import relativedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.baseline_case import BaselineCase
from .benefit_api_case import BenefitApiCase

try:
    from pypdf import PdfReader
except ImportError:
    from PyPDF2 import PdfReader

MONTH = relativedelta(months=1)
HEALTHY, LEAKING = 3, 6  # months that are over
MONTHS = HEALTHY + LEAKING
# A month: 50 minutes × 1,000 invoices × 0.8 captured × 0.6 claimed, as planned;
# then 45 × 1,100 × 0.6 × 0.6.
PLANNED, LEFT = 24_000, 17_820
STEPS = {"rate": -2_200, "volume": 2_000, "adoption": -5_980}
TO_DATE = MONTHS * PLANNED
REALIZED = HEALTHY * PLANNED + LEAKING * LEFT
LOST = LEAKING * (PLANNED - LEFT)
LOG = "kpi.audit.log"


@tagged("post_install", "-at_install")
class TestBenefitWalk(BenefitApiCase, BaselineCase):
    """Olga owns the initiative and enters, Sue sponsors and reviews it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = date.today().replace(day=1) - MONTHS * MONTH
        cls.volume = cls._kpi("Invoices", direction="higher")
        cls.adoption = cls._kpi("Invoices captured", unit="percent", direction="higher")
        for report, target in ((cls.volume, 1000), (cls.adoption, 80)):
            cls.env["kpi.target"].create(
                {"report_id": report.id, "date_from": cls.first, "value": target}
            )
        cls.env.flush_all()

    def test_one_benefit_walks_the_whole_way(self):
        initiative = self._go_live()
        kpi = self._track(initiative)
        benefit = self._plan(initiative, kpi)
        self._enter(kpi)
        self._check_realized(kpi, benefit)
        self._check_bridge(benefit)
        self._check_forecast(benefit)
        self._mitigate(initiative, benefit)
        self._say_how_likely(benefit)
        review = self._write_review(initiative)
        self._decide(review)
        self._check_files(review)
        self._check_history(review)

    def _told(self, answer, status=200):
        self.assertEqual(answer.status_code, status, answer.text)
        return answer.json()

    def _go_live(self):
        """Proposed by Olga, approved by Sue, live since the first month."""
        answer = self._post(
            "/initiatives",
            name="Capture invoices",
            sponsor_id=self.sue.id,
            planned_go_live_date=str(self.first),
            go_live_date=str(self.first),
        )
        initiative = self.env["kpi.initiative"].browse(self._told(answer, 201)["id"])
        self._as(self.sue, initiative).action_approve()
        own = self._as(self.olga, initiative)
        own.action_start()
        own.action_go_live()
        self.assertEqual((own.status, own.go_live_date), ("live", self.first))
        return own

    def _track(self, initiative):
        """An own KPI: 60 minutes before, 10 promised; 60% is claimed."""
        answer = self._post(
            "/kpis",
            initiative_id=initiative.id,
            new_kpi={
                "name": "Minutes per invoice",
                "unit": "duration",
                "direction": "lower",
            },
            category="operational",
            baseline_value=60.0,
            baseline_date=str(self.first - relativedelta(days=1)),
            target_value=10.0,
            unit_value=1.0,
            adoption_id=self.adoption.id,
            volume_id=self.volume.id,
            shares=[{"date_from": str(self.first), "share": 60.0}],
        )
        return self._told(answer, 201)["id"]

    def _plan(self, initiative, kpi):
        answer = self._post(
            "/realizations",
            initiative_id=initiative.id,
            name="Less work per invoice",
            amount=float(PLANNED),
            date_from=str(self.first),
            date_to=str(self.first + 24 * MONTH - relativedelta(days=1)),
            baseline_id=kpi,
        )
        told = self._told(answer, 201)
        self.assertEqual(told["expected_value"], 24 * PLANNED)
        return told["id"]

    def _enter(self, kpi):
        """What is measured is an entry of the KPI; other systems send the rest."""
        for place in range(MONTHS):
            leaks = place >= HEALTHY
            day = self.first + place * MONTH
            answer = self._post(
                f"/kpis/{kpi}/measurements",
                measurement_date=str(day),
                value=15.0 if leaks else 10.0,
            )
            self.assertEqual(self._told(answer, 201)["state"], "approved")
            self._record(self.volume, {day: 1100 if leaks else 1000})
            self._record(self.adoption, {day: 60 if leaks else 80})
        report = self.env["kpi.baseline"].browse(kpi).report_id
        entries = self.env["kpi.submission"].search([("report_id", "=", report.id)])
        self.assertEqual(len(entries), MONTHS)
        self.assertEqual(entries.create_uid, self.olga)

    def _check_realized(self, kpi, benefit):
        trend = self._told(self.ask(f"/kpis/{kpi}/trend", "sue"))
        self.assertEqual((trend["last_value"], trend["progress"]), (15, 0.9))
        self.assertEqual(len(trend["points"]), MONTHS)
        told = self._told(self.ask(f"/realizations/{benefit}", "sue"))
        self.assertEqual(told["planned_to_date"], TO_DATE)
        self.assertEqual(told["realized_value"], REALIZED)
        self.assertAlmostEqual(told["realization_rate"], REALIZED / TO_DATE)
        self.assertEqual(told["suggested_status"], "in_progress")
        self.assertEqual(told["shortfall"], LOST)
        months = self.env["kpi.benefit.realization"].browse(benefit).period_ids
        self.assertEqual(
            [one.realized for one in months.sorted("period_start")[:MONTHS]],
            [PLANNED] * HEALTHY + [LEFT] * LEAKING,
        )

    def _check_bridge(self, benefit):
        found = self._told(
            self._post("/ai/explain-variance", "sue", benefit_id=benefit)
        )
        steps = {one["kind"]: one["amount"] for one in found["steps"]}
        expected = {kind: LEAKING * amount for kind, amount in STEPS.items()}
        self.assertEqual(steps, {**expected, "unexplained": 0})
        self.assertEqual((found["planned"], found["realized"]), (TO_DATE, REALIZED))

    def _check_forecast(self, benefit):
        found = self._told(
            self._post("/ai/forecast-realization", "sue", benefit_id=benefit)
        )
        self.assertEqual(found["realized"], REALIZED)
        self.assertLess(found["low"], found["value"])
        self.assertLess(found["value"], found["high"])
        self.assertLess(found["high"], 24 * PLANNED)
        self.assertLess(found["chance"], 0.5)

    def _mitigate(self, initiative, benefit):
        """Find Leaks files one leakage, which Olga then looks into."""
        listed = f"/leakages/initiative/{initiative.id}"
        seen = self._told(self._post("/ai/detect-leakage", benefit_id=benefit))
        self.assertEqual([one["kind"] for one in seen["items"]], ["shortfall"])
        self.assertFalse(self._told(self.ask(listed, "olga"))["items"])
        initiative.action_find_leakage()
        (leakage,) = self._told(self.ask(listed, "sue"))["items"]
        self.assertEqual(
            (leakage["source"], leakage["status"]), ("detected", "identified")
        )
        self.assertEqual(leakage["estimated_impact"], LOST)
        path = f"/leakages/{leakage['id']}"
        self.assertProblem(self._put(path, status="mitigating"), "invalid")
        self._told(self._put(path, status="investigating"))
        plan = {
            "status": "mitigating",
            "root_cause": "Two sites still scan paper.",
            "mitigation_plan": "Train both sites.",
        }
        told = self._told(self._put(path, **plan))
        self.assertEqual(told["status"], "mitigating")
        initiative.action_find_leakage()
        (again,) = self._told(self.ask(listed, "sue"))["items"]
        self.assertEqual(again, told, "a cause is filed once")
        told = self._told(self.ask(f"/realizations/{benefit}", "olga"))
        self.assertEqual(told["explained_shortfall"], LOST)

    def _say_how_likely(self, benefit):
        reason = {"probability": 0.4, "reason": "Training takes until summer."}
        self._told(self._post("/confidence", benefit_id=benefit, **reason), 201)
        told = self._told(self.ask(f"/realizations/{benefit}", "sue"))
        self.assertEqual(told["confidence"], 0.4)
        self.assertAlmostEqual(
            told["expected_remaining"], 0.4 * (24 - MONTHS) * PLANNED
        )

    def _write_review(self, initiative):
        answer = self._post(
            "/pirs",
            initiative_id=initiative.id,
            executive_summary="Invoices need 45 minutes less.",
            lessons_learned=[{"lesson": "Train first.", "category": "adoption"}],
        )
        review = self.env["kpi.post.implementation.review"].browse(
            self._told(answer, 201)["id"]
        )
        own = self._as(self.olga, review)
        own.action_suggest_text()
        # What a KPI measured is not written into a text that all readers see.
        self.assertIn("178,920", own.restricted_suggestions)
        self.assertNotIn("178,920", own.benefits_analysis or "")
        path = f"/pirs/{review.id}"
        self._told(self._put(path, objectives_assessment="90% of the way."))
        told = self._told(self._post(f"{path}/submit"))
        self.assertEqual(told["status"], "in_review")
        self.assertEqual(told["reviewer"]["id"], self.sue.id)
        return own

    def _decide(self, review):
        """Sue decides with a key of hers, Olga publishes; she cannot do both."""
        with self.assertRaises(UserError), self.cr.savepoint():
            review.action_approve()
        with self.assertRaises(UserError), self.cr.savepoint():
            review.action_publish()
        self._as(self.sue, review).action_approve()
        review.action_publish()
        told = self._told(self.ask(f"/pirs/{review.id}", "sue"))
        self.assertEqual(told["status"], "published")
        figures = {
            one["code"]: one["value"]
            for one in told["figures"]
            if one["kind"] == "total"
        }
        self.assertEqual(figures["planned_to_date"], TO_DATE)
        self.assertEqual(figures["realized_value"], REALIZED)
        self.assertAlmostEqual(figures["realization_rate"], REALIZED / TO_DATE, 6)
        self.assertProblem(self._put(f"/pirs/{review.id}", title="Other"), "conflict")

    def _check_files(self, review):
        self.authenticate(self.sue.login, self.sue.login)
        path = f"/kpi/benefits/reviews/{review.id}"
        page = self.url_open(f"{path}/html").content.decode()
        pdf = PdfReader(BytesIO(self.url_open(f"{path}/pdf").content))
        printed = " ".join(one.extract_text() for one in pdf.pages)
        for text in (page, printed):
            for words in ("178,920.00", "216,000.00", "82.8", "Train first."):
                self.assertIn(words, text)
        self.assertIn(review.figures_hash, page)
        self.logout()

    def _check_history(self, review):
        """All is as it was logged, until somebody edits one figure past Odoo."""
        log = self.env[LOG]
        self.assertTrue(review.verify_history()["is_whole"])
        self.assertFalse(list(log._verify(review)))
        figure = review.figure_ids.filtered(
            lambda one: (one.kind, one.code) == ("benefit", "realized_value")
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kpi_review_figure SET value = value + 1 WHERE id = %s", [figure.id]
        )
        self.env.invalidate_all()
        (fault,) = log._verify(review)
        self.assertEqual(fault.row, ("kpi.review.figure", figure.id))
        (fault,) = review.verify_history()["faults"]
        self.assertIn("Less work per invoice: Realized", fault["text"])
