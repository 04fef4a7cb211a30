import sys
from unittest.mock import patch

import numpy as np

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.kpi_tracking_analytics.tests.models.analysis_case import (
    AnalysisCase,
    months,
    seasonal,
)

from ...engine.needs import make_model

LATER = "2026-05-11 12:00:00"  # April 2026 is over


@tagged("post_install", "-at_install")
class TestKpiIntelligentOptimization(AnalysisCase):
    """Advice made in March 2026 from values up to February, for April."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # pandas, which it imports, does not bear a clock that stands still
        make_model("linear_regression")
        rng = np.random.default_rng(2)
        noise = rng.normal(0, 6, 38)
        rising = [value + more for value, more in zip(seasonal(), noise, strict=True)]
        cls.rising = cls._entered("Rising", months(rising), target=140)
        cls.falling = cls._entered(
            "Falling",
            months([300 - value for value in rising]),
            direction="lower",
            target=150,
        )
        cls.bare = cls._entered("Bare", months(rising))
        cls.advices = cls.env["kpi.intelligent.optimization"]
        cls.staff = rng.normal(50, 10, 38)
        cls.driven_values = [
            value + 3 * (more - 50)
            for value, more in zip(rising, cls.staff, strict=True)
        ]
        cls.driven = cls._entered("Driven", months(cls.driven_values))
        cls.lever = cls._entered("Staff", months(cls.staff.tolist()))

    def _advice(self, report):
        domain = [("report_id", "=", report.id)]
        return self.advices.search(domain)

    def test_the_job_advises_targets_once_for_kpis_that_have_one(self):
        self._analyse(self.rising, self.falling, self.bare)
        advice = self._advice(self.rising)
        self.assertEqual(str(advice.period_start), "2026-04-01")
        self.assertEqual(str(advice.cutoff), "2026-03-01")
        # Odoo stores it with activities: it says no value.
        name = f"{self.rising.display_name}, advice for Apr 2026"
        self.assertEqual(advice.display_name, name)
        latest = self._latest(self.rising)[1]
        self.assertAlmostEqual(advice.suggested_value, latest.value)
        # between the middle and the end of the 80 % limits
        self.assertLess(advice.suggested_value, advice.stretch_value)
        self.assertLess(advice.stretch_value, latest.high_80)
        other = self._advice(self.falling)
        self.assertLess(other.stretch_value, other.suggested_value)
        self.assertFalse(self._advice(self.bare))
        self._fill(self.rising, {"2026-02": 500.0})
        self._analyse(self.rising)
        again = self._advice(self.rising)
        self.assertEqual(again, advice, "it stays as it was made")

    def test_it_is_scored_beside_the_forecast_once_its_period_is_over(self):
        self._analyse(self.rising, self.falling)
        rising, falling = self._advice(self.rising), self._advice(self.falling)
        middle = (rising.suggested_value + rising.stretch_value) / 2
        self._fill(self.rising, {"2026-03": 140.0, "2026-04": middle})
        worse = falling.suggested_value + 1
        self._fill(self.falling, {"2026-03": 150.0, "2026-04": worse})
        self._analyse(self.rising, self.falling)
        self.assertFalse(rising.scored_on, "March is not over")
        self._analyse(self.rising, self.falling, now=LATER)
        self.assertEqual(str(rising.scored_on), "2026-05-11")
        self.assertEqual((rising.is_reached, rising.is_stretch_reached), (True, False))
        self.assertEqual((falling.is_reached, falling.is_stretch_reached), (False,) * 2)
        self.assertIn("Reached: Apr 2026 came to", rising.result)
        self.assertIn("the forecast was", falling.result)
        self.assertIn("Of 2 ", rising.record)
        self.assertIn("1 were reached, the stretch of 0.", rising.record)

    def test_on_demand_it_is_for_all_that_the_user_sees(self):
        with self._at("2026-03-11 12:00:00"):
            found = self._as(self.officer, self.advices).optimize_target_values()
            ids = {each["report_id"] for each in found}
            self.assertLessEqual({self.rising.id, self.bare.id}, ids)
            own = self._as(self.user, self.advices).optimize_target_values()
            self.assertNotIn(self.rising.id, {each["report_id"] for each in own})
            none = self._as(self.officer, self.advices)
            self.assertEqual(none.optimize_target_values(self.east.id), [])
        with self.assertRaises(AccessError):
            self._as(self.user, self._advice(self.rising)).read(["recommendation"])

    def test_taking_it_fills_the_target_form_of_who_may_change_targets(self):
        self._analyse(self.rising)
        advice = self._advice(self.rising)
        action = self._as(self.officer, advice).action_take()
        self.assertEqual(action["res_model"], "kpi.target")
        targets = self.env["kpi.target"].with_context(**action["context"])
        target = targets.create({})
        self.assertEqual(target.report_id, self.rising)
        self.assertEqual(target.value, round(advice.suggested_value))
        self.assertEqual(target.stretch, round(advice.stretch_value))
        self.assertEqual(str(target.date_from), "2026-04-01")
        self.assertEqual(advice.taken_by_id, self.officer)
        with self.assertRaises(AccessError):
            self._as(self.user, advice).action_take()

    def test_the_form_of_a_kpi_opens_its_advice(self):
        with self._at("2026-03-11 12:00:00"):
            action = self._as(self.officer, self.bare).action_advise_target()
        advice = self.advices.browse(action["res_id"])
        self.assertEqual(advice.report_id, self.bare)
        self.assertIn("reached with a chance of 50", advice.recommendation)
        with self.assertRaises(UserError), self._at("2026-03-11 12:00:00"):
            self._as(self.officer, self.revenue).action_advise_target()

    def test_peers_are_those_that_the_reader_sees(self):
        people = [
            self._create_user(f"peer{at}_advice", groups="kpi_base.kpi_base_group_user")
            for at in range(3)
        ]
        definition = self.rising.definition_id
        tracked = [
            definition._track_for("user", user, company_id=self.company.id)
            for user in people
        ]
        for at, report in enumerate(tracked):
            self._fill(report, {**months(seasonal()), "2026-02": 10.0 * (at + 1)})
            self.env["kpi.target"].create(
                {"report_id": report.id, "date_from": "2023-01-01", "value": 40}
            )
        with self._at("2026-03-11 12:00:00"):
            self.advices._advise_targets(tracked[0])
            advice = self._advice(tracked[0])
            self.env.invalidate_all()
            said = self._as(self.officer, advice).peers
            # 20 and 30 of 40: 50% and 75%
            self.assertIn("(2) reach 63% of their targets", said)
            self.env.invalidate_all()
            self.assertFalse(self._as(people[0], advice).peers)

    def test_the_best_month_is_advised_and_scored(self):
        report = self._entered("Seasonal", months(seasonal()))
        with self._at("2026-03-11 12:00:00"):
            action = self._as(self.officer, report).action_advise_timing()
            again = self._as(self.officer, report).action_advise_timing()
        self.assertEqual(again["res_id"], action["res_id"])
        advice = self.advices.browse(action["res_id"])
        self.assertEqual(advice.optimization_type, "timing_optimization")
        # of the season that the case was made with
        said = r"best: December \(\+1\d\.\d .+; worst: July"
        self.assertRegex(advice.recommendation, said)
        self.assertEqual(str(advice.period_start), "2026-12-01")
        self.assertIn("Compared 3 times", advice.back_test)
        self.assertEqual(advice.user_id, self.officer)
        self._fill(report, {"2026-12": advice.suggested_value + 1})
        self._analyse(report, now="2027-01-11 12:00:00")
        self.assertTrue(advice.is_reached)
        with self._at("2026-03-11 12:00:00"), self.assertRaises(AccessError):
            self._as(self.user, self.advices).optimize_timing(report.id)

    def test_the_best_month_of_what_is_better_when_lower_is_the_lowest(self):
        report = self._entered("Lower", months(seasonal()), direction="lower")
        with self._at("2026-03-11 12:00:00"):
            found = self._as(self.officer, self.advices).optimize_timing(report.id)
        advice = self.advices.browse(found["advice_id"])
        self.assertEqual(str(advice.period_start), "2026-07-01")
        self.assertIn("best: July (\N{MINUS SIGN}", advice.recommendation)

    def test_no_pattern_is_said(self):
        noise = np.random.default_rng(9).normal(10, 2, 38).tolist()
        report = self._entered("Noise", months(noise))
        with self._at("2026-03-11 12:00:00"):
            action = self._as(self.officer, report).action_advise_timing()
        self.assertIn("more than chance", action["params"]["message"])
        self.assertFalse(self._advice(report))

    def _mark(self, *levers):
        definitions = [lever.definition_id.id for lever in levers]
        self.driven.definition_id.lever_ids = [Command.set(definitions)]

    def _predict(self, report, user=None, improvement=5.0):
        with self._at("2026-03-11 12:00:00"):
            advices = self._as(user or self.officer, self.advices)
            return advices.predict_resource_needs(report.id, improvement)

    def test_a_lever_that_tells_more_is_advised_within_what_was_seen(self):
        self._mark(self.lever)
        found = self._predict(self.driven)
        self.assertTrue(found["is_accepted"], found)
        (need,) = found["needs"]
        self.assertLessEqual(need["seen_low"], need["low"])
        self.assertLessEqual(need["high"], need["seen_high"])
        advice = self.advices.browse(found["advice_id"])
        self.assertEqual(advice.user_id, self.officer)
        self.assertIn("not proven", advice.recommendation)
        self.assertRegex(
            advice.back_test, r"^Staff.* \(same period\): error \d+\.\d+ with it, "
        )
        (skill,) = found["skills"]
        self.assertLess(skill["error_with"], skill["error_without"])
        self.assertGreater(skill["importance"], 0)
        self.assertEqual(advice.ml_model_type, found["ml_model_type"])
        # what is made of KPIs that one person sees is not for others
        self.assertFalse(
            self._as(self.manager, self.advices).search([("id", "=", advice.id)])
        )

    def test_a_lever_that_tells_nothing_is_refused_with_the_numbers(self):
        noise = np.random.default_rng(9).normal(10, 2, 38).tolist()
        self._mark(self._entered("Noise", months(noise)))
        found = self._predict(self.driven)
        self.assertFalse(found["is_accepted"])
        self.assertRegex(found["sentences"][0], r"error \d+\.\d+ with it")
        self.assertFalse(self._advice(self.driven))

    def test_only_levers_that_pass_are_advised_with_how_long_before_they_come(self):
        values = np.random.default_rng(9).normal(10, 2, 38).tolist()
        noise = self._entered("Noise", months(values))
        early = self._entered("Early", months([*self.staff[2:], 50.0, 50.0]))
        self._mark(early, noise)
        found = self._predict(self.driven)
        accepted = {row["lever"]: row["is_accepted"] for row in found["skills"]}
        self.assertEqual(accepted, {early.name: True, noise.name: False})
        self.assertEqual([need["lever"] for need in found["needs"]], [early.name])
        said = f"{early.name} (periods before: 2): "
        self.assertTrue(found["sentences"][0].startswith(said), found["sentences"])
        self.assertIn(
            f"{noise.name} (", self.advices.browse(found["advice_id"]).back_test
        )

    def test_a_lever_that_follows_the_kpi_is_said(self):
        late = self._entered(
            "Late", months([50.0, *(each / 10 for each in self.driven_values)][:38])
        )
        self._mark(late)
        found = self._predict(self.driven)
        self.assertFalse(found["is_accepted"])
        said = f"{late.name} follows {self.driven.name}"
        self.assertIn(said, found["sentences"][0])

    def test_what_cannot_be_learned_from_is_said(self):
        with self.assertRaisesRegex(UserError, "no levers"):
            self._predict(self.driven)
        self._mark(self._entered("Same", months([5.0] * 38)))
        with self.assertRaisesRegex(UserError, "one of its levers never changes"):
            self._predict(self.driven)
        self._mark(self.revenue)
        with self.assertRaisesRegex(UserError, "fewer than 36"):
            self._predict(self.driven)
        self._mark(self.lever)
        with self.assertRaisesRegex(UserError, "improvement in percent"):
            self._predict(self.driven, improvement=-5.0)
        with (
            patch.dict(sys.modules, {"sklearn.ensemble": None}),
            self.assertRaisesRegex(UserError, "scikit-learn is missing"),
        ):
            self._predict(self.driven)

    def test_a_lever_is_neither_the_kpi_nor_made_of_it(self):
        definition = self.driven.definition_id
        with self.assertRaises(ValidationError):
            definition.lever_ids = [Command.set(definition.ids)]
        made_of = self.env["kpi.definition"].create(
            {
                "name": "Made Of",
                "company_id": self.company.id,
                "calendar_id": self.calendar.id,
                "computation": "formula",
                "formula": f"{definition.code} * 2",
            }
        )
        with self.assertRaises(ValidationError):
            definition.lever_ids = [Command.set(made_of.ids)]

    def test_the_dialog_says_why_there_is_none(self):
        noise = np.random.default_rng(9).normal(10, 2, 38).tolist()
        self._mark(self._entered("Noise", months(noise)))
        wizards = self._as(self.officer, self.env["kpi.lever.wizard"])
        wizard = wizards.with_context(default_report_id=self.driven.id).create({})
        with self._at("2026-03-11 12:00:00"):
            action = wizard.action_predict()
        self.assertEqual(action["res_id"], wizard.id)
        self.assertIn("explain no more than its past, season", wizard.refusal)
