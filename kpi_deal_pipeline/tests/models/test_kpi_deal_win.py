from datetime import datetime, timedelta
from unittest import skipIf
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged

from odoo.addons.kpi_base.tests.common import run_cron

from ..deal_case import GROUP, DealCase

try:
    import sklearn.linear_model as library
except ImportError:
    library = None

FIRST = datetime(2025, 1, 6, 9)


@tagged("post_install", "-at_install")
class TestKpiDealWin(DealCase):
    """Reported win probability of open deals, and who may see its reasons."""

    freeze_time = freeze_time("2026-02-28 12:00:00", tick=True)

    def setUp(self):
        super().setUp()
        self.models = self.env["kpi.deal.win.model"]
        self.env.registry.clear_cache()

    def _decided(self, count, first, days, is_won, **values):
        """Deals of one stage, one opened each day from ``first`` on."""
        closing = {"pipeline_stage": "closed_won"}
        if not is_won:
            closing = {
                "pipeline_stage": "closed_lost",
                "lost_reason_id": self.reason.id,
            }
        return self.env["kpi.deal"].create(
            [
                {
                    "title": f"Past {number}",
                    "agent_id": self.agent.id,
                    "company_id": self.company.id,
                    "currency_id": self.euro.id,
                    "opened_at": first + timedelta(days=number),
                    "actual_close_date": (first + timedelta(days=number + days)).date(),
                    **closing,
                    **values,
                }
                for number in range(count)
            ]
        )

    def _history(self):
        """Deals that are won are won within three weeks; lost ones drag on."""
        self._decided(130, FIRST, 21, is_won=True)
        self._decided(130, FIRST, 90, is_won=False)

    def test_without_history_it_is_the_rate_set_for_the_stage(self):
        stage = self.env.ref("kpi_deal_pipeline.kpi_deal_stage_proposal")
        stage.win_rate = 0.35
        deal = self._deal(pipeline_stage="proposal")
        self.assertEqual((deal.win_probability, deal.win_basis), (0.35, "stage_norm"))
        self.assertIn("35%", deal.win_explanation)
        self.assertIn("0 of 0", deal.win_explanation)

    def test_it_follows_the_stage_and_ends_with_the_deal(self):
        rates = self.env["kpi.deal.stage"]._win_rates()
        deal = self._deal()
        self.assertEqual(deal.win_probability, rates["lead_captured"])
        deal.pipeline_stage = "negotiation"
        self.assertEqual(deal.win_probability, rates["negotiation"])
        deal.action_cancel()
        self.assertIs(deal.win_probability, False)
        deal.action_reopen()
        self.assertEqual(deal.win_probability, rates["negotiation"])
        deal.pipeline_stage = "closed_won"
        self.assertIs(deal.win_probability, False)
        self.assertFalse(deal.win_basis or deal.win_explanation)

    def test_own_deals_count_beside_the_rate_that_is_set(self):
        stage = self.env.ref("kpi_deal_pipeline.kpi_deal_stage_lead_captured")
        stage.win_rate = 0.1
        self._decided(6, FIRST, 30, is_won=True)
        self._decided(4, FIRST, 30, is_won=False)
        deal = self._deal()
        model = self.models._learn(self.company)
        self.env["kpi.deal"]._keep_win_probabilities(self.company)
        self.assertEqual((model.basis, model.reason), ("stage_norm", "few_deals"))
        self.assertEqual(model.deal_count, 10)
        # (6 won + 10 × 0.1) / (10 own + 10)
        self.assertAlmostEqual(deal.win_probability, 0.35)
        self.assertIn("6 of 10", deal.win_explanation)
        self.assertIn("Needs 200 decided deals", deal.win_explanation)

    @skipIf(library is None, "scikit-learn is missing")
    def test_age_is_learned_and_said(self):
        self._history()
        now = datetime(2026, 2, 28, 12)
        young = self._deal(opened_at=now - timedelta(days=7))
        old = self._deal(opened_at=now - timedelta(days=70))
        # whoever entered a confidence with the outcome predicted nothing
        self._decided(20, FIRST, 30, is_won=True, confidence=1.0)
        model = self.models._learn(self.company)
        self.assertEqual((model.basis, model.reason), ("calibrated", "better"))
        self.env["kpi.deal"]._keep_win_probabilities(self.company)
        self.assertEqual({young.win_basis, old.win_basis}, {"calibrated"})
        self.assertGreater(young.win_probability, 0.4)
        self.assertLess(old.win_probability, 0.1)
        self.assertIn("280 decided deals", young.win_explanation)
        scores = {row.judge: row for row in model.judge_ids}
        calibrated, norm = scores["calibrated"], scores["stage_norm"]
        self.assertLess(calibrated.brier_score, norm.brier_score)
        self.assertEqual(scores["confidence"].forecast_count, 0)
        self.assertEqual(
            model.comparison,
            "Agents entered no confidence before the latest deals were decided.",
        )
        bands = model.band_ids.filtered(lambda band: band.judge == "calibrated")
        self.assertEqual(sum(bands.mapped("count")), calibrated.forecast_count)
        # moved: the probability follows at once, by what was learned
        old.pipeline_stage = "qualification"
        self.assertEqual(old.win_basis, "calibrated")

    @skipIf(library is None, "scikit-learn is missing")
    def test_days_are_those_of_the_company_s_clocks(self):
        """They are set back on 26 October 2025: ten days take 241 hours."""
        self.env["kpi.calendar"]._company_default(self.company).tz = "Europe/Berlin"
        opened, now = "2025-10-20 10:00:00", "2025-10-30 11:00:00"
        deal = self._deal(opened_at=opened)
        self.env.flush_all()
        ages, chances = [], type(self.models)._chances

        def listen(models, company_id, stages, found):
            ages.extend(found)
            return chances(models, company_id, stages, found)

        with freeze_time(now), patch.object(type(self.models), "_chances", listen):
            deal._compute_win_probability()
            self.env["kpi.deal"]._keep_win_probabilities(self.company)
            deal.pipeline_stage = "closed_won"
        self.assertEqual(ages[:2], [10.0, 10.0])
        spells = self.models._spells(self.company)
        self.assertEqual((spells.decided - spells.opened).tolist(), [10.0])

    def test_agents_are_judged_on_what_they_had_told_before(self):
        """Deals that go on while the clock does, so that confidences are recorded."""
        outcomes = ((21, 0.9, "closed_won"), (90, 0.2, "closed_lost"))
        deals = []
        for days, confidence, stage in outcomes:
            with freeze_time(FIRST):
                made = self._decided_later(130, confidence)
            deals.append((made, days, stage))
        for made, days, stage in deals:
            with freeze_time(FIRST + timedelta(days=200 + days)):
                made.lost_reason_id = self.reason
                for number, deal in enumerate(made):
                    closed = FIRST + timedelta(days=number % 100 + days)
                    deal.with_context(moved_at=str(closed)).pipeline_stage = stage
        model = self.models._learn(self.company)
        scores = {row.judge: row for row in model.judge_ids}
        agents = scores["confidence"]
        self.assertGreater(agents.deal_count, 30)
        # predicted 0.2 and lost: (0.2 − 0)²; all that is open late is lost
        self.assertAlmostEqual(agents.brier_score, 0.04, 2)
        self.assertIn("Brier score 0.0", model.comparison)

    def _decided_later(self, count, confidence):
        return self.env["kpi.deal"].create(
            [
                {
                    "title": f"Past {number}",
                    "agent_id": self.agent.id,
                    "company_id": self.company.id,
                    "currency_id": self.euro.id,
                    "opened_at": FIRST - timedelta(days=1),
                    "confidence": confidence,
                }
                for number in range(count)
            ]
        )

    def test_learning_again_changes_nothing(self):
        self._decided(12, FIRST, 30, is_won=True)
        first = self.models._learn(self.company)
        kept = (first.rates, first.judge_ids.mapped("brier_score"))
        again = self.models._learn(self.company)
        self.assertEqual(again, first)
        self.assertEqual((again.rates, again.judge_ids.mapped("brier_score")), kept)

    def test_deals_of_other_companies_are_not_learned_from(self):
        far = self.env["res.company"].create({"name": "Far"})
        self.agent.company_ids |= far
        self.env.user.company_ids = [Command.link(far.id)]
        self._decided(12, FIRST, 30, is_won=True, company_id=far.id)
        self.assertEqual(self.models._learn(self.company).deal_count, 0)
        self.assertEqual(self.models._learn(far).deal_count, 12)

    def test_the_statements_are_as_many_for_any_number_of_deals(self):
        self._deal()
        self._decided(40, FIRST, 30, is_won=True)
        self.models._learn(self.company)

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.models._learn(self.company)
            self.env["kpi.deal"]._keep_win_probabilities(self.company)
            return self.cr.sql_log_count - before

        few = count()
        self._decided(100, FIRST, 30, is_won=True)
        for number in range(30):
            self._deal(f"Open {number}")
        self.assertLessEqual(count(), few)

    def _queue_learning(self):
        self.env["kpi.job"].search([]).unlink()
        run_cron(self, "kpi_deal_pipeline.kpi_deal_learn_cron")
        return self.env["kpi.job"].search([("kind", "=", "deal_learning")])

    def _run_job(self, job):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            job.with_env(job.env(cr=cr))._run()

    def test_the_job_goes_through_all_companies(self):
        self._decided(3, FIRST, 30, is_won=True)
        job = self._queue_learning()
        self._run_job(job)
        self.assertEqual((job.state, job.error), ("done", False))
        self.assertEqual(job.step_done_count, len(self.env["res.company"].search([])))
        model = self.models.search([("company_id", "=", self.company.id)])
        self.assertEqual(model.deal_count, 3)

    def test_a_job_that_is_stopped_has_learned_up_to_there(self):
        job, learned = self._queue_learning(), []

        def learn(models, company):
            learned.append(company.id)
            models.env["kpi.job"].browse(job.id).action_cancel()

        with patch.object(self.registry["kpi.deal.win.model"], "_learn", learn):
            self._run_job(job)
        self.assertEqual((job.state, len(learned)), ("cancelled", 1))

    def test_a_job_out_of_time_goes_on_with_the_next_company(self):
        self.env["res.company"].create({"name": "Far"})
        job, learned = self._queue_learning(), []
        jobs = self.registry["kpi.job"]
        run_step = jobs._run_step

        def run_step_and_be_late(running, learn, company):
            learned.append(company.id)
            run_step(running, learn, company)
            return 0.0

        # Clocks of Odoo and of PostgreSQL differ here: this is after the job was made.
        with (
            freeze_time(job.create_date + timedelta(days=1)),
            patch.object(jobs, "_run_step", run_step_and_be_late),
        ):
            self._run_job(job)
            self.assertEqual((job.state, len(learned)), ("queued", 1))
            for _company in self.env["res.company"].search([]):
                self._run_job(job)
                if job.state == "done":
                    break
        self.assertEqual(job.state, "done")
        self.assertEqual(
            sorted(learned), sorted(self.env["res.company"].search([]).ids)
        )

    def test_nobody_enters_it(self):
        deal = self._deal()
        with self.assertRaises(AccessError):
            deal.with_user(self.agent).win_probability = 0.99
        with self.assertRaises(AccessError):
            self.env["kpi.deal"].with_user(self.agent).create(
                {"title": "Mine", "win_probability": 0.99}
            )
        form = Form(deal.with_user(self.agent))
        with self.assertRaises(AssertionError):
            form.win_probability = 0.99

    def test_agents_see_what_is_said_of_their_deals_and_managers_why(self):
        model = self.models._learn(self.company)
        deal = self._deal()
        self.assertTrue(deal.with_user(self.agent).win_explanation)
        for user, may in (
            (self.agent, False),
            (self.viewer, False),
            (self.manager, True),
        ):
            for record in (model, model.judge_ids, model.band_ids):
                own = record.with_user(user)
                self.assertEqual(own.has_access("read"), may, (user.login, record))
                self.assertFalse(own.has_access("write"))
        far = self.env["res.company"].create({"name": "Far"})
        stranger = new_test_user(
            self.env,
            "deal-stranger",
            groups=f"base.group_user,{GROUP}admin",
            company_id=far.id,
            company_ids=[Command.set(far.ids)],
        )
        for record in (model, model.judge_ids):
            found = record.with_user(stranger).with_context(allowed_company_ids=far.ids)
            self.assertFalse(found.search([("id", "in", record.ids)]))
