from odoo.tests import tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase

FILE = (
    "Department,KPI,Month,Value\nSales,Calls,2026-01,10\n,Calls,2026-02,11\n"
    "Support,Calls,2026-01,5\n,Calls,2026-03,6\n"
)


@tagged("post_install", "-at_install")
class TestKpiImportGroups(KpiImportCase):
    """Files of pivot tables, where the first row of a group has its name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_departments("Sales", "Support")

    def test_empty_cells_are_asked_about(self):
        job = self._import(FILE, creates_kpis=True)
        column = self._column(job, "Department")
        self.assertTrue(column.can_group)
        self.assertIn("“Department”: Choose the meaning of empty cells", job.question)
        self.assertFalse(self._column(job, "KPI").can_group)

    def test_names_above(self):
        job = self._import(FILE, creates_kpis=True)
        self._column(job, "Department").blank_means = "above"
        self.assertFalse(job.question)
        job.action_check()
        self.assertEqual(job.check_page["accepted"][1]["cells"][0], "Sales")
        job.action_import_checked()
        self.assertEqual(
            self._values_by_department(),
            {
                ("Sales", month(1, 2026)): 10,
                ("Sales", month(2, 2026)): 11,
                ("Support", month(1, 2026)): 5,
                ("Support", month(3, 2026)): 6,
            },
        )
        # The next file with these titles is read in the same way.
        again = self._import(FILE, creates_kpis=True)
        self.assertFalse(again.question)

    def test_values_of_the_company(self):
        job = self._import(FILE, creates_kpis=True)
        self._column(job, "Department").blank_means = "nothing"
        job.action_import()
        self.assertEqual(
            self._values_of(self.calls), {month(2, 2026): 11, month(3, 2026): 6}
        )

    def test_other_columns_are_not_asked_about(self):
        job = self._import(
            "KPI,Month,Value,Remark\nCalls,2026-01,5,ok\nCalls,2026-02,5,\n"
        )
        self.assertFalse(job.question)
