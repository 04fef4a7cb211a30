from contextlib import closing
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.core.kpi_source import session_unlock, try_session_lock
from ...models.integration import import_run, kpi_import_job, kpi_import_measurement
from ...models.integration.kpi_import_job import LOCK_SPACE, KpiImport
from ..import_case import KpiImportCase, month

ROWS = "code,period,value\n" + "".join(
    f"{code},2025-{number:02},{number}\n"
    for code in ("calls", "visits")
    for number in range(1, 7)
)


@tagged("post_install", "-at_install")
class TestKpiImportJob(KpiImportCase):
    """Long files: run by the cron, part by part."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visits = cls._kpi("visits", "Visits")

    def setUp(self):
        super().setUp()
        # Parts of one row, and no file short enough to be run at once.
        for module, name in (
            (kpi_import_job, "ROWS_AT_ONCE"),
            (import_run, "BATCH"),
            (kpi_import_measurement, "PART"),
        ):
            value = 0 if name == "ROWS_AT_ONCE" else 1
            patcher = patch.object(module, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def _run_cron(self):
        # Crons are the administrators'.
        cron = self.env.ref("kpi_tracking.kpi_import_cron").sudo()
        with self.enter_registry_test_mode(), mute_logger("odoo.sql_db"):
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def _queued(self, content=ROWS, **values):
        job = self._import(content, **values)
        job.action_import()
        self.assertEqual(job.state, "queued")
        return job

    def test_long_files_are_imported_by_the_cron(self):
        job = self._queued()
        self.assertFalse(self._values_of(self.calls))
        self._run_cron()
        self.assertEqual(job.state, "done", job.error)
        self.assertCounts(job, added=12)
        self.assertEqual((job.step_done_count, job.step_count), (12, 12))
        self.assertEqual(job.progress_ratio, 1.0)
        self.assertEqual(len(self._values_of(self.visits)), 6)
        fact = self.env["kpi.measurement"].search([("report_id", "=", self.calls.id)])
        self.assertEqual(fact.recorded_by_id, self.officer)

    def test_the_cron_imports_with_the_rights_of_who_asked(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        self.env["kpi.definition"].sudo().create(
            {"code": "foreign", "name": "Foreign", "company_id": other.id}
        )._tracked_for("company", other)
        job = self._queued("code,period,value\nforeign,2025-01,1\n")
        self._run_cron()
        self.assertCounts(job, refused=1)

    def test_a_waiting_import_is_stopped_at_once(self):
        job = self._queued()
        job.action_cancel()
        self._run_cron()
        self.assertEqual(job.state, "cancelled")
        self.assertFalse(self._values_of(self.calls))

    def _stop_after(self, steps):
        """Have the import at hand stopped when it has told ``steps`` times of it."""
        progress, told = KpiImport._progress, []

        def progress_and_stop(job, commits, **values):
            told.append(values)
            if len(told) == steps:
                job.action_cancel()
            return progress(job, commits, **values)

        return patch.object(KpiImport, "_progress", progress_and_stop)

    def test_an_import_that_is_stopped_while_reading_writes_nothing(self):
        job = self._queued()
        with self._stop_after(5):
            self._run_cron()
        self.assertEqual(job.state, "cancelled")
        self.assertFalse(self._values_of(self.calls))
        self.assertLess(job.step_done_count, 12)

    def test_parts_written_before_a_stop_stay(self):
        job = self._queued()
        with self._stop_after(16):  # start, 12 rows, counts, what is created, a KPI
            self._run_cron()
        self.assertEqual(job.state, "cancelled")
        written = [len(self._values_of(kpi)) for kpi in (self.calls, self.visits)]
        self.assertEqual(sorted(written), [0, 6])
        job.action_import()
        self._run_cron()
        self.assertCounts(job, added=6, equal=6)

    def test_all_or_nothing_is_written_without_a_stop_in_between(self):
        job = self._queued(policy="all")
        with self._stop_after(14):
            self._run_cron()
        self.assertEqual(job.state, "done", job.error)
        self.assertEqual(len(self._values_of(self.visits)), 6)

    def test_all_or_nothing_leaves_nothing_behind_a_failure(self):
        job = self._queued(policy="all")
        store = kpi_import_measurement.KpiImportMeasurement._store

        def fail_in_the_end(target, run):
            yield from store(target, run)
            raise UserError(target.env._("The disk is full."))

        with patch.object(
            kpi_import_measurement.KpiImportMeasurement, "_store", fail_in_the_end
        ):
            self._run_cron()
        self.assertEqual((job.state, job.error), ("failed", "The disk is full."))
        self.assertFalse(self._values_of(self.calls))

    def test_an_import_left_running_by_a_crash_starts_again(self):
        job = self._queued()
        job.sudo().state = "running"
        self._run_cron()
        self.assertEqual(job.state, "done")

    def test_what_an_import_wrote_before_a_crash_is_not_counted_as_before(self):
        job = self._queued()
        self._run_cron()
        before = (job.added_count, job.equal_count)
        self.assertTrue(job.added_count)
        # killed after its last part, before it could say so
        job.sudo().state = "running"
        self._run_cron()
        self.assertEqual((job.added_count, job.equal_count), before)
        job.action_import()
        self._run_cron()
        self.assertEqual((job.added_count, job.equal_count), (0, sum(before)))

    def test_an_import_that_another_session_runs_is_left_alone(self):
        job = self._queued()
        job.sudo().state = "running"
        with closing(db_connect(self.env.cr.dbname).cursor()) as cr:
            try_session_lock(cr, LOCK_SPACE, job.id)
            self._run_cron()
            self.assertEqual(job.state, "running")
            session_unlock(cr, LOCK_SPACE, job.id)

    def test_a_running_import_is_not_changed(self):
        job = self._queued()
        with self.assertRaisesRegex(UserError, "Stop it first"):
            job.first_year = 2020
        with self.assertRaisesRegex(UserError, "running already"):
            job.action_import()
        with self.assertRaisesRegex(UserError, "Stop it first"):
            job.unlink()

    def test_reading_ends_where_everything_is_refused(self):
        rows = "".join(f"calls,2025-01,x{number}\n" for number in range(9))
        job = self._queued("code,period,value\n" + rows)
        with patch.object(import_run, "MOST_REFUSED", 3):
            self._run_cron()
        self.assertEqual(job.state, "failed")
        self.assertIn("row 2: Column “value”: “x0” is not a number", job.error)
        self.assertLess(job.row_count, 9)

    def test_statements_do_not_grow_with_the_rows(self):
        header, *rows = ROWS.splitlines(keepends=True)
        for module, name in ((import_run, "BATCH"), (kpi_import_measurement, "PART")):
            patcher = patch.object(module, name, 1_000)
            patcher.start()
            self.addCleanup(patcher.stop)
        counts = []
        with patch.object(kpi_import_job, "ROWS_AT_ONCE", 1_000):
            self._import(header + rows[0], is_mapping_kept=False).action_import()
            for part in (rows[1:3], rows[3:]):
                job = self._import(header + "".join(part), is_mapping_kept=False)
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                job.action_import()
                counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 3)
        self.assertEqual(self._values_of(self.calls)[month(6)], 6)
