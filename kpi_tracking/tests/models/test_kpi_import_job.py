from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.kpi_base.models.file_import import import_run, kpi_import
from odoo.addons.kpi_base.tests.import_case import ImportJobMixin, month

from ...models.integration import kpi_import_measurement
from ..import_case import KpiImportCase

ROWS = "code,period,value\n" + "".join(
    f"{code},2025-{number:02},{number}\n"
    for code in ("calls", "visits")
    for number in range(1, 7)
)


@tagged("post_install", "-at_install")
class TestKpiImportJob(ImportJobMixin, KpiImportCase):
    """Long files of values: written KPI by KPI."""

    queued_content = ROWS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visits = cls._kpi("visits", "Visits")

    def setUp(self):
        super().setUp()
        self._patch(kpi_import_measurement, "PART", 1)

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
        )._track_for("company", other)
        job = self._queued("code,period,value\nforeign,2025-01,1\n")
        self._run_cron()
        self.assertCounts(job, refused=1)

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

    def test_statements_do_not_grow_with_the_rows(self):
        header, *rows = ROWS.splitlines(keepends=True)
        for module, name in ((import_run, "BATCH"), (kpi_import_measurement, "PART")):
            self._patch(module, name, 1_000)
        counts = []
        with patch.object(kpi_import, "ROWS_AT_ONCE", 1_000):
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
