from datetime import date

from odoo.tests import tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase

HEAD = "line,date,amount\n"
LINES = (
    "Diesel,2025-01-31,12.1\n"
    "Diesel,2025-01-02,30.2\n"
    "Diesel,2025-02-10,7\n"
    "Paper,2025-01-09,4\n"
)


@tagged("post_install", "-at_install")
class TestKpiImportSeveralRows(KpiImportCase):
    """Several rows of a KPI and period, such as the lines of a ledger."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.diesel = cls._kpi("diesel", "Diesel")
        cls.paper = cls._kpi("paper", "Paper")

    def _ledger(self, rows, head=HEAD, **values):
        job = self._import(head + rows, is_mapping_kept=False, **values)
        for title, key in (("line", "kpi_name"), ("amount", "value")):
            self._column(job, title).key = key
        return job

    def _added_up(self, rows, **values):
        job = self._ledger(rows, **{"several_rows": "sum", **values})
        job.action_import()
        self.assertEqual(job.state, "done", job.error)
        return job

    def _all_values(self):
        return {
            code: self._values_of(report)
            for code, report in (("diesel", self.diesel), ("paper", self.paper))
        }

    def test_without_a_choice_they_are_refused_and_it_is_offered(self):
        job = self._ledger(LINES)
        job.action_check()
        self.assertEqual(job.refused_count, 2)
        fixes = {fix["label"]: fix for fix in job.check_page["fixes"]}
        fix = fixes["Several Rows per Period: Add Up"]
        self.assertEqual(fix["detail"], "Rows fixed: 2")
        self.assertIn("Several Rows per Period: Average", fixes)
        job.action_fix(fix["key"])
        self.assertEqual((job.refused_count, job.accepted_count), (0, 4))
        self.assertEqual(job.added_count, 3)
        combined = job.check_page["combined"]
        self.assertEqual((combined["titles"], combined["count"]), (["Value"], 1))
        (value,) = combined["records"]
        self.assertIn("Diesel", value["record"])
        self.assertIn("Jan 2025", value["record"])
        self.assertEqual((value["rows"], value["cells"]), ("2 (2, 3)", ["42.3"]))
        job.action_import_checked()
        self.assertEqual(
            self._all_values(),
            {"diesel": {month(1): 42.3, month(2): 7}, "paper": {month(1): 4}},
        )
        again = self._added_up(LINES)
        self.assertCounts(again, equal=3)

    def test_the_average(self):
        self._added_up(LINES, several_rows="mean")
        # (12.1 + 30.2) / 2
        self.assertEqual(self._values_of(self.diesel)[month(1)], 21.15)

    def test_the_latest_row_is_that_of_the_latest_date(self):
        same_day = "Paper,2025-03-01,1\nPaper,2025-03-01,2\nPaper,2025-03-01,\n"
        self._added_up(LINES + same_day, several_rows="last")
        self.assertEqual(self._values_of(self.diesel)[month(1)], 12.1)
        self.assertEqual(self._values_of(self.paper)[month(3)], 2)

    def test_a_refused_row_refuses_its_whole_value(self):
        job = self._added_up(LINES + "Diesel,2025-01-20,many\n")
        self.assertEqual(
            self._all_values(), {"diesel": {month(2): 7}, "paper": {month(1): 4}}
        )
        reasons = self._reasons(job)
        whole = "Row 6, of the same value, has an error."
        self.assertEqual((reasons[2], reasons[3]), (whole, whole))
        self.assertIn("“many” is not a number", reasons[6])
        self.assertEqual(reasons.keys(), {2, 3, 6})

    def test_a_row_that_one_other_row_completes(self):
        job = self._added_up("Paper,2025-01-02,4\nPaper,2025-01-03,5 kg\n")
        self.assertEqual(self._reasons(job).keys(), {2, 3})
        self.assertFalse(self._values_of(self.paper))

    def test_a_row_in_another_unit_refuses_its_whole_value(self):
        job = self._added_up(LINES + "Diesel,2025-01-20,5 EUR\n")
        self.assertEqual(self._reasons(job).keys(), {2, 3, 6})

    def test_a_row_without_a_date_may_be_of_all_values_of_its_kpi(self):
        job = self._added_up(LINES + "Diesel,someday,5\n")
        self.assertEqual(self._all_values(), {"diesel": {}, "paper": {month(1): 4}})
        may = "Row 6 has an error and may be of the same value."
        self.assertEqual({self._reasons(job)[n] for n in (2, 3, 4)}, {may})

    def test_a_row_without_a_kpi_may_be_of_all_values_of_its_month(self):
        self._added_up(LINES + ",2025-01-20,5\n")
        self.assertEqual(self._all_values(), {"diesel": {month(2): 7}, "paper": {}})

    def test_a_row_with_too_few_cells_may_be_of_any_value(self):
        job = self._added_up(LINES + "5,2025-01-20\n")
        # Its third cell, the amount, is not there.
        self.assertEqual(self._reasons(job).keys(), {6})
        job = self._added_up(LINES + "Diesel,extra,2025-01-20,5\n")
        self.assertEqual(self._reasons(job).keys(), {2, 3, 4, 5, 6})

    def test_rows_of_an_unknown_kpi_are_of_no_other_value(self):
        job = self._added_up(LINES + "Glue,2025-01-20,5\nDiesel,2025-01-21,\n")
        self.assertEqual(self._reasons(job).keys(), {6})
        self.assertEqual(self._values_of(self.diesel)[month(1)], 42.3)

    def test_targets_are_added_up_as_well(self):
        rows = "Diesel,2025-01-31,10,6\nDiesel,2025-01-02,30,7\nPaper,2025-01-09,4,\n"
        self._added_up(rows, head="line,date,amount,target\n")
        self.assertEqual(self._values_of(self.diesel), {month(1): 40})
        targets = self.env["kpi.target"].search([("report_id", "=", self.diesel.id)])
        self.assertEqual(targets.mapped("value"), [13])

    def test_new_kpis(self):
        job = self._added_up(
            "Glue,2025-01-20,5\nGlue,2025-01-21,6\n", creates_kpis=True
        )
        self.assertCounts(job, added=1)
        (glue,) = self.env["kpi.definition"].search([("name", "=", "Glue")]).report_ids
        self.assertEqual(self._values_of(glue), {month(1): 11})

    def test_two_columns_of_one_period_are_added_up(self):
        job = self._import(
            "code,A,B\ndiesel,1,2\n", is_mapping_kept=False, several_rows="sum"
        )
        for title in "AB":
            self._column(job, title).write(
                {"key": "value", "period_day": date(2025, 1, 1), "decimal_mark": "."}
            )
        job.action_import()
        self.assertEqual(self._values_of(self.diesel), {month(1): 3})

    def test_yes_and_no_do_not_add_up(self):
        self._kpi("open", "Open", unit="boolean")
        job = self._added_up("open,2025-01-20,1\nopen,2025-01-21,1\n")
        self.assertEqual(self._reasons(job).keys(), {2, 3})
        self.assertIn("use 1 for yes or 0 for no", self._reasons(job)[2])

    def test_what_adds_up_to_no_number_is_refused(self):
        job = self._added_up("Paper,2025-01-20,1e308\nPaper,2025-01-21,1e308\n")
        self.assertIn("add up to too much", self._reasons(job)[2])
