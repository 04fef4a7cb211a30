from ast import literal_eval
from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .benefit_case import BenefitCase


@freeze_time("2026-05-15 12:00:00")
@tagged("post_install", "-at_install")
class TestKpiBenefitRealization(BenefitCase):
    """Plan and realised values of benefits, and what initiatives are worth."""

    def _realize(self, benefit, *amounts):
        for period, amount in zip(benefit.period_ids, amounts, strict=False):
            period.realized = amount

    def _planned(self, benefit):
        return benefit.period_ids.mapped("planned")

    def test_the_plan_is_made_of_months(self):
        benefit = self._benefit(ramp_months=4)
        self.assertEqual(self._planned(benefit), [125, 375, 625, 875, 1000, 1000])
        self.assertEqual(benefit.period_ids[-1].period_start, date(2026, 6, 1))
        self.assertEqual(benefit.expected_value, 4000)
        self.assertEqual(benefit.planned_to_date, 2000)
        self.assertEqual(benefit.owner_id, self.olga)

    def test_curves_and_single_amounts(self):
        self.assertEqual(
            self._planned(self._benefit(ramp_up="s_curve", ramp_months=2)),
            [187.5, 812.5, 1000, 1000, 1000, 1000],
        )
        custom = self._benefit(ramp_up="custom", custom_shares="10% 40; 100")
        self.assertEqual(self._planned(custom), [100, 400, 1000, 1000, 1000, 1000])
        once = self._benefit(is_recurring=False, date_to=False)
        self.assertEqual(self._planned(once), [1000])

    def test_cents_add_up(self):
        benefit = self._benefit(amount=100 / 3, ramp_months=0)
        self.assertEqual(round(sum(self._planned(benefit)), 2), 199.98)

    def test_a_plan_without_sense_is_refused(self):
        for values in (
            {"date_to": False},
            {"date_to": "2025-12-31"},
            {"date_to": "2100-01-01"},
            {"ramp_months": -1},
            {"ramp_months": 7},
            {"ramp_months": 1_000_000},
            {"is_recurring": False, "date_to": False, "ramp_months": 121},
            {"ramp_up": "custom"},
            {"ramp_up": "custom", "custom_shares": "10 x"},
            {"ramp_up": "custom", "custom_shares": "-10"},
            {"ramp_up": "custom", "custom_shares": "0"},
            {"ramp_up": "custom", "custom_shares": "nan"},
            {"amount": float("inf")},
            {"amount": 1e307},
            {"amount": -1.1e12},
            {"ramp_up": "custom", "custom_shares": "1e308"},
            {"ramp_up": "custom", "custom_shares": " ".join(121 * ["1"])},
            {"name": " "},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                with self.cr.savepoint():
                    self._benefit(**values)

    def test_a_ramp_up_is_no_longer_than_the_benefit(self):
        benefit = self._benefit(ramp_months=6)
        with self.assertRaisesRegex(
            ValidationError, r"\(6 months\) exceeds the benefit \(5 months\)"
        ):
            with self.cr.savepoint():
                benefit.date_to = "2026-05-31"
        benefit.write({"ramp_up": "custom", "custom_shares": "50 100"})
        benefit.date_to = "2026-05-31"  # its months of a ramp-up do not count now
        self.assertEqual(self._planned(benefit)[:2], [500, 1000])

    def test_a_month_to_come_has_no_realised_amount(self):
        benefit = self._benefit()
        may, june = benefit.period_ids.sorted("period_start")[-2:]
        may.realized = 900  # it has begun
        june = self._as(self.olga, june)
        for amount in (0, 900):
            with self.assertRaisesRegex(
                ValidationError, "Jun 2026 has not started yet"
            ):
                with self.cr.savepoint():
                    june.realized = amount
            with self.assertRaises(ValidationError), self.cr.savepoint():
                benefit.period_ids = [Command.update(june.id, {"realized": amount})]
        june.write({"realized": False, "note": "Comes late"})
        self.assertEqual(june.planned, 1000)
        with freeze_time("2026-06-01 12:00:00"):
            june.realized = 900
        self.assertEqual(benefit.realized_value, 1800)

    def test_a_new_plan_keeps_what_was_realised(self):
        benefit = self._benefit()
        self._realize(benefit, 900, 800)
        benefit.write({"date_from": "2026-02-01", "amount": 500})
        found = [
            (one.period_start.month, one.planned, one.realized)
            for one in benefit.period_ids.sorted("period_start")
        ]
        self.assertEqual(found[:3], [(1, 0, 900), (2, 500, 800), (3, 500, False)])
        self.assertEqual(benefit.realized_value, 1700)
        benefit.date_from = "2026-05-01"
        self.assertEqual(len(benefit.period_ids), 4)  # January, February, May, June

    def test_the_status_is_suggested_and_confirmed(self):
        benefit = self._benefit()
        self.assertEqual(benefit.suggested_status, "at_risk")
        self.assertIn("last 4 months", benefit.suggestion_reason)
        self._realize(benefit, 700, 700, 700, 700)
        self.assertEqual(benefit.suggested_status, "at_risk")
        self.assertIn("Only 70% of the plan realized", benefit.suggestion_reason)
        self.assertEqual(benefit.realization_rate, 0.7)
        self._realize(benefit, 1000, 1000, 1000, 1000)
        self.assertEqual(benefit.status, "planned")
        self._as(self.olga, benefit).action_confirm_status()
        self.assertEqual(benefit.status, "in_progress")

    def test_realized_needs_evidence(self):
        benefit = self._benefit(date_to="2026-04-01")
        self._realize(benefit, 1000, 1000, 1000, 1000)
        with self.assertRaisesRegex(UserError, "evidence"):
            benefit.action_confirm_status()
        benefit.evidence = "Ledger 4711"
        benefit.action_confirm_status()
        self.assertEqual(benefit.status, "realized")

    def test_evidence_stays_while_realized(self):
        benefit = self._benefit(date_to="2026-04-01", evidence="Ledger 4711")
        self._realize(benefit, 1000, 1000, 1000, 1000)
        benefit.action_confirm_status()
        own = self._as(self.olga, benefit)
        for text in (False, " "):
            with self.assertRaisesRegex(ValidationError, "evidence"):
                with self.cr.savepoint():
                    own.evidence = text

    def test_other_values_take_back_what_was_confirmed(self):
        benefit = self._benefit(date_to="2026-04-01", evidence="Ledger 4711")
        own = self._as(self.olga, benefit)
        self._realize(own, 1000, 1000, 1000, 900)
        messages = benefit.message_ids
        benefit.action_confirm_status()
        own.period_ids[3].realized = 900  # the same
        self.assertEqual(benefit.status, "realized")
        own.period_ids[3].realized = 1.5
        self.assertEqual(benefit.status, "in_progress")
        (message,) = benefit.message_ids - messages
        self.assertRegex(str(message.body), r"Apr 2026: .*900.00.* → .*1.50")

    def test_another_plan_takes_back_what_was_confirmed(self):
        benefit = self._benefit(date_to="2026-04-01", evidence="Ledger 4711")
        self._realize(self._as(self.olga, benefit), 1000, 1000, 1000, 900)
        benefit.action_confirm_status()
        benefit.amount = 1000  # the same
        self.assertEqual(benefit.status, "realized")
        benefit.amount = 10_000
        self.assertEqual(benefit.status, "in_progress")

    def test_the_plan_of_a_month_is_not_written_by_hand(self):
        benefit = self._benefit()
        own = self._as(self.olga, benefit)
        own.period_ids[0].realized = 5
        for write in (
            lambda: own.period_ids[0].write({"planned": 5}),
            lambda: own.write({"status": "realized"}),
            lambda: self._as(self.zoe, benefit.period_ids[0]).write({"realized": 5}),
            lambda: self._as(self.sue, benefit.period_ids[0]).write({"realized": 5}),
        ):
            with self.assertRaises(AccessError):
                write()

    def test_the_owner_of_a_benefit_need_not_see_the_initiative(self):
        benefit = self._benefit(owner_id=self.zoe.id)
        own = self._as(self.zoe, benefit)
        own.period_ids[0].realized = 500
        self.assertEqual(own.realized_value, 500)
        self.assertFalse(self._as(self.zoe, benefit.initiative_id).has_access("read"))
        with self.assertRaises(AccessError):
            own.unlink()

    def test_what_was_realised_is_not_deleted(self):
        benefit = self._benefit()
        self._realize(benefit, 0)  # a zero is a value
        for record in (benefit, benefit.initiative_id):
            with self.assertRaisesRegex(UserError, "values.* Archive it instead"):
                with self.cr.savepoint():
                    record.unlink()
        benefit.active = False
        with (
            self.assertRaisesRegex(UserError, "values, scores or confirmed"),
            self.cr.savepoint(),
        ):
            benefit.initiative_id.unlink()
        benefit.period_ids[0].realized = False
        benefit.initiative_id.unlink()
        self.assertFalse(benefit.exists())

    def test_what_failed_is_not_deleted(self):
        approved = self._benefit()
        self._as(self.sue, approved.initiative_id).action_approve()
        with freeze_time("2026-08-01"):
            confirmed = self._benefit()
            confirmed.action_confirm_status()
        self.assertEqual(confirmed.status, "not_realized")
        scored = self._benefit()
        self.env["kpi.benefit.confidence"].create(
            {"benefit_id": scored.id, "probability": 0.9, "reason": "Sure"}
        )
        with freeze_time("2026-05-17 12:00:00"):
            for benefit, message in (
                (approved, "belongs to an approved initiative"),
                (confirmed, "confirmed status"),
                (scored, "confidence scores"),
            ):
                with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                    self._as(self.olga, benefit).unlink()
            words = "values, scores or confirmed benefits"
            for benefit in (confirmed, scored):
                with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
                    self._as(self.olga, benefit.initiative_id).unlink()
        scored.unlink()
        self.assertFalse(scored.exists(), "the score of today")

    def test_an_initiative_is_appraised(self):
        """The same project as in the tests of the engine, from year 0 on."""
        initiative = self._make(
            cost_ids=[Command.create({"period_start": "2026-01-01", "planned": 1e5})]
        )
        for year, amount in enumerate((30_000, 40_000, 50_000, 50_000), start=2027):
            self._benefit(
                initiative,
                amount=amount,
                is_recurring=False,
                date_from=f"{year}-07-01",
            )
        self.assertAlmostEqual(initiative.npv, 54_995.18, 2)
        self.assertAlmostEqual(initiative.bcr, 1.55, 2)
        self.assertAlmostEqual(initiative.payback_years, 2.6)
        self.assertEqual(initiative.payback, "2.6 years")
        self.assertIn("22.8", initiative.irr)
        self.assertEqual(initiative.expected_value, 170_000)
        initiative.cost_ids.forecast = 2e5  # what is expected now counts
        self.assertLess(initiative.npv, 0)
        self.assertFalse(initiative.payback)
        # By calendar year more comes in than is spent from the first one on.
        initiative.cost_ids.write({"forecast": 2e4, "period_start": "2027-01-01"})
        self.assertEqual((initiative.payback_years, initiative.npv > 0), (0, True))
        self.assertEqual(initiative.payback, "Within the first calendar year")
        self.assertEqual(initiative.irr, "none")
        # 1,000 less than was spent in the first year, 40,000 earned in the second
        initiative.cost_ids.write({"forecast": 31_000, "period_start": "2027-01-01"})
        self.assertEqual(initiative.payback, "Less than 0.1 years")

    def test_the_rate_of_an_initiative_is_a_ratio_of_sums(self):
        initiative = self._make()
        small = self._benefit(initiative, amount=10)
        large = self._benefit(initiative, amount=990)
        self._realize(small, 10, 10, 10, 10)
        self._realize(large, 0, 0, 0, 0)
        self.assertAlmostEqual(initiative.realization_rate, 0.01)
        self.assertIs(self._make().realization_rate, False)
        self.assertEqual(initiative.benefit_count, 2)
        action = initiative.action_open_benefits()
        found = self.env["kpi.benefit.realization"].search(action["domain"])
        self.assertEqual(found, small | large)

    def test_an_archived_benefit_is_in_no_sum(self):
        benefit = self._benefit()
        self.assertEqual(benefit.initiative_id.expected_value, 6000)
        benefit.active = False
        self.assertEqual(benefit.initiative_id.expected_value, 0)

    def test_nothing_is_moved_into_initiatives_of_others(self):
        own = self._make(owner_id=self.zoe.id, sponsor_id=False, department_id=False)
        benefit = self._benefit(own, owner_id=self.zoe.id)
        with self.assertRaises(AccessError):
            self._as(self.zoe, benefit).initiative_id = self._make()
        other = self._benefit(owner_id=self.zoe.id)
        with self.assertRaises(AccessError):
            self._as(self.zoe, other).initiative_id = own

    def test_a_plan_is_changed_to_sense_only(self):
        benefit = self._benefit()
        for values in ({"date_from": False}, {"amount": 1e308}):
            with self.subTest(values), self.assertRaises(ValidationError):
                with self.cr.savepoint():
                    benefit.write(values)
        for amount in (1e13, 1e308):
            with self.subTest(amount), self.assertRaises(ValidationError):
                with self.cr.savepoint():
                    benefit.period_ids[0].realized = amount

    def test_months_of_all_benefits_change_together(self):
        benefits = self._benefit() | self._benefit() | self._benefit()

        def move(some, day):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.write({"date_to": day})
            self.env.flush_all()
            return self.cr.sql_log_count - before

        move(benefits, "2026-05-31")  # what is cached afterwards is no difference
        alone = move(benefits[0], "2026-03-31")
        benefits[0].date_to = "2026-05-31"
        self.assertEqual(move(benefits, "2026-03-31"), alone)
        self.assertEqual([len(one.period_ids) for one in benefits], [3, 3, 3])

    def test_sums_that_are_nearly_nothing_have_no_rate(self):
        initiative = self._make()
        for amount in (0.1, 0.2, -0.3):
            benefit = self._benefit(initiative, amount=amount)
            self._realize(benefit, 5, 5, 5, 5)
        self.assertIs(initiative.realization_rate, False)

    def test_archived_benefits_are_in_no_sum_of_whoever_looks_at_them(self):
        initiative = self._make()
        self._benefit(initiative, active=False)
        self._benefit(initiative)
        looking = initiative.with_context(active_test=False)
        self._benefit(looking, amount=10)
        self.env.flush_all()
        self.assertEqual(looking.expected_value, 6060)
        self.assertEqual(looking.benefit_count, 2)
        months = self.env.ref("kpi_benefits.kpi_benefit_period_action")
        found = self.env["kpi.benefit.period"].search(
            [*literal_eval(months.domain), ("initiative_id", "=", initiative.id)]
        )
        self.assertEqual(sum(found.mapped("planned")), 6060)

    def test_a_deleted_initiative_leaves_nothing_of_its_benefits(self):
        benefit = self._benefit(active=False)
        benefit.activity_schedule("mail.mail_activity_data_todo", user_id=self.olga.id)
        benefit.message_post(body=self.olga.name)
        own = [("res_id", "=", benefit.id), ("model", "=", benefit._name)]
        self.assertTrue(self.env["mail.message"].search(own))
        self._as(self.olga, benefit.initiative_id).unlink()
        self.assertFalse(self.env["mail.message"].search(own))
        own = [("res_id", "=", benefit.id), ("res_model", "=", benefit._name)]
        self.assertFalse(self.env["mail.activity"].search(own))

    def test_plan_and_forecast_of_the_same_money_are_not_added(self):
        initiative = self._make(
            cost_ids=[
                Command.create({"period_start": "2026-01-01", "planned": 6000}),
                Command.create({"period_start": "2026-02-01", "planned": 6000}),
                Command.create({"forecast": 3000}),
            ]
        )
        self._benefit(initiative)
        self.assertAlmostEqual(initiative.npv, 3000)

    def test_a_disbenefit_is_below_zero(self):
        initiative = self._make()
        self._benefit(initiative, amount=-100)
        self._benefit(initiative, amount=300)
        self.assertEqual(initiative.expected_value, 1200)
