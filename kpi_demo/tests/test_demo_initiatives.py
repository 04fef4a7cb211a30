from itertools import pairwise

from odoo import fields
from odoo.tests import TransactionCase, tagged

from ..story.kpi_benefits import PLANS, TRACKED


@tagged("post_install", "-at_install")
class TestDemoInitiatives(TransactionCase):
    """Initiatives as far as they are today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.ref("kpi_demo.company_de")
        cls.initiatives = cls.env["kpi.initiative"].search(
            [("company_id", "=", company.id)]
        )

    def test_there_are_initiatives_in_all_states(self):
        self.assertEqual(len(self.initiatives), len(PLANS))
        field = self.env["kpi.initiative"]._fields["status"]
        found = set(self.initiatives.mapped("status"))
        self.assertEqual(found, set(field.get_values(self.env)))

    def test_nothing_happened_in_the_future(self):
        local = self.initiatives.with_context(tz="Europe/Berlin")
        today = fields.Date.context_today(local)
        gates = self.initiatives.gate_ids
        days = [
            *self.initiatives.mapped("approved_on"),
            *self.initiatives.mapped("go_live_date"),
            *gates.mapped("actual_date"),
            *self.initiatives.cost_ids.filtered("actual").mapped("period_start"),
        ]
        self.assertLessEqual(max(filter(None, days)), today)

    def test_gates_are_passed_in_their_order(self):
        for initiative in self.initiatives:
            passed = [bool(gate.actual_date) for gate in initiative.gate_ids]
            with self.subTest(initiative.name):
                self.assertEqual(passed, sorted(passed, reverse=True))

    def test_programmes_cost_what_is_below_them(self):
        program = self.env.ref("kpi_demo.initiative_1")
        below = program.child_ids.mapped("planned_cost")
        self.assertEqual(program.program_planned_cost, sum(below))
        self.assertTrue(program.program_planned_cost)

    def test_benefits_come_in_as_months_go_by(self):
        benefits = self.initiatives.benefit_ids
        self.assertEqual(
            benefits.initiative_id, self.initiatives.filtered("planned_cost")
        )
        self.assertLessEqual({"planned", "in_progress"}, set(benefits.mapped("status")))
        self.assertIn("at_risk", benefits.mapped("status"))
        today = fields.Date.today()
        known = benefits.period_ids.filtered("realized")
        self.assertTrue(all(one.period_start < today for one in known))

    def test_kpis_are_tracked_and_prove_benefits(self):
        baselines = self.initiatives.baseline_ids
        self.assertEqual(len(baselines), len(TRACKED))
        self.assertTrue(all(one.baseline_count == 12 for one in baselines))
        measured = baselines.benefit_ids
        self.assertEqual(len(measured), sum(bool(one.worth) for one in TRACKED))
        self.assertTrue(all(one.realized_value > 0 for one in measured))
        self.assertTrue(all(one.progress is not False for one in baselines))

    def test_no_saving_is_counted_twice(self):
        for initiative in self.initiatives:
            names = sorted(initiative.benefit_ids.mapped("name"))
            for name, other in pairwise(names):
                with self.subTest(initiative.name):
                    self.assertFalse(other.startswith(name), f"{name} / {other}")

    def test_initiatives_that_are_live_have_a_forecast_and_one_leaks(self):
        live = self.initiatives.filtered(lambda one: one.status == "live")
        found = {one: one.get_insights() for one in live}
        for initiative, insights in found.items():
            with self.subTest(initiative.name):
                forecast = insights["forecast"]
                self.assertLess(forecast["low"], forecast["high"])
                self.assertTrue(insights["benchmark"])
        kinds = {leak["kind"] for one in found.values() for leak in one["leaks"]}
        self.assertTrue(kinds & {"shortfall", "decay", "adoption_stall", "delay"})

    def test_one_review_is_published_and_one_is_being_written(self):
        reviews = self.initiatives.review_ids
        self.assertEqual(set(reviews.mapped("status")), {"published", "draft"})
        for review in reviews:
            self.assertTrue(review.benefits_analysis)
            self.assertTrue(review.feedback_count)
            self.assertTrue(review.verify_history()["is_whole"])

    def test_a_proposal_is_offered_lessons(self):
        proposed = self.initiatives.filtered(lambda one: one.status == "proposed")
        self.assertTrue(proposed.offered_lesson_ids)

    def test_leakages_have_all_states_and_severities(self):
        leakages = self.initiatives.leakage_ids
        for name in ("status", "severity"):
            field = leakages._fields[name]
            with self.subTest(name):
                found = set(leakages.mapped(name))
                self.assertEqual(found, set(field.get_values(self.env)))

    def test_detection_has_found_some(self):
        found = self.initiatives.leakage_ids.filtered("detection_key")
        self.assertGreaterEqual(len(found), 3)
        self.assertLessEqual(
            {"expired_assumption", "cost_overrun"}, set(found.mapped("kind"))
        )

    def test_assumptions_hold_or_not_or_wait(self):
        assumptions = self.initiatives.benefit_ids.assumption_ids
        self.assertEqual(set(assumptions.mapped("status")), {"open", "holds", "failed"})
        self.assertTrue(assumptions.filtered("is_overdue"))
        anna = self.env.ref("kpi_demo.user_anna_berg")
        needs = self.env["kpi.home"].with_user(anna).get_needs()
        self.assertIn("assumption", [one["kind"] for one in needs])

    def test_confidence_can_be_checked(self):
        found = self.env["kpi.benefit.calibration"].get_calibration()
        self.assertGreaterEqual(found["total"]["count"], found["minimum"])
        benefits = self.initiatives.benefit_ids
        self.assertIn(True, benefits.mapped("is_confidence_stale"))

    def test_the_map_reaches_from_enablers_to_objectives(self):
        drawn = self.env["kpi.benefit.map"].get_map()
        kinds = {node["kind"] for node in drawn["nodes"]}
        self.assertEqual(kinds, set(drawn["kinds"]))
