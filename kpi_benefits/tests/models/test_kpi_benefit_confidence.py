from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time

from .benefit_case import BenefitCase


@freeze_time("2026-04-15")
class TestKpiBenefitConfidence(BenefitCase):
    def _score(self, benefit, probability=0.8, **values):
        return self.env["kpi.benefit.confidence"].create(
            {
                "benefit_id": benefit.id,
                "probability": probability,
                "reason": "First sites are done",
                **values,
            }
        )

    def _ended(self, count, came, **values):
        """Benefits of January, ``came`` of them as planned."""
        initiative = self._make()
        benefits = self.env["kpi.benefit.realization"].create(
            [
                {
                    "name": f"Ended {number}",
                    "initiative_id": initiative.id,
                    "amount": 100,
                    "is_recurring": False,
                    "date_from": "2026-01-01",
                    **values,
                }
                for number in range(count)
            ]
        )
        for benefit in benefits[:came]:
            benefit.period_ids.realized = 95
        return benefits

    def test_the_latest_score_counts(self):
        benefit = self._benefit()
        self.assertIs(benefit.confidence, False)
        self.assertIs(benefit.expected_remaining, False)
        self._score(benefit, 0.4, date="2026-03-01")
        self._score(benefit, 0.8)
        self._score(benefit, 0.6)
        self.assertEqual(benefit.confidence, 0.6)
        self.assertFalse(benefit.is_confidence_stale)
        self.assertIn("60%", benefit.confidence_note)

    def test_only_what_is_to_come_is_weighted(self):
        benefit = self._benefit()  # 1,000 in each month from January to June
        for period in benefit.period_ids[:3]:
            period.realized = 500
        self._score(benefit, 0.5)
        self.assertEqual(benefit.expected_remaining, 1500)
        benefit.period_ids[3].realized = 900
        self.assertEqual(benefit.expected_remaining, 1000)

    def test_a_stale_score_fades_toward_the_base_rate(self):
        benefit = self._benefit()
        self._score(benefit, 0.9, date="2025-07-19")  # 270 days ago
        self.assertTrue(benefit.is_confidence_stale)
        self.assertAlmostEqual(benefit.confidence, 0.7)  # half the way to ½
        self.assertIn("Stale", benefit.confidence_note)
        self._ended(10, came=2)
        benefit.invalidate_recordset()
        self.assertAlmostEqual(benefit.confidence, 0.2 + 0.7 / 2)

    def test_the_base_rate_is_that_of_what_the_reader_sees(self):
        self._ended(10, came=0)
        benefit = self._benefit(self._make(owner_id=self.zoe.id, department_id=False))
        self._score(benefit, 0.9, date="2025-07-19")
        self.assertAlmostEqual(benefit.confidence, 0.45)
        own = self._as(self.zoe, benefit)
        self.assertAlmostEqual(own.confidence, 0.7, msg="Zoe sees none that ended")

    def test_disbenefits_nobody_reported_have_no_outcome(self):
        benefits = self._ended(2, came=0, amount=-100)
        benefits[0].period_ids.realized = -90
        found = benefits._judge_ended()
        self.assertEqual(found, {benefits[0]: True})

    def test_scores_stay_as_they_were_given(self):
        benefit = self._benefit(owner_id=self.zoe.id)
        score = self._as(self.zoe, self.env["kpi.benefit.confidence"]).create(
            {"benefit_id": benefit.id, "probability": 0.8, "reason": "Seen it"}
        )
        self.assertEqual(score.user_id, self.zoe)
        score.probability = 0.7
        with self.assertRaisesRegex(AccessError, "Only Zoe"), self.cr.savepoint():
            self._as(self.olga, score).probability = 0.1
        with freeze_time("2026-04-16"):
            with self.assertRaisesRegex(UserError, "new one"), self.cr.savepoint():
                score.probability = 0.6
            with self.assertRaisesRegex(UserError, "new one"), self.cr.savepoint():
                score.unlink()
            with self.assertRaisesRegex(UserError, "new one"), self.cr.savepoint():
                score.sudo().reason = "Never mind"
        score.unlink()

    def test_days_are_not_chosen_with_hindsight(self):
        benefit = self._benefit()
        with (
            self.assertRaisesRegex(ValidationError, "cannot have a future date"),
            self.cr.savepoint(),
        ):
            self._score(benefit, date="2026-04-16")
        own = self._as(self.olga, self.env["kpi.benefit.confidence"])
        values = {"benefit_id": benefit.id, "probability": 1, "reason": "Sure"}
        with self.assertRaisesRegex(AccessError, "earlier"), self.cr.savepoint():
            own.create({**values, "date": "2026-01-01"})
        score = own.create(values)
        with self.assertRaisesRegex(AccessError, "earlier"), self.cr.savepoint():
            score.date = "2026-01-01"
        self._as(self.pia, self.env["kpi.benefit.confidence"]).create(
            {**values, "date": "2026-01-01"}
        )

    def test_the_day_is_that_of_the_person_not_of_the_call(self):
        benefit = self._benefit()
        own = self._as(self.olga, self.env["kpi.benefit.confidence"])
        values = {"benefit_id": benefit.id, "probability": 1, "reason": "Sure"}
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
            score = own.with_context(tz=zone).create(values)
            self.assertEqual(str(score.recorded_on), "2026-04-15")
            self.assertEqual(str(score.date), "2026-04-15")
        with freeze_time("2026-04-16 11:00:00"):
            late = score.with_context(tz="Etc/GMT+12")  # the 15th there
            with self.assertRaisesRegex(UserError, "new one"), self.cr.savepoint():
                late.probability = 0.5
        # Given on the 15th of an island, and looked at from another one.
        self.env.cr.execute(
            "UPDATE benefit_confidence_scores SET create_date = %s WHERE id = %s",
            ("2026-04-14 11:00:00", score.id),
        )
        score.invalidate_recordset()
        self.olga.tz = "Etc/GMT+12"
        with freeze_time("2026-04-16 11:00:00"), self.cr.savepoint():
            with self.assertRaisesRegex(UserError, "new one"):
                score.probability = 0.5

    def test_what_is_no_confidence_is_refused(self):
        benefit = self._benefit()
        for probability in (1.2, -0.1, float("nan"), float("inf"), 1e300):
            with (
                self.subTest(probability),
                self.assertRaises(ValidationError),
                self.cr.savepoint(),
            ):
                self._score(benefit, probability)
        with (
            self.assertRaisesRegex(ValidationError, "Enter a reason"),
            self.cr.savepoint(),
        ):
            self._score(benefit, reason="  ")

    def test_readers_do_not_score_and_strangers_see_nothing(self):
        score = self._score(self._benefit())
        values = {
            "benefit_id": score.benefit_id.id,
            "probability": 0.5,
            "reason": "Hm",
        }
        self.assertEqual(self._as(self.sue, score).probability, 0.8)
        for user in (self.sue, self.zoe):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(user, self.env["kpi.benefit.confidence"]).create(values)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.zoe, score).read(["probability"])
        far = self._score(self._benefit(self._make_far()))
        for action in (
            lambda one: one.read(["probability"]),
            lambda one: one.write({"reason": "x"}),
            lambda one: one.unlink(),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                action(self._as(self.pia, far))

    def test_calibration_compares_scores_with_what_came(self):
        benefits = self._ended(10, came=7)
        for number, benefit in enumerate(benefits):
            self._score(benefit, 0.1, date="2025-11-01")  # replaced by the next
            self._score(benefit, 0.9 if number < 7 else 0.6, date="2025-12-01")
            self._score(benefit, 1.0, date="2026-01-02")  # its month has begun
        found = self._as(
            self.olga, self.env["kpi.benefit.calibration"]
        ).get_calibration()
        # 7 × 0.1² and 3 × 0.6², by 10
        self.assertAlmostEqual(found["total"]["brier"], 0.115)
        self.assertAlmostEqual(found["total"]["naive"], 0.21)
        self.assertAlmostEqual(found["total"]["given"], 0.81)
        self.assertEqual(
            [(band["count"], band["came"]) for band in found["bands"]],
            [(3, 0.0), (7, 1.0)],
        )
        (person,) = found["people"]
        self.assertEqual((person["name"], person["count"]), (self.env.user.name, 10))
        stranger = self._as(self.zoe, self.env["kpi.benefit.calibration"])
        self.assertEqual(
            stranger.get_calibration(),
            {"minimum": 10, "total": {"count": 0}, "bands": [], "people": []},
        )

    def test_few_cases_say_nothing(self):
        for benefit in self._ended(9, came=9):
            self._score(benefit, 0.9, date="2025-12-01")
        found = self.env["kpi.benefit.calibration"].with_user(self.pia)
        found = self._as(self.pia, found).get_calibration()
        self.assertEqual(found["total"], {"count": 9})
        self.assertEqual(found["bands"], [])
        self.assertEqual(set(found["people"][0]), {"id", "name", "count"})

    def test_archived_benefits_are_not_forgotten(self):
        benefits = self._ended(10, came=5)
        benefits[5:].active = False
        outcomes = list(benefits._find_ended()._judge_ended().values())
        self.assertEqual((len(outcomes), sum(outcomes)), (10, 5))
