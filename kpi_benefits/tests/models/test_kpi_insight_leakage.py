from datetime import date

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .benefit_case import BenefitCase

THIS_MONTH = date.today().replace(day=1)
FALLEN = (1000, 1010, 990, 1000, 600, 610, 590, 600)


@tagged("post_install", "-at_install")
class TestKpiInsightLeakage(BenefitCase):
    """What detection finds is filed, each cause once."""

    def _live(self, realised=FALLEN, **values):
        first = THIS_MONTH - relativedelta(months=len(realised))
        initiative = self._make(status="live", go_live_date=first)
        benefit = self._benefit(
            initiative,
            date_from=first,
            date_to=first + relativedelta(months=23),
            **values,
        )
        for period, done in zip(benefit.period_ids, realised, strict=False):
            period.realized = False if done is None else done
        return benefit

    def _find(self, benefit, who=None):
        initiative = self._as(who or self.olga, benefit.initiative_id)
        action = initiative.action_find_leakage()
        self.assertEqual(action["res_model"], "kpi.value.leakage")
        leakages = self.env["kpi.value.leakage"].with_context(active_test=False)
        return leakages.search([("initiative_id", "=", benefit.initiative_id.id)])

    def _run_job(self):
        with self.enter_registry_test_mode():
            job = self.env.ref("kpi_benefits.kpi_initiative_cron_find_leakage")
            job.method_direct_trigger()

    def test_a_finding_is_filed_with_its_evidence(self):
        benefit = self._live()
        leakage = self._find(benefit)
        self.assertEqual(len(leakage), 1)
        self.assertEqual((leakage.kind, leakage.source), ("shortfall", "detected"))
        self.assertEqual(leakage.benefit_id, benefit)
        self.assertEqual(leakage.estimated_impact, 1600)
        self.assertIn("2,400.00", leakage.evidence)
        # 1,600 of 24,000 so far; what will come is not in the amount that is shown.
        self.assertEqual(leakage.severity, "medium")
        self.assertEqual(leakage.suggested_severity, "medium")

    def test_the_same_cause_is_filed_once(self):
        benefit = self._live()
        leakage = self._find(benefit)
        benefit.period_ids[7].realized = 400
        self.assertEqual(self._find(benefit), leakage)
        self.assertEqual(leakage.estimated_impact, 1800, "as long as nobody looked")
        leakage.kind = "decay"  # how the same months look now and then
        leakage.detection_key = leakage.detection_key.replace("shortfall", "decay")
        self.assertEqual(self._find(benefit), leakage)

    def test_what_was_decided_on_is_not_filed_again(self):
        benefit = self._live()
        leakage = self._find(benefit)
        leakage.action_investigate()
        leakage.root_cause = "Two people left."
        leakage.action_resolve()
        self.assertEqual(self._find(benefit), leakage)
        archived = self._live()
        self._find(archived).active = False
        self.assertEqual(len(self._find(archived)), 1)
        self.assertFalse(archived.leakage_ids)

    def test_what_falls_again_later_is_another_cause(self):
        benefit = self._live()
        leakage = self._find(benefit)
        leakage.action_investigate()
        leakage.root_cause = "Two people left."
        leakage.action_resolve()
        before = THIS_MONTH - relativedelta(months=7)
        leakage.closed_on = before
        leakage.detection_key = f"shortfall:{benefit.id}:{before}"
        self.assertEqual(len(self._find(benefit)), 2)

    def test_each_assumption_is_filed_once(self):
        benefit = self._live([1000] * 8, assumptions="Prices stay\nTwo people")
        prices, people = benefit.assumption_ids
        (prices | people).review_date = "2020-01-31"
        leakages = self._find(benefit)
        self.assertEqual(self._find(benefit), leakages)
        self.assertEqual(
            sorted(leakages.mapped("name")),
            [
                "Assumption Failed or Expired: Prices stay",
                "Assumption Failed or Expired: Two people",
            ],
        )
        self.assertEqual(leakages.benefit_id, benefit)
        # It is the same cause when it turns out to have failed.
        people._note_check("failed", False, "Only one is left")
        self.assertEqual(self._find(benefit), leakages)
        of_people = leakages.filtered(lambda one: "people" in one.name)
        self.assertIn("Only one is left", of_people.evidence)
        of_people.acceptance_reason = "Another one comes in May."
        of_people.action_accept()
        self.assertEqual(self._find(benefit), leakages)

    def test_an_assumption_that_expires_again_is_another_cause(self):
        benefit = self._live([1000] * 8, assumptions="Prices stay")
        benefit.assumption_review_date = "2020-01-31"
        leakage = self._find(benefit)
        leakage.action_investigate()
        leakage.root_cause = "Nobody looked."
        leakage.action_resolve()
        leakage.closed_on = "2020-02-10"
        self.assertEqual(self._find(benefit), leakage)
        benefit.assumption_review_date = "2020-06-30"
        self.assertEqual(len(self._find(benefit)), 2)

    def test_a_cost_overrun_is_about_the_initiative(self):
        benefit = self._live([1000] * 8)
        self.env["kpi.initiative.cost"].create(
            {
                "initiative_id": benefit.initiative_id.id,
                "planned": 1000,
                "actual": 1500,
            }
        )
        leakage = self._find(benefit)
        self.assertEqual(
            (leakage.kind, leakage.estimated_impact), ("cost_overrun", 500)
        )
        self.assertFalse(leakage.benefit_id)
        self.assertEqual(self._find(benefit), leakage)
        leakage.acceptance_reason = "The scope has grown."
        leakage.action_accept()
        leakage.closed_on = THIS_MONTH - relativedelta(months=2)
        self.assertEqual(self._find(benefit), leakage, "it still costs that much")

    def test_impact_evidence_and_severity_of_a_cost_overrun_agree(self):
        benefit = self._live([1000] * 8)  # 24,000 in all: 2,000 would be medium
        cost = {"planned": 10_000, "forecast": 12_000, "actual": 11_000}
        self.env["kpi.initiative.cost"].create(
            {"initiative_id": benefit.initiative_id.id, **cost}
        )
        leakage = self._find(benefit)
        self.assertEqual(leakage.estimated_impact, 2000)
        self.assertRegex(leakage.evidence, "12,000.00, 20% above the planned")
        self.assertRegex(leakage.evidence, "So far .*1,000.00 over plan")
        self.assertEqual(leakage.severity, "high")  # from 10% of the planned cost
        self.assertEqual(leakage.suggested_severity, "high")

    def test_a_double_claim_is_filed_within_one_initiative(self):
        amounts = [1011, 987, 1003, 1011, 987, 1003, 1011, 987]
        one, far = self._live(amounts), self._live(amounts)
        self._run_job()
        for benefit in (one, far):
            self.assertFalse(benefit.initiative_id.leakage_ids, "never named elsewhere")
        twin = one.copy({"name": "Fewer errors", "owner_id": self.zoe.id})
        for period, amount in zip(twin.period_ids, amounts, strict=False):
            period.realized = amount
        self._run_job()
        leakage = self._find(one)
        self.assertEqual((leakage.kind, len(leakage)), ("double_claim", 1))
        self.assertFalse(leakage.benefit_id, "read by who reads both")
        for name in (one.name, twin.name):
            self.assertIn(name, leakage.evidence)
        self.assertTrue(self._as(self.sue, leakage).has_access("read"))
        self.assertFalse(self._as(self.zoe, leakage).has_access("read"))
        self.assertFalse(far.initiative_id.leakage_ids)

    def test_what_a_kpi_measures_is_not_filed_as_claimed_twice(self):
        """Not everybody who reads the initiative may read that KPI."""
        amounts = [1011, 987, 1003, 1011]
        one = self._live(amounts)
        twin = one.copy({"name": "Fewer errors"})
        for period, amount in zip(twin.period_ids, amounts, strict=False):
            period.realized = amount
        definition = self.env["kpi.definition"].create(
            {"name": "Errors", "company_id": self.company.id}
        )
        baseline = self.env["kpi.baseline"].create(
            {
                "initiative_id": one.initiative_id.id,
                "report_id": definition._track_for("company", self.company).id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE benefit_realizations SET baseline_id = %s WHERE id = %s",
            [baseline.id, twin.id],
        )
        twin.invalidate_recordset()
        self._run_job()
        self.assertFalse(one.initiative_id.leakage_ids)

    def test_what_was_moved_where_the_user_sees_nothing_is_left_alone(self):
        benefit = self._live()
        leakage = self._find(benefit)
        self.env.cr.execute(
            "UPDATE value_leakages SET company_id = %s WHERE id = %s",
            [self._make_far().company_id.id, leakage.id],
        )
        leakage.invalidate_recordset()
        self.assertEqual(self._find(benefit), leakage)

    def test_it_is_filed_in_the_language_of_the_owner(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.olga.lang = "de_DE"
        benefit = self._live()
        self._run_job()
        self.assertIn("2.400,00", benefit.leakage_ids.evidence)

    def test_the_job_files_for_all(self):
        benefit, healthy = self._live(), self._live([1000] * 8)
        self._run_job()
        self._run_job()
        leakages = self.env["kpi.value.leakage"]
        filed = leakages.search([("company_id", "=", self.company.id)])
        self.assertEqual(filed.benefit_id, benefit)
        self.assertEqual(len(filed), 1)
        self.assertFalse(healthy.leakage_ids)

    def test_who_may_not_change_it_files_nothing(self):
        benefit = self._live()
        for who in (self.sue, self.zoe):
            with self.assertRaises(AccessError):
                self._find(benefit, who)
        self.assertFalse(benefit.leakage_ids)
