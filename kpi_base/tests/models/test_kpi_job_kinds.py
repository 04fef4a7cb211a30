from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.job.kpi_job import LOCK_SPACE
from ...models.record.session_lock import session_unlock, try_session_lock
from ..common import WalkJob, add_model, run_cron

LOGGER = "odoo.addons.kpi_base.models.job.kpi_job"
CRON = "kpi_base.kpi_job_cron"
OFFICER = "kpi_base.kpi_base_group_officer"
ADMIN = "kpi_base.kpi_base_group_admin"


@tagged("post_install", "-at_install")
class TestKpiJobKinds(TransactionCase):
    """Jobs of a kind that an addon has added, run by the cron."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        add_model(cls, WalkJob)
        cls.jobs = cls.env["kpi.job"]
        cls.jobs.search([]).unlink()
        # What other addons queue at every run is theirs to test.
        cls.classPatch(cls.registry["kpi.job"], "_enqueue_regular", lambda _jobs: None)
        cls.officer = new_test_user(cls.env, "job_officer", OFFICER)
        cls.admin = new_test_user(cls.env, "job_boss", ADMIN)

    def _enqueue(self, name="Walk", **values):
        return self.jobs._enqueue(name, "walk", **values)

    def _step(self, step):
        return patch.object(self.registry["kpi.job"], "_take_step", step)

    def _run(self):
        run_cron(self, CRON)

    def test_a_job_is_run_to_its_end(self):
        job = self._enqueue()
        self.assertEqual((job.state, job.progress_ratio), ("queued", 0.0))
        self._run()
        self.assertEqual((job.state, job.progress_ratio), ("done", 1.0))
        self.assertEqual((job.step_done_count, job.step_count), (3, 3))
        self.assertTrue(job.started_at and job.finished_at)
        self.assertGreaterEqual(job.duration_seconds, 0)

    def test_the_same_job_waits_once(self):
        first = self._enqueue(date_from="2026-01-01")
        self.assertEqual(self._enqueue(date_from="2026-01-01"), first)
        other = self._enqueue(date_from="2026-02-01")
        self.assertNotEqual(other, first)
        first.started_at = fields.Datetime.now()  # some of it is done
        self.assertNotEqual(self._enqueue(date_from="2026-01-01"), first)

    def test_the_cron_is_woken_for_it(self):
        cron = self.env.ref(CRON)
        triggers = self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        self._enqueue()
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))

    def test_a_job_that_fails_says_why_and_others_go_on(self):
        failing, walking = self._enqueue("Fall"), self._enqueue(date_from="2026-01-01")

        def fall(job):
            if job.name == "Fall" and job.step_done_count == 1:
                raise ZeroDivisionError("a stone")

        with self._step(fall), mute_logger(LOGGER):
            self._run()
        self.assertEqual((failing.state, failing.error), ("failed", "a stone"))
        self.assertEqual(failing.step_done_count, 1, "what earlier steps did stays")
        self.assertEqual(walking.state, "done")
        told = self.env["kpi.delivery"].search([("subject", "=", "Failed: Fall")])
        self.assertIn("a stone", told[0].body)
        self.assertTrue(told.user_id)
        failing.with_user(self.admin).action_retry()
        self.assertEqual((failing.state, failing.error), ("queued", False))
        self._run()
        self.assertEqual(failing.state, "done")

    def test_a_running_job_stops_after_the_step_at_hand(self):
        job = self._enqueue()
        with self._step(lambda job: job.action_cancel()):
            self._run()
        self.assertEqual((job.state, job.step_done_count), ("cancelled", 1))

    def test_a_waiting_job_is_cancelled_at_once(self):
        job = self._enqueue()
        job.action_cancel()
        self.assertEqual(job.state, "cancelled")
        self.assertTrue(job.finished_at)
        self._run()
        self.assertEqual(job.step_done_count, 0)

    def test_who_asked_for_it_and_administrators_stop_a_job(self):
        mine = self.jobs.with_user(self.officer).sudo()._enqueue("Mine", "walk")
        theirs = self._enqueue(date_from="2026-01-01")
        own = self.jobs.with_user(self.officer).browse((mine | theirs).ids)
        self.assertEqual(own.mapped("can_stop"), [True, False])
        with self.assertRaises(AccessError):
            own.browse(theirs.id).action_cancel()
        own.browse(mine.id).action_cancel()
        theirs.with_user(self.admin).action_cancel()
        self.assertEqual((mine | theirs).mapped("state"), ["cancelled"] * 2)
        with self.assertRaises(AccessError):
            own.browse(mine.id).action_retry()

    def test_a_cron_that_is_out_of_time_leaves_the_rest_for_the_next(self):
        job, after = self._enqueue(), self._enqueue(date_from="2026-01-01")
        with patch.object(self.registry["kpi.job"], "_commit", lambda *_args: 0.0):
            self.assertFalse(job._run())
        self.assertEqual((job.state, job.step_done_count), ("queued", 1))
        self._run()
        self.assertEqual((job | after).mapped("state"), ["done", "done"])
        self.assertEqual(job.step_done_count, 3)

    def test_jobs_without_time_take_turns(self):
        jobs = self._enqueue() | self._enqueue(date_from="2026-01-01")
        now = fields.Datetime.now()
        with patch.object(self.registry["kpi.job"], "_commit", lambda *_args: 0.0):
            for minute, done in enumerate([[1, 0], [1, 1], [2, 1], [2, 2]], 1):
                with freeze_time(now + timedelta(minutes=minute)):
                    self._run()
                self.assertEqual(jobs.mapped("step_done_count"), done)
        # Odoo warns of a run that did nothing and has more to do.
        asked = [("cron_id", "=", self.env.ref(CRON).id)]
        progress = self.env["ir.cron.progress"].search(asked, order="id DESC", limit=1)
        self.assertEqual(progress.remaining, 0)
        self.assertTrue(self.env["ir.cron.trigger"].search(asked))

    def test_a_job_that_gets_nowhere_is_told_of_once(self):
        with freeze_time(fields.Datetime.now() - timedelta(minutes=61)):
            job = self._enqueue("Stuck")
        self._enqueue("New", date_from="2026-01-01")
        told = Domain("subject", "=like", "Stuck for an hour: %")
        told &= Domain("user_id", "=", self.officer.id)
        messages = self.env["kpi.delivery"]
        for _look in range(2):
            self.jobs._sweep_stuck()
        self.assertEqual(messages.search(told).subject, "Stuck for an hour: Stuck")
        job.progressed_at = fields.Datetime.now()
        self.jobs._sweep_stuck()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=60)):
            self.jobs._sweep_stuck()
        self.assertEqual(messages.search_count(told), 3, "another job waits by then")

    def test_a_job_left_running_by_a_crash_goes_on_where_it_was(self):
        job = self._enqueue()
        job.write({"state": "running", "step_done_count": 2})
        steps = []
        with self._step(lambda job: steps.append(job.step_done_count)):
            self._run()
        self.assertEqual((job.state, steps), ("done", [2]))

    def test_a_job_that_another_session_runs_is_left_alone(self):
        running, waiting = self._enqueue(), self._enqueue(date_from="2026-01-01")
        running.state = "running"
        with closing(db_connect(self.env.cr.dbname).cursor()) as cr:
            for job in running | waiting:
                self.assertTrue(try_session_lock(cr, LOCK_SPACE, job.id))
            self._run()
            self.assertEqual(running.state, "running")
            self.assertEqual(waiting.state, "queued")
            for job in running | waiting:
                session_unlock(cr, LOCK_SPACE, job.id)
        self._run()
        self.assertEqual((running | waiting).mapped("state"), ["done", "done"])

    def test_no_lock_is_left_behind(self):
        self._enqueue()

        def fall(job):
            job.env.cr.execute("SELECT 1 / 0")

        with self._step(fall), mute_logger(LOGGER):
            self._run()
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        self.cr.execute(f"{locks} AND pid = pg_backend_pid()")
        self.assertEqual(self.cr.fetchone(), (0,))
        self.assertIn("division by zero", self.jobs.search([]).error)

    def test_jobs_that_ended_long_ago_are_dropped(self):
        recent = self._enqueue()
        self._run()
        with freeze_time(fields.Datetime.now() - timedelta(days=91)):
            old = self._enqueue(date_from="2026-01-01")
            old.action_cancel()
            waiting = self._enqueue(date_from="2026-02-01")
        self.jobs._gc_finished()
        self.assertEqual((recent | old | waiting).exists(), recent | waiting)
