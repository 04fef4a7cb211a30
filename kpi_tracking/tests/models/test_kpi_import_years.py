from odoo.tests import tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase


@tagged("post_install", "-at_install")
class TestKpiImportYears(KpiImportCase):
    """Files with the year in a separate column, or above the months."""

    def _imported_values(self, content, report=None, **values):
        job = self._import(content, is_mapping_kept=False, **values)
        self.assertFalse(job.question)
        job.action_import()
        self.assertEqual(job.refused_count, 0, self._reasons(job))
        return self._values_of(report or self.calls)

    def test_months_in_the_year_of_another_column(self):
        values = self._imported_values(
            "KPI,Year,Month,Value\nCalls,2025,1,5\nCalls,2025,February,6\n"
            "Calls,2024,12,4\n"
        )
        expected = {month(1): 5, month(2): 6, month(12, 2024): 4}
        self.assertEqual(values, expected)

    def test_weeks_in_the_year_of_another_column(self):
        visits = self._kpi("visits", "Visits", frequency="week")
        job = self._import("KPI,Year,Week,Value\nVisits,2025,2,5\n")
        self._column(job, "Week").key = "moment"
        job.action_import()
        (day,) = self._values_of(visits)
        self.assertEqual(day.isocalendar()[:2], (2025, 2))

    def test_numbers_that_are_not_clear_are_refused(self):
        job = self._import("KPI,Year,Period,Value\nCalls,2025,3,5\n")
        job.action_import()
        self.assertIn("“3” is not a date", self._reasons(job)[2])

    def test_years_alone(self):
        yearly = self._kpi("yearly", "Yearly", frequency="year")
        values = self._imported_values("KPI,Year,Value\nYearly,2025,5\n", yearly)
        self.assertEqual(values, {month(1): 5})

    def test_years_above_months(self):
        content = "KPI,2025,,2024,\n,Jan,Feb,Jan,Feb\nCalls,1,2,3,4\n"
        values = self._imported_values(content)
        self.assertEqual(
            values, {month(1): 1, month(2): 2, month(1, 2024): 3, month(2, 2024): 4}
        )

    def test_periods_in_titles_and_rows_contradict(self):
        job = self._import("KPI,Month,2025,2024\nCalls,January,5,7\n")
        self.assertIn("set “Month” to (not imported)", job.question)

    def test_totals_next_to_months(self):
        values = self._imported_values(
            "KPI,Jan 2025,Feb 2025,Q1 2025,2025,Total\nCalls,1,2,3,3,3\n"
        )
        self.assertEqual(values, {month(1): 1, month(2): 2})
        values = self._imported_values("KPI,2025-01-01,2025-02-28,YTD\nCalls,1,2,3\n")
        self.assertEqual(values, {month(1): 1, month(2): 2})
