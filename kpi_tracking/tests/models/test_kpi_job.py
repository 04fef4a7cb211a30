from contextlib import closing
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from odoo.addons.kpi_base.models.job import kpi_job

from ...models.job import kpi_job as computation
from ...models.job.kpi_job import KpiJob
from ...models.source import kpi_source
from ...models.source.kpi_source import session_unlock, try_session_lock
from ..common import MODEL, KpiCase, days, month_of

COMPUTATION = "odoo.addons.kpi_tracking.models.job.kpi_job"


@tagged("post_install", "-at_install")
class TestKpiJob(KpiCase):
    """Jobs run by the cron: chunks, progress, cancelling, errors, nightly check."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["kpi.job"].search([]).unlink()
        cls.today = fields.Date.today()
        cls.first = month_of(month_of(cls.today) - timedelta(days=75))
        cls.records = cls.deals.create(
            [
                {
                    "x_date": cls.first + timedelta(days=day),
                    "x_closed_date": cls.first - timedelta(days=1),
                    "x_active": True,
                    "x_company_id": cls.company.id,
                    "x_hours": 2.0,
                }
                for day in range(0, (cls.today - cls.first).days + 1, 5)
            ]
        )
        cls.count = cls._definition("Count", history_start=cls.first)
        cls.sum = cls._definition(
            "Hours",
            measure="sum",
            measure_field="x_hours",
            history_start=cls.first,
            date_field="x_closed_date",
        )
        cls.report = cls._track(cls.count)
        cls.other_report = cls._track(cls.sum)
        cls.months = cls._expected()

    @classmethod
    def _expected(cls):
        # also of a month that has just begun, without a record
        counted = dict.fromkeys(map(month_of, days(cls.first, cls.today)), 0)
        for record in cls.records:
            month = month_of(record.x_date)
            counted[month] += 1
        return counted

    def _run_cron(self):
        cron = self.env.ref("kpi_base.kpi_job_cron")
        with self.enter_registry_test_mode(), mute_logger("odoo.sql_db"):
            cron.method_direct_trigger()

    def _refreshes(self):
        """The updates of changed values, oldest first; addons queue other jobs."""
        return self.env["kpi.job"].search([("kind", "=", "refresh")], order="id")

    def _run_job(self, job):
        """Run one job, with a cursor of its own that may commit."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            job.with_env(job.env(cr=cr))._run()

    def _enqueue(self, kind="recompute", definitions=None, **values):
        definitions = definitions or self.count | self.sum
        return self.env["kpi.job"]._enqueue_computation(
            "Test", kind, definitions, **values
        )

    def test_the_cron_computes_what_has_changed(self):
        self._run_cron()
        job = self._refreshes()
        self.assertEqual((job.kind, job.state), ("refresh", "done"))
        self.assertValues(self.report, self.months)
        self.assertEqual(job.progress_ratio, 1.0)
        self.assertEqual(job.step_done_count, job.step_count)
        self.assertEqual(job.written_count, 2 * len(self.months))
        self.assertEqual(sum(job.line_ids.mapped("written_count")), job.written_count)
        self.assertGreaterEqual(job.duration_seconds, 0)
        self.assertFalse(job.error)
        self.assertTrue(all(self.env["kpi.source"].search([]).mapped("last_run_at")))

    def test_a_second_run_without_a_change_writes_nothing(self):
        self._run_cron()
        self._run_cron()
        first, second = self._refreshes()
        self.assertGreater(first.written_count, 0)
        self.assertEqual((second.state, second.written_count), ("done", 0))
        self.assertFalse(second.line_ids)

    def test_a_job_for_one_kpi_leaves_the_others_alone(self):
        job = self._enqueue(definitions=self.count)
        self._run_job(job)
        self.assertEqual(job.state, "done")
        self.assertValues(self.report, self.months)
        self.assertValues(self.other_report, {})

    def test_a_range_is_all_that_is_computed(self):
        job = self._enqueue(first=month_of(self.today), last=self.today)
        self._run_job(job)
        running = month_of(self.today)
        self.assertValues(self.report, {running: self.months.get(running, 0)})

    def test_defining_a_kpi_wakes_the_cron(self):
        cron = self.env.ref("kpi_base.kpi_job_cron")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        triggers.unlink()
        self.count.domain = "[('x_hours', '>', 1)]"
        self.assertTrue(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        )

    def test_a_waiting_job_is_cancelled_at_once(self):
        job = self._enqueue()
        job.action_cancel()
        self.assertEqual(job.state, "cancelled")
        self._run_cron()
        self.assertEqual(job.state, "cancelled")

    def test_a_running_job_stops_after_the_chunk_at_hand(self):
        job = self._enqueue(definitions=self.count)
        log_chunk, chunks = KpiJob._log_chunk, []

        def cancel_after_one(running, source, periods, *args):
            chunks.append(periods)
            log_chunk(running, source, periods, *args)
            running.action_cancel()

        with (
            patch.object(kpi_source, "CELLS_PER_CHUNK", 1),
            patch.object(KpiJob, "_log_chunk", cancel_after_one),
        ):
            self._run_job(job)
        self.assertEqual(job.state, "cancelled")
        self.assertEqual(len(chunks), 1)
        first = min(self.months)
        self.assertValues(self.report, {first: self.months[first]})
        job.action_retry()
        self.assertEqual(job.state, "queued")
        self._run_cron()
        self.assertEqual(job.state, "done")
        self.assertFalse(job.is_cancel_requested)
        self.assertValues(self.report, self.months)

    def test_a_job_goes_on_where_its_time_was_over(self):
        """However short a run is, it computes a chunk, and none is computed twice."""
        job, chunks = self._enqueue(), []
        compute = kpi_source.KpiSource._compute

        def count(source, statement, periods, **how):
            chunks.append((source, periods[0]))
            return compute(source, statement, periods, **how)

        with (
            patch.object(kpi_source, "CELLS_PER_CHUNK", 1),
            patch.object(kpi_source.KpiSource, "_compute", count),
            patch.object(self.registry["kpi.job"], "_commit", lambda job, done=0: 0.0),
        ):
            while job.state == "queued" and len(chunks) < 50:
                known = len(chunks)
                job._run()
                self.assertLessEqual(len(chunks), known + 1)
        self.assertEqual(job.state, "done")
        self.assertEqual(len(chunks), 2 * len(self.months))
        self.assertEqual(len(set(chunks)), len(chunks))
        self.assertEqual(job.written_count, len(chunks))
        self.assertNotEqual(chunks[0][0], chunks[1][0], "sources take turns")
        self.assertValues(self.report, self.months)

    def test_what_has_closed_is_judged_some_kpis_at_a_time(self):
        self._run_cron()
        reports = self.report | self.other_report
        self.env["kpi.target"].create(
            [{"report_id": report.id, "value": 4} for report in reports]
        )
        self.env.flush_all()
        self.cr.execute("UPDATE kpi_report SET target_day = '2000-01-01'")
        self.env.invalidate_all()
        parts, refresh = [], self.registry["kpi.report"]._refresh_current

        def count(some, *first):
            parts.append(some)
            return refresh(some, *first)

        with (
            patch.object(self.registry["kpi.report"], "_refresh_current", count),
            patch.object(computation, "REPORTS_AT_ONCE", 1),
        ):
            self._run_cron()
        self.assertEqual(sorted(map(len, parts)), [1, 1])
        self.assertFalse(self.env["kpi.report"]._find_unjudged())

    def test_a_kpi_that_fails_does_not_stop_the_others(self):
        self.env.flush_all()
        self.cr.execute(f"UPDATE {MODEL} SET x_closed_date = x_date, x_hours = 1e308")
        self.env.invalidate_all()
        self._run_cron()
        job = self._refreshes()
        self.assertEqual(job.state, "done")
        self.assertRegex(self.sum.computation_error, "out of range")
        self.assertValues(self.report, self.months)
        self.records.x_hours = 1
        self._run_cron()
        self.assertFalse(self.sum.computation_error)
        self.assertValues(self.other_report, self.months)

    def test_a_source_that_breaks_unexpectedly_does_not_stop_the_others(self):
        compute = kpi_source.KpiSource._compute

        def broken(source, *args, **kwargs):
            if source.date_field == "x_date":  # the first of the two
                raise RuntimeError("disk on fire")
            return compute(source, *args, **kwargs)

        with (
            patch.object(kpi_source.KpiSource, "_compute", broken),
            mute_logger(COMPUTATION),
        ):
            self._run_cron()
        source = self.count.source_ids
        self.assertEqual(source.last_error, "disk on fire")
        job = self._refreshes()
        self.assertEqual(job.state, "failed")
        self.assertIn("disk on fire", job.error)
        self.assertValues(self.other_report, dict.fromkeys(self.months, 0))
        job.action_retry()
        self._run_cron()
        self.assertEqual(job.state, "done")
        self.assertFalse(job.error or source.last_error)
        self.assertValues(self.report, self.months)

    def test_a_source_that_breaks_in_the_database_says_why(self):
        compute = kpi_source.KpiSource._compute

        def broken(source, *args, **kwargs):
            if source.date_field == "x_date":
                source.env.cr.execute("SELECT 1 / 0")
            return compute(source, *args, **kwargs)

        with (
            patch.object(kpi_source.KpiSource, "_compute", broken),
            mute_logger(COMPUTATION),
        ):
            self._run_cron()
        self.assertIn("division by zero", self._refreshes().error)
        self.assertValues(self.other_report, dict.fromkeys(self.months, 0))
        self._assert_no_lock()

    def _assert_no_lock(self):
        locks = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        self.cr.execute(f"{locks} AND pid = pg_backend_pid()")
        self.assertEqual(self.cr.fetchone(), (0,), "a lock was left behind")

    def test_formulas_wait_for_the_session_that_evaluates_them(self):
        self._definition("Twice", computation="formula", formula="count * 2")
        job = self._enqueue()
        with closing(db_connect(self.cr.dbname).cursor()) as other:
            self.assertTrue(try_session_lock(other, kpi_job.LOCK_SPACE, 0))
            self._run_job(job)
            self.assertEqual(job.state, "queued")
            self.assertValues(self.report, self.months)
            session_unlock(other, kpi_job.LOCK_SPACE, 0)
        self._run_job(job)
        self.assertEqual(job.state, "done")

    def test_formulas_that_break_give_their_lock_back(self):
        def broken(definitions, *_days):
            definitions.env.cr.execute("SELECT 1 / 0")

        formulas = self.registry["kpi.definition"]
        with (
            patch.object(formulas, "_recompute_formulas", broken),
            mute_logger("odoo.addons.kpi_base.models.job.kpi_job"),
        ):
            self._run_cron()
        self.assertIn("division by zero", self._refreshes().error)
        self._assert_no_lock()

    def test_a_job_left_running_by_a_crash_runs_again(self):
        job = self._enqueue()
        job.write({"state": "running", "step_done_count": 1})
        self._run_cron()
        self.assertEqual(job.state, "done")
        self.assertValues(self.report, self.months)

    def test_the_nightly_check_finds_and_repairs_what_was_altered(self):
        self._run_cron()
        month = month_of(self.today - timedelta(days=40))
        self.env.flush_all()
        self.cr.execute(
            "UPDATE kpi_measurement SET value = 77"
            " WHERE report_id = %s AND period_start = %s",
            (self.report.id, month),
        )
        self.env.invalidate_all()
        self._run_cron()
        self.assertEqual(self._values(self.report)[month], 77, "not seen as a change")
        self.env["kpi.job"]._cron_reconcile()
        self._run_cron()
        job = self.env["kpi.job"].search([("kind", "=", "reconcile")])
        self.assertEqual((job.state, job.drift_count), ("done", 1))
        self.assertEqual(job.line_ids.mapped("drift_count"), [1])
        self.assertValues(self.report, self.months)
        revision = self.env["kpi.measurement.revision"].search([])
        self.assertEqual(revision.old_value, 77)
        self.assertEqual(revision.reason, "Nightly check")

    def test_old_jobs_are_dropped(self):
        self._run_cron()
        kept = self.env["kpi.job"].search([])
        with freeze_time(fields.Datetime.now() - timedelta(days=91)):
            old = self._enqueue()
            old.action_cancel()
        self.env["kpi.job"]._gc_finished()
        self.assertFalse(old.exists())
        self.assertTrue(kept.exists())
