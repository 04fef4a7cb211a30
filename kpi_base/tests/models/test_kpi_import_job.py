import threading
import time
from contextlib import closing, suppress
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import tagged

from ...models.file_import import import_run, kpi_import_job
from ...models.file_import.kpi_import_job import LOCK_SPACE
from ...models.record.session_lock import session_unlock, try_session_lock
from ...repeat import ATTEMPTS
from ..count_import_case import CountImportCase
from ..import_case import ImportJobMixin

ROWS = "code,period,value\n" + "".join(
    f"{code},2025-{number:02},{number}\n"
    for code in ("calls", "visits")
    for number in range(1, 7)
)


@tagged("post_install", "-at_install")
class TestKpiImportJob(ImportJobMixin, CountImportCase):
    """Long files: run by the cron, part by part."""

    queued_content = ROWS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visits = cls._team("visits")

    def test_long_files_are_imported_by_the_cron(self):
        job = self._queued()
        self.assertFalse(self._values_of(self.calls))
        self._run_cron()
        self.assertEqual(job.state, "done", job.error)
        self.assertCounts(job, added=12)
        self.assertEqual((job.step_done_count, job.step_count), (12, 12))
        self.assertEqual(job.progress_ratio, 1.0)
        self.assertEqual(len(self._values_of(self.visits)), 6)
        counts = self.env["kpi.test.count"].search([("team_id", "=", self.calls.id)])
        self.assertEqual(counts.create_uid, self.officer)

    def test_a_long_import_is_not_taken_for_one_that_hangs(self):
        """Odoo's threads restart where a cron's began longer ago than its limit."""
        self._queued()
        thread, begun = threading.current_thread(), time.time() - 3600
        with (
            patch.object(thread, "type", "cron", create=True),
            patch.object(thread, "start_time", begun, create=True),
        ):
            self._run_cron()
            self.assertGreater(thread.start_time, begun + 3000)

    def test_the_cron_imports_with_the_rights_of_who_asked(self):
        system = self.env(user=SUPERUSER_ID)  # whoever makes a company is one of it
        other = system["res.company"].create({"name": "Other"})
        system["kpi.team"].create({"name": "foreign", "company_id": other.id})
        job = self._queued("code,period,value\nforeign,2025-01,1\n")
        self._run_cron()
        self.assertCounts(job, refused=1)

    def test_a_waiting_import_is_stopped_at_once(self):
        job = self._queued()
        job.action_cancel()
        self._run_cron()
        self.assertEqual(job.state, "cancelled")
        self.assertFalse(self._values_of(self.calls))

    def test_an_import_that_is_stopped_while_reading_writes_nothing(self):
        job = self._queued()
        with self._stop_after(5):
            self._run_cron()
        self.assertEqual(job.state, "cancelled")
        self.assertFalse(self._values_of(self.calls))
        self.assertLess(job.step_done_count, 12)

    def test_parts_written_before_a_stop_stay(self):
        job = self._queued()
        with self._stop_after(16):  # start, 12 rows, check, counts, a team
            self._run_cron()
        self.assertEqual(job.state, "cancelled")
        written = [len(self._values_of(team)) for team in (self.calls, self.visits)]
        self.assertEqual(sorted(written), [0, 6])
        job.action_import()
        self._run_cron()
        self.assertCounts(job, added=6, equal=6)

    def test_all_or_nothing_is_written_without_a_stop_in_between(self):
        job = self._queued(policy="all")
        with self._stop_after(15):
            self._run_cron()
        self.assertEqual(job.state, "done", job.error)
        self.assertEqual(len(self._values_of(self.visits)), 6)

    def test_all_or_nothing_leaves_nothing_behind_a_failure(self):
        job = self._queued(policy="all")
        targets = self.registry["kpi.test.import"]
        store = targets._store

        def fail_in_the_end(target, run):
            yield from store(target, run)
            raise UserError("The disk is full.")

        with patch.object(targets, "_store", fail_in_the_end):
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
        with self.assertRaisesRegex(UserError, "already running"):
            job.action_import()
        with self.assertRaisesRegex(UserError, "Stop it first"):
            job.unlink()

    def test_reading_ends_where_everything_is_refused(self):
        rows = "".join(f"calls,2025-01,x{number}\n" for number in range(9))
        job = self._queued("code,period,value\n" + rows)
        with patch.object(import_run, "MOST_REFUSED", 3):
            self._run_cron()
        self.assertEqual(job.state, "failed")
        self.assertIn("row 2: Column “value”: “x0”: “x” is not a known unit", job.error)
        self.assertLess(job.row_count, 9)

    def test_a_failure_that_nobody_foresaw_is_told_and_logged(self):
        job = self._queued()
        targets = self.registry["kpi.test.import"]
        with (
            patch.object(targets, "_counts", lambda target, run: 1 / 0),
            self.assertLogs("odoo.addons.kpi_base.models.file_import", "ERROR"),
        ):
            self._run_cron()
        self.assertEqual((job.state, job.error), ("failed", "division by zero"))
        self.assertFalse(self._values_of(self.calls))

    def _late(self, times):
        """A target whose first ``times`` attempts to write come too late."""
        targets, tries = self.registry["kpi.test.import"], []
        store = targets._store

        def store_late(target, run):
            tries.append(run)
            if len(tries) <= times:
                raise SerializationFailure("somebody else was first")
            yield from store(target, run)

        return patch.object(targets, "_store", store_late)

    def test_others_who_write_meanwhile_are_waited_for(self):
        job = self._queued()
        with self._late(ATTEMPTS - 1):
            self._run_cron()
        self.assertEqual(job.state, "done", job.error)
        self.assertEqual(len(self._values_of(self.visits)), 6)

    def test_an_import_gives_up_when_others_write_all_the_time(self):
        job = self._queued()
        with self._late(ATTEMPTS):
            self._run_cron()
        self.assertEqual(job.state, "failed")
        self.assertIn("Import again", job.error)
        self.assertFalse(self._values_of(self.visits))

    def test_an_import_that_never_began_is_stopped_only_while_it_runs(self):
        job = self._import(ROWS)
        self.assertFalse(job.can_stop)
        job.action_cancel()
        self.assertEqual(job.state, "matched")
        job.action_import()
        self.assertTrue(job.can_stop)
        job.sudo().state = "running"
        job.action_cancel()
        self.assertEqual((job.state, job.can_stop), ("running", False))
        self.assertTrue(job.is_cancel_requested)

    def _slice(self):
        """Have each run end after its first part; parts have one row."""
        self._patch(kpi_import_job, "SLICE_SECONDS", 0)
        self._patch(self.registry["kpi.test.import"], "_tried_at_once", 1)

    def test_a_long_import_is_checked_and_written_by_several_runs(self):
        rows = ROWS + "calls,2025-07,-1\nvisits,2025-07,7\n"
        self._slice()
        job, told = self._queued(rows), []
        for _run in range(30):
            self._run_cron()
            told.append((job.state, job.phase, job.step_done_count))
            if job.state != "queued":
                break
        self.assertEqual(job.state, "done", job.error)
        self.assertCounts(job, added=13, refused=1)
        self.assertIn("calls counts from 0 on", self._reasons(job)[14])
        self.assertEqual(len(self._values_of(self.visits)), 7)
        # a run for each row below the title and each team; the next one ends it
        checked = [each for each in told if each[1] == "checking"]
        self.assertEqual(checked, [("queued", "checking", n) for n in range(2, 16)])
        self.assertEqual(len(told), 14 + 2 + 1)

    def test_an_import_that_is_killed_three_times_says_so_and_ends(self):
        job, told = self._queued(), []

        def kill(target, run, after=0):
            told.append(after)
            raise SystemExit

        with patch.object(self.registry["kpi.test.import"], "_refuse_unwritable", kill):
            for _time in range(4):
                if job.state in ("queued", "running"):
                    with suppress(SystemExit):
                        self._run_cron()
                    self.env.invalidate_all()
        self.assertEqual(len(told), 3)
        self._run_cron()
        self.assertEqual(job.state, "failed")
        self.assertIn("interrupted 3 times, last at row 12", job.error)
        job.action_import()
        self._run_cron()
        self.assertEqual(job.state, "done", job.error)
