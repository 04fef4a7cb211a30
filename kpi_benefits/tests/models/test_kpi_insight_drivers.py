from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .baseline_case import BaselineCase


@tagged("post_install", "-at_install")
class TestKpiInsightDrivers(BaselineCase):
    """Why a benefit that a KPI measures is not what was planned; why the KPI moved."""

    def _steps(self, benefit):
        found = benefit.get_insights()["variance"]
        steps = {one["kind"]: one["amount"] for one in found["steps"]}
        self.assertAlmostEqual(
            found["planned"] + sum(steps.values()), found["realized"], 2
        )
        return steps

    def _live_baseline(self, kpi=None, **values):
        initiative = self._make(status="live", go_live_date="2026-01-01")
        return self._baseline(kpi, initiative, **{"unit_value": 100, **values})

    def test_what_is_missing_of_the_target(self):
        baseline = self._live_baseline()
        benefit = self._measured_benefit(baseline)
        self._months(baseline.report_id, *[15] * 6)
        # 6 × 100 × (10 − 5)
        self.assertEqual(self._steps(benefit), {"rate": -3000, "unexplained": 0})

    def test_a_ramp_up_is_no_lack_of_improvement(self):
        """Of months that are planned smaller, less of the target is planned."""
        baseline = self._live_baseline()
        benefit = self._measured_benefit(baseline, ramp_months=2)
        # 250, 750, then 1,000: as planned, then 100 less.
        self._months(baseline.report_id, 17.5, 12.5, 10, 10, 11, 10)
        self.assertEqual(self._steps(benefit), {"rate": -100, "unexplained": 0})

    def test_a_step_names_the_benefits_that_have_it(self):
        baseline = self._live_baseline()
        benefit = self._measured_benefit(baseline)
        self._benefit(baseline.initiative_id, name="Entered").period_ids.realized = 900
        self._months(baseline.report_id, *[15] * 6)
        found = baseline.initiative_id.get_insights()["variance"]["sentences"]
        (cited,) = [one["records"] for one in found if "KPI" in one["text"]]
        self.assertEqual([one["id"] for one in cited], benefit.ids)

    def test_a_smaller_share_and_what_the_plan_did_not_say(self):
        baseline = self._live_baseline()
        benefit = self._measured_benefit(baseline, amount=1100)
        share = self.env["kpi.baseline.share"]
        baseline.share_ids.unlink()
        for day, percent in ((date(2025, 1, 1), 100), (date(2026, 4, 1), 50)):
            share.create(
                {"baseline_id": baseline.id, "date_from": day, "share": percent}
            )
        self._months(baseline.report_id, *[10] * 6)
        # Three months at half of 1,000; 100 of each of six months are in no driver.
        self.assertEqual(
            self._steps(benefit), {"attribution": -1500, "unexplained": -600}
        )

    def test_a_plan_that_is_not_what_the_target_is_worth_says_so(self):
        baseline = self._live_baseline()
        benefit = self._measured_benefit(baseline, amount=1500)
        # (20 − 10) × 100, of which 75% are claimed first
        baseline.share_ids.share = 75
        self.assertIn("1,500.00", benefit.plan_warning)
        self.assertIn("a month) is above the value", benefit.plan_warning)
        self.assertIn("750.00", benefit.plan_warning)
        self._months(baseline.report_id, *[10] * 6)
        found = benefit.get_insights()["variance"]["sentences"]
        (cited,) = [one for one in found if one["text"] == benefit.plan_warning]
        self.assertEqual(
            [(one["model"], one["id"]) for one in cited["records"]],
            [(one._name, one.id) for one in (benefit, baseline)],
        )
        self._benefit(baseline.initiative_id, name="Entered").period_ids.realized = 900
        found = baseline.initiative_id.get_insights()["variance"]["sentences"]
        said = [one["text"] for one in found]
        self.assertIn(f"{benefit.name}: {benefit.plan_warning}", said)
        benefit.amount = 700
        self.assertIn("is below the value", benefit.plan_warning)
        for amount in (750, 770):  # as it is, and rounded
            benefit.amount = amount
            self.assertFalse(benefit.plan_warning)
        benefit.write({"amount": 700, "is_recurring": False})
        self.assertIn("700.00", benefit.plan_warning)
        self.assertNotIn("a month", benefit.plan_warning)
        baseline.target_value = False
        self.assertFalse(benefit.plan_warning)

    def test_a_plan_is_compared_where_all_targets_are_known(self):
        volume = self._kpi("Invoices", direction="higher")
        baseline = self._live_baseline(volume_id=volume.id, unit_value=1)
        benefit = self._measured_benefit(baseline, amount=1000)
        self._months(volume, *[300] * 6)
        # What the volume was is not what it is to be.
        self.assertFalse(benefit.plan_warning)
        self.env["kpi.target"].create(
            {"report_id": volume.id, "value": 200, "date_from": "2025-01-01"}
        )
        benefit.invalidate_recordset(["plan_warning"])
        # (20 − 10) × 1 × 200
        self.assertIn("2,000.00", benefit.plan_warning)

    def test_plans_are_compared_by_the_same_number_of_statements_however_many(self):
        volume = self._kpi("Invoices", direction="higher")
        self.env["kpi.target"].create(
            {"report_id": volume.id, "value": 200, "date_from": "2025-01-01"}
        )
        benefits = self.env["kpi.benefit.realization"]
        for number in range(6):
            kpi = self._kpi(f"Hours {number}")
            baseline = self._live_baseline(kpi=kpi, volume_id=volume.id, unit_value=1)
            benefits |= self._measured_benefit(baseline, amount=1000)
        counts = []
        for some in (benefits[:1], benefits[:2], benefits):  # the first fills caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            own = self._as(self.olga, some)
            self.assertTrue(all(own.mapped("plan_warning")))
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_the_plans_furthest_off_are_named_and_the_others_counted(self):
        initiative = self._make(status="live", go_live_date="2026-01-01")
        for amount in (1500, 900, 1700, 5000, 400, 1000):
            kpi = self._kpi(f"Hours {amount}")
            baseline = self._baseline(kpi, initiative, unit_value=100)
            self._measured_benefit(baseline, name=f"Plan {amount}", amount=amount)
            self._months(kpi, *[10] * 6)
        said = [
            one["text"] for one in initiative.get_insights()["variance"]["sentences"]
        ]
        plans = [one for one in said if "value of the KPI target" in one]
        # Each target is worth (20 − 10) × 100.
        self.assertEqual(
            [one.split(":")[0] for one in plans], ["Plan 5000", "Plan 1700", "Plan 400"]
        )
        self.assertEqual(
            said[-1], "Other plans that differ from the value of their KPI target: 2."
        )

    def test_who_may_not_see_the_kpi_is_not_told_what_its_target_is_worth(self):
        baseline = self._live_baseline()
        benefit = self._measured_benefit(baseline, amount=1500)
        initiative = baseline.initiative_id
        initiative.message_subscribe(self.zoe.partner_id.ids)
        baseline.report_id.shared_user_ids = False
        with self.assertRaises(AccessError):
            self.assertFalse(self._as(self.zoe, benefit).plan_warning)
        values = {"baseline_id": baseline.id, "amount": 1500, "date_from": "2026-01-01"}
        new = self.env["kpi.benefit.realization"].with_user(self.zoe).new(values)
        self.assertFalse(new.plan_warning)

    def test_a_factor_without_a_target_is_as_it_was(self):
        volume = self._kpi("Invoices", direction="higher")
        baseline = self._live_baseline(volume_id=volume.id, unit_value=1)
        benefit = self._measured_benefit(baseline)
        self._months(volume, *[100] * 6)
        self._months(baseline.report_id, *[12] * 6)
        # 1 × 10 × 100 → 1 × 8 × 100
        self.assertEqual(self._steps(benefit), {"rate": -1200, "unexplained": 0})

    def test_months_without_all_numbers_are_not_split(self):
        baseline = self._live_baseline()
        benefit = self._measured_benefit(baseline)
        self._months(baseline.report_id, 15, None, 15)
        # Two months of 500 less each; four without a value.
        self.assertEqual(self._steps(benefit), {"rate": -1000, "unexplained": -4000})

    def test_why_the_kpi_moved(self):
        baseline = self._live_baseline()
        with self.assertRaises(UserError):
            baseline._explain_variance()
        self._months(baseline.report_id, 20, 15)
        found = baseline._explain_variance("2026-01-01", "2026-02-01")
        self.assertEqual((found["before"], found["after"]), (20, 15))
        cited = {one["model"] for one in found["sentences"][0]["records"]}
        self.assertEqual(cited, {"kpi.baseline", "kpi.report"})

    def test_a_kpi_moved_from_before_its_baseline_on(self):
        baseline = self._live_baseline()
        self._months(baseline.report_id, 18, 15)
        found = baseline._explain_variance()
        self.assertEqual((found["before"], found["after"]), (20, 15))
        self.assertEqual(found["steps"], [])
        self.assertIn("20", found["sentences"][0]["text"])
        found = baseline._explain_variance(period_to="2026-01-01")
        self.assertEqual((found["before"], found["after"]), (20, 18))
        baseline.baseline_value = False
        self.assertIsNone(baseline._explain_variance()["before"])
        self._months(baseline.report_id, 30, None, 24, year=2025)
        found = baseline._explain_variance()
        self.assertEqual((found["before"], found["after"]), (24, 15))
        found = baseline._explain_variance(period_to="2025-03-01")
        self.assertEqual((found["before"], found["after"]), (30, 24))
        baseline.baseline_date = "2026-02-10"
        found = baseline._explain_variance()
        self.assertEqual((found["before"], found["after"]), (18, 15))

    def test_who_may_not_see_the_kpi_sees_nothing_that_follows_from_it(self):
        baseline = self._live_baseline()
        benefit = self._measured_benefit(baseline)
        self._months(baseline.report_id, *[15] * 6)
        baseline.report_id.shared_user_ids = False
        initiative = baseline.initiative_id
        initiative.message_subscribe(self.zoe.partner_id.ids)
        found = self._as(self.zoe, initiative).get_insights()
        self.assertEqual(found["forecast"]["realized"], 0)
        self.assertEqual((found["variance"]["steps"], found["leaks"]), ([], []))
        with self.assertRaises(AccessError):
            self._as(self.zoe, benefit).get_insights()
