from unittest.mock import patch

from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import mute_logger

ADMIN = "kpi_base.kpi_base_group_admin"


@tagged("post_install", "-at_install")
class TestKpiJob(TransactionCase):
    """Runs of crons leave a row, say how far they are, and can be stopped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jobs = cls.env["kpi.job"]
        cls.jobs.search([]).unlink()
        cls.cron = cls.env.ref("kpi_base.kpi_audit_anchor_cron")

    def _run_cron(self, step, cron=None):
        """Run the cron with ``step`` instead of what it does."""
        anchors = self.registry["kpi.audit.anchor"]
        with (
            patch.object(anchors, "_cron_anchor", step),
            self.enter_registry_test_mode(),
            mute_logger("odoo.addons.base.models.ir_cron", "odoo.sql_db"),
        ):
            (cron or self.cron).method_direct_trigger()
        return self.jobs.search([("cron_id", "=", self.cron.id)])

    def test_a_run_leaves_a_row(self):
        def steps(model):
            crons = model.env["ir.cron"]
            crons._commit_progress(remaining=3)
            for _step in range(3):
                crons._commit_progress(1)

        job = self._run_cron(steps)
        self.assertEqual((job.kind, job.state), ("cron", "done"))
        self.assertEqual(job.name, self.cron.name)
        self.assertEqual((job.step_count, job.step_done_count), (3, 3))
        self.assertEqual(job.progress_ratio, 1)
        self.assertTrue(job.started_at and job.finished_at)

    def test_a_run_that_fails_says_why(self):
        def broken(model):
            raise ZeroDivisionError("no drives left")

        job = self._run_cron(broken)
        self.assertEqual((job.state, job.error), ("failed", "no drives left"))

    def test_what_is_left_goes_on_in_the_same_row(self):
        turns = []

        def steps(model):
            turns.append(len(turns))
            crons = model.env["ir.cron"]
            crons._commit_progress(remaining=2 - len(turns) + 1)
            crons._commit_progress(1)

        job = self._run_cron(steps)
        self.assertEqual(len(turns), 2)
        self.assertEqual((len(job), job.state), (1, "done"))

    def test_a_run_stops_when_it_is_asked_to(self):
        admin = new_test_user(self.env, "job_admin", ADMIN)
        turns = []

        def steps(model):
            crons = model.env["ir.cron"]
            crons._commit_progress(remaining=3)
            for _step in range(3):
                turns.append(1)
                job = model.env["kpi.job"].browse(model.env.context["kpi_job_id"])
                job.with_user(admin).action_cancel()
                if not crons._commit_progress(1):
                    break

        job = self._run_cron(steps)
        self.assertEqual(job.state, "cancelled")
        self.assertEqual((job.step_done_count, job.step_count), (1, 3))

    def test_an_administrator_has_it_tried_again(self):
        admin = new_test_user(self.env, "job_admin", ADMIN)

        def broken(model):
            raise ZeroDivisionError("no drives left")

        job = self._run_cron(broken)
        self.env["ir.cron.trigger"].search([]).unlink()
        job.with_user(admin).action_retry()
        self.assertIn(self.cron, self.env["ir.cron.trigger"].search([]).cron_id)
        self._run_cron(lambda model: None)
        self.assertEqual((job.state, job.error), ("done", False))

    def test_crons_of_others_leave_nothing(self):
        cron = self.env.ref("base.autovacuum_job")
        with patch.object(self.registry["ir.autovacuum"], "_run_vacuum_cleaner"):
            self._run_cron(lambda model: None, cron)
        self.assertFalse(self.jobs.search([("cron_id", "=", cron.id)]))

    def test_only_the_latest_runs_stay(self):
        values = {"name": "Run", "kind": "cron", "cron_id": self.cron.id}
        failed = self.jobs.create({**values, "state": "failed"})
        runs = self.jobs.create([{**values, "state": "done"} for _run in range(25)])
        self.jobs._gc_finished()
        self.assertEqual(runs.exists(), runs[5:])
        self.assertTrue(failed.exists())
