"""An officer, some KPIs that people enter, and files to import for them."""

import base64
from datetime import date

from odoo.tests import TransactionCase, new_test_user

from ..engine.tabular import find_header, open_table

OFFICER = "kpi_tracking.kpi_tracking_group_officer"
COUNTS = ("added", "changed", "equal", "refused", "empty", "totals")


class KpiImportCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Importing"})
        cls.officer = new_test_user(
            cls.env,
            "kpi_importer",
            f"{OFFICER},hr.group_hr_user",
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
        cls.calls = cls._kpi("calls", "Calls")

    @classmethod
    def _kpi(cls, code, name, **values):
        definition = cls.env["kpi.definition"].create(
            {"code": code, "name": name, "computation": "manual", **values}
        )
        return definition._tracked_for("company", cls.company)

    @classmethod
    def _import(cls, content, name="values.csv", **values):
        """An import of ``content`` whose titles were read."""
        if isinstance(content, str):
            content = content.encode()
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

    def _column(self, job, title):
        return job.column_ids.filtered(lambda column: column.name == title)

    def _values_of(self, report):
        """First day of the period → value."""
        facts = self.env["kpi.measurement"].search([("report_id", "=", report.id)])
        return {fact.period_start: fact.value for fact in facts}

    def assertCounts(self, job, **expected):
        """How many rows or values were added, changed …; 0 where not given."""
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


def month(number, year=2025):
    return date(year, number, 1)
