from odoo.tests import tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase

FILE = "Month,Sales,SUPPORT,Total\n2025-01,10,5,15\n2025-02,12,,12\n"


@tagged("post_install", "-at_install")
class TestKpiImportScopeColumns(KpiImportCase):
    """A column per department, team or person, which its title names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_departments("Sales", "Support")

    def _of_calls(self, content, **values):
        kpi = self.calls.definition_id.id
        given = {"definition_id": kpi, "is_mapping_kept": False, **values}
        return self._import(content, creates_kpis=True, **given)

    def _values_by_month(self):
        found = self._values_by_department()
        return {(name, start.month): value for (name, start), value in found.items()}

    def test_one_kpi_per_file(self):
        job = self._of_calls(FILE)
        self.assertFalse(job.question)
        self.assertFalse(self._column(job, "Total").key)
        job.action_check()
        self.assertEqual(job.refused_count, 0, self._reasons(job))
        job.action_import_checked()
        self.assertEqual(
            self._values_by_month(),
            {("Sales", 1): 10, ("Support", 1): 5, ("Sales", 2): 12},
        )

    def test_a_column_of_kpis(self):
        job = self._import(
            "KPI,Month,Sales,Support\nCalls,2025-01,10,5\n",
            is_mapping_kept=False,
            creates_kpis=True,
        )
        job.action_import()
        self.assertEqual(self._values_by_month(), {("Sales", 1): 10, ("Support", 1): 5})

    def test_people(self):
        job = self._of_calls("Month,kpi_importer,Nobody Here\n2025-01,10,5\n")
        job.action_check()
        (unknown,) = job.check_page["unknown"]
        self.assertEqual((unknown["key"], unknown["text"]), ("user", "Nobody Here"))
        self.assertEqual(job.check_page["refused"][0]["wrong"], [2])
        self._column(job, "Nobody Here").key = False
        job.action_import()
        report = self.env["kpi.report"].search(
            [("user_id", "=", self.officer.id), ("code", "=", "calls")]
        )
        self.assertEqual(self._values_of(report), {month(1): 10})

    def test_names_that_are_not_found_are_mapped(self):
        job = self._of_calls("Month,Sales,Suport\n2025-01,10,5\n")
        job.action_check()
        self.assertEqual(job.refused_count, 1)
        job.action_map("department", "Suport", "Support")
        job.action_import_checked()
        self.assertEqual(self._values_by_month(), {("Sales", 1): 10, ("Support", 1): 5})

    def test_a_column_of_departments_decides(self):
        job = self._of_calls("Month,Department,Sales\n2025-01,Support,10\n")
        self.assertFalse(self._column(job, "Sales").key)

    def test_titles_of_values_are_no_names(self):
        job = self._of_calls("Month,Value\n2025-01,10\n")
        self.assertFalse(job._named_columns())
