from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import config, mute_logger

from odoo.addons.kpi_base.tests.common import WalkJob, add_model
from odoo.addons.queue_job.job import Job

OFFICER = "kpi_base.kpi_base_group_officer"
CRON = "kpi_base.kpi_job_cron"


@tagged("post_install", "-at_install")
class TestKpiJobQueue(TransactionCase):
    """Jobs that wait in the queue of OCA."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, WalkJob)
        cls.jobs = cls.env["kpi.job"]
        cls.jobs.search([]).unlink()
        cls.queue = cls.env["queue.job"]
        cls.queue.search([]).unlink()
        cls.cron = cls.env.ref(CRON)
        cls.env["ir.cron.trigger"].search([]).unlink()

    def setUp(self):
        super().setUp()
        loaded = [*config["server_wide_modules"], "queue_job"]
        self.startPatcher(patch.dict(config.options, {"server_wide_modules": loaded}))

    def _enqueue(self, name="Walk"):
        return self.jobs._enqueue(name, "walk")

    def _run_queue(self):
        """Run what waits as the queue's workers do, commits within the test's."""
        with self.enter_registry_test_mode(), mute_logger("odoo.sql_db"):
            for queued in self.queue.search([("state", "=", "pending")]):
                queued_job = Job.load(self.env, queued.uuid)
                queued_job.set_started()
                queued_job.store()
                self.env.flush_all()  # the queue has committed it
                queued_job.perform()
                queued_job.set_done()
                queued_job.store()
        self.env.invalidate_all()

    def _wakes(self):
        return self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", self.cron.id)]
        )

    def test_a_job_waits_in_the_queue_once(self):
        job = self._enqueue()
        self._enqueue()
        self.jobs._trigger()
        queued = self.queue.search([])
        self.assertEqual(queued.mapped("state"), ["pending"])
        self.assertEqual(queued.channel, "root.kpi.walk")
        self.assertEqual(queued.identity_key, f"kpi.job:{job.id}")
        self.assertEqual(queued.name, "Walk")
        self.assertEqual(self._wakes(), 0)

    def test_without_a_runner_the_cron_is_woken(self):
        with patch.dict(config.options, {"server_wide_modules": ["base", "web"]}):
            self._enqueue()
        self.assertFalse(self.queue.search([]))
        self.assertEqual(self._wakes(), 1)

    def test_the_queue_runs_it_to_its_end(self):
        job = self._enqueue()
        self._run_queue()
        self.assertEqual((job.state, job.step_done_count), ("done", 3))

    def test_it_runs_as_the_crons_do_whoever_asked(self):
        officer = new_test_user(self.env, "queue_officer", OFFICER)
        # Jobs are the engine's; a button of an officer asks for one.
        self.jobs.with_user(officer).sudo()._enqueue("Walk", "walk")
        recordset = Job.load(self.env, self.queue.search([]).uuid).recordset
        self.assertEqual(recordset.env.uid, SUPERUSER_ID)

    def test_what_takes_longer_than_a_minute_is_queued_again(self):
        job = self._enqueue()
        clock = iter(range(0, 10_000, 40))
        module = "odoo.addons.kpi_base_queue_job.models.kpi_job.time.monotonic"
        with patch(module, lambda: next(clock)):
            self._run_queue()
        self.assertEqual(job.state, "queued")
        self.assertIn(job.step_done_count, (1, 2))
        self._run_queue()
        self.assertEqual((job.state, job.step_done_count), ("done", 3))

    def test_a_delay_is_the_queues(self):
        job = self._enqueue()
        self.queue.search([]).unlink()
        job._trigger(timedelta(minutes=5))
        left = self.queue.search([]).eta - datetime.now()
        self.assertAlmostEqual(left.total_seconds(), 300, delta=30)

    def test_one_that_ended_or_is_gone_is_left_alone(self):
        job = self._enqueue()
        job.action_cancel()
        gone = self._enqueue()
        gone.unlink()
        self._run_queue()
        self.assertEqual((job.state, job.step_done_count), ("cancelled", 0))
        self.assertEqual(set(self.queue.search([]).mapped("state")), {"done"})

    def test_one_whose_worker_was_killed_goes_on(self):
        job = self._enqueue()
        job.write({"state": "running", "step_done_count": 2, "step_count": 3})
        self._run_queue()
        self.assertEqual((job.state, job.step_done_count), ("done", 3))

    def test_a_failure_is_the_jobs_own(self):
        job = self._enqueue()

        def fail(_job):
            raise ValueError("no such street")

        log = mute_logger("odoo.addons.kpi_base.models.job.kpi_job")
        with patch.object(self.registry["kpi.job"], "_take_step", fail), log:
            self._run_queue()
        self.assertEqual(job.state, "failed")
        job.action_retry()
        self.assertEqual(self.queue.search_count([("state", "=", "pending")]), 1)
