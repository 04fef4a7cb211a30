"""An officer who imports files, and what came of them."""

import base64
from datetime import date
from unittest.mock import patch

from odoo.tests import TransactionCase, new_test_user

from ..engine.tabular import find_header, open_table
from ..models.file_import import import_run, kpi_import
from ..models.file_import.kpi_import_job import KpiImport
from .common import run_cron

OFFICER = "kpi_base.kpi_base_group_officer"
COUNTS = ("added", "changed", "equal", "refused", "empty", "totals")


class ImportCase(TransactionCase):
    """The environment is that of an officer in a company of its own."""

    officer_groups = OFFICER
    # what is imported where a test does not say it; empty: the default
    target_model = ""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        at_once = patch.object(kpi_import, "ROWS_AT_ONCE", 2_000)
        at_once.start()
        cls.addClassCleanup(at_once.stop)
        cls.company = cls.env["res.company"].create({"name": "Importing"})
        cls.officer = new_test_user(
            cls.env,
            "kpi_importer",
            cls.officer_groups,
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.env = cls.env(
            user=cls.officer,
            context={
                "allowed_company_ids": cls.company.ids,
                "tracking_disable": True,
            },
        )

    def setUp(self):
        super().setUp()
        self._known_costs = {}

    @classmethod
    def _import(cls, content, name="values.csv", **values):
        """An import of ``content`` whose titles were read.

        :param values: fields, and what the target asks for
        """
        if isinstance(content, str):
            content = content.encode()
        known = cls.env["kpi.import"]._fields
        options = {name: values.pop(name) for name in values.keys() - known.keys()}
        values["target_options"] = options
        if cls.target_model:
            values = {"target_model": cls.target_model, **values}
        job = cls.env["kpi.import"].create(
            {"file": base64.b64encode(content), "file_name": name, **values}
        )
        job.action_read()
        return job

    @classmethod
    def _imported(cls, content, **values):
        job = cls._import(content, **values)
        job.action_import()
        return job

    def _count_statements(self, content, **values):
        """Statements of a check, and the number of rows that it refuses."""
        job = self._import(content, is_mapping_kept=False, **values)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        job.action_check()
        self.assertEqual(job.state, "checked", job.error)
        return self.env.cr.sql_log_count - before, job.refused_count

    def assertRefusedCheap(self, good, refused, rows=300, **values):
        """Assert that refused rows take at most twice the statements of good ones.

        :param good, refused: files, of so many ``rows`` each; a good one is checked
            once in a test
        """
        if good not in self._known_costs:
            self._count_statements(good, **values)  # what Odoo keeps for all calls
            self._known_costs[good], count = self._count_statements(good, **values)
            self.assertEqual(count, 0)
        found, count = self._count_statements(refused, **values)
        self.assertEqual(count, rows)
        self.assertLessEqual(found, 2 * self._known_costs[good])

    def _column(self, job, title):
        return job.column_ids.filtered(lambda column: column.name == title)

    def assertCounts(self, job, **expected):
        """Assert how many rows or values were added, changed …; 0 where not given."""
        found = {name: job[f"{name}_count"] for name in COUNTS}
        wanted = {**dict.fromkeys(COUNTS, 0), **expected}
        self.assertEqual(found, wanted, job.error or self._reasons(job))

    def _refused_table(self, job):
        """Titles and rows of the file of refused rows."""
        if not job.refused_file:
            return [], []
        table = open_table(base64.b64decode(job.refused_file))
        header = find_header(table.rows())
        rows = [row.cells for row in table.rows() if row.number > header.number]
        return list(header.titles), rows

    def _reasons(self, job):
        """Row number → reason."""
        titles, rows = self._refused_table(job)
        place = len(titles) - 2
        return {int(cells[place]): cells[place + 1] for cells in rows}


class ImportJobMixin:
    """Files that are too long to be imported at once, for an ``ImportCase``.

    Parts have one row. ``queued_content`` is what is imported.
    """

    queued_content = ""

    def setUp(self):
        super().setUp()
        self._patch(kpi_import, "ROWS_AT_ONCE", 0)
        self._patch(import_run, "BATCH", 1)

    def _patch(self, module, name, value):
        patcher = patch.object(module, name, value)
        patcher.start()
        self.addCleanup(patcher.stop)

    def _run_cron(self):
        run_cron(self, "kpi_base.kpi_import_cron")

    def _queued(self, content="", **values):
        job = self._import(content or self.queued_content, **values)
        job.action_import()
        self.assertEqual(job.state, "queued")
        return job

    def _stop_after(self, steps):
        """Have the current import stopped when it has reported ``steps`` times."""
        progress, told = KpiImport._progress, []

        def progress_and_stop(job, commits, **values):
            told.append(values)
            if len(told) == steps:
                job.action_cancel()
            return progress(job, commits, **values)

        return patch.object(KpiImport, "_progress", progress_and_stop)


def month(number, year=2025):
    return date(year, number, 1)
