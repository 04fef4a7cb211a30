from odoo.tests import tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase

FILE = "Date,Department,Calls,VISITS,Remark\n2025-01-31,,5,7,good\n2025-02-28,,6,,x\n"


@tagged("post_install", "-at_install")
class TestKpiImportKpiColumns(KpiImportCase):
    """A column per KPI, which its title names."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.visits = cls._kpi("visits", "Visits at Customers")

    def _checked(self, content, **values):
        job = self._import(content, is_mapping_kept=False, **values)
        self.assertFalse(job.question)
        job.action_check()
        return job

    def test_titles_are_names_and_codes(self):
        job = self._checked(FILE)
        keys = {column.name: column.key for column in job.column_ids}
        self.assertEqual(
            keys,
            {
                "Date": "moment",
                "Department": "department",
                "Calls": "value",
                "VISITS": "value",
                "Remark": False,
            },
        )
        job.action_import_checked()
        self.assertCounts(job, added=3)
        self.assertEqual(self._values_of(self.calls), {month(1): 5, month(2): 6})
        self.assertEqual(self._values_of(self.visits), {month(1): 7})

    def test_unknown_titles_are_listed_once_and_mapped(self):
        job = self._checked(
            "Date,Calls,Vists at Customers\n2025-01-31,5,7\n2025-02-28,6,8\n"
        )
        self.assertEqual(job.refused_count, 2)
        (name,) = job.check_page["unknown"]
        self.assertEqual((name["text"], name["rows"]), ("Vists at Customers", 2))
        self.assertEqual(job.check_page["refused"][0]["wrong"], [2])
        self.assertIn("“Vists at Customers”", job.check_page["refused"][0]["reason"])
        job.action_map("kpi_name", "Vists at Customers", "visits")
        self.assertEqual(job.refused_count, 0)
        job.action_import_checked()
        self.assertEqual(self._values_of(self.visits), {month(1): 7, month(2): 8})

    def test_a_column_that_is_not_imported(self):
        job = self._import("Date,Calls,Area\n2025-01-31,5,7\n")
        self.assertEqual(self._column(job, "Area").key, "value")
        self._column(job, "Area").key = False
        job.action_import()
        self.assertCounts(job, added=1)

    def test_missing_kpis_are_created(self):
        job = self._checked("Date,Calls,Noise\n2025-01-31,5,7\n", creates_kpis=True)
        job.action_import_checked()
        self.assertCounts(job, added=2)
        self.assertTrue(self.env["kpi.definition"].search([("name", "=", "Noise")]))

    def test_a_cell_that_cannot_be_read_is_named(self):
        job = self._checked("Date,Calls,visits\n2025-01-31,5,much\n2025-02,6,7\n")
        self.assertEqual(job.check_page["refused"][0]["wrong"], [2])
        self.assertEqual(self._reasons(job).keys(), {2})

    def test_departments(self):
        self.env["hr.department"].create(
            {"name": "Support", "company_id": self.company.id}
        )
        job = self._checked(
            "Date,Department,Calls,visits\n2025-01-31,Support,5,7\n2025-01-31,,8,9\n",
            creates_kpis=True,
        )
        job.action_import_checked()
        self.assertCounts(job, added=4)
        self.assertEqual(self._values_of(self.calls), {month(1): 8})

    def test_rows_of_one_month_add_up(self):
        job = self._checked(
            "Date,Calls,visits\n2025-01-30,5,7\n2025-01-31,1,x\n", several_rows="sum"
        )
        # Row 3 is refused for its visits, and so all of it: no calls without it.
        self.assertEqual(self._reasons(job).keys(), {2, 3})
        job = self._checked(
            "Date,Calls,visits\n2025-01-30,5,7\n2025-01-31,1,2\n", several_rows="sum"
        )
        job.action_import_checked()
        self.assertEqual(self._values_of(self.visits), {month(1): 9})

    def test_one_value_column_is_no_kpi(self):
        job = self._import("date,actual\n2025-01-31,5\n")
        self.assertIn("the KPI for all rows", job.question)

    def test_targets_need_a_file_of_their_own(self):
        job = self._import("Date,Calls,visits,Target\n2025-01-31,5,7,9\n")
        self.assertIn("import these columns on their own: “Target”", job.question)
        job = self._import("Date,Calls,Target\n2025-01-31,5,9\n")
        self.assertFalse(job.question)

    def test_targets_per_column(self):
        job = self._import(
            "valid from,Calls,visits\n2025-01-01,≥ 5,7\n",
            target_model="kpi.import.kpi.target",
        )
        job.action_import()
        self.assertCounts(job, added=2)
