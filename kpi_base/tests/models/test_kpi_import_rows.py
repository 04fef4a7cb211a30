import base64
from unittest.mock import patch

from odoo.tests import tagged

from ...engine.spreadsheet import write_xlsx
from ..count_import_case import CountImportCase
from ..import_case import month

HEAD = "code,period,value\n"


@tagged("post_install", "-at_install")
class TestKpiImportRows(CountImportCase):
    """Rows that are refused, each with its reason; the good ones are imported."""

    def _reason(self, rows, head=HEAD, number=2, **values):
        """Return why row ``number`` is refused; a good row behind it is imported."""
        job = self._imported(head + rows, **values)
        self.assertEqual(job.state, "done", job.error)
        return self._reasons(job).get(number, "")

    def test_cells_that_are_no_numbers(self):
        for cell in ("abc", "NaN", "Infinity", "-inf", "#N/A", "1e999", "12;5"):
            with self.subTest(cell=cell):
                rows = f"calls,2025-01,{cell}\ncalls,2025-02,1\n"
                reason = self._reason(rows)
                self.assertIn(f"Column “value”: “{cell}” is not a", reason)

    def test_good_rows_are_imported_and_bad_ones_come_back_as_they_were(self):
        job = self._imported(
            "code;period;value;remark\ncalls;2025-01;x;=1+1\ncalls;2025-02;1,5;y\n"
        )
        self.assertCounts(job, added=1, refused=1)
        self.assertEqual(self._values_of(self.calls), {month(2): 1.5})
        content = base64.b64decode(job.refused_file).decode("utf-8-sig")
        self.assertEqual(
            content.splitlines(),
            [
                "code;period;value;remark;Row;Reason",
                "calls;2025-01;x;'=1+1;2;"
                "Column “value”: “x” is not a number such as 12,5.",
            ],
        )
        self.assertEqual(job.refused_file_name, "values - refused rows.csv")

    def test_workbooks_come_back_as_workbooks(self):
        content = write_xlsx([["code", "period", "value"], ["calls", "2025-01", "x"]])
        job = self._import(content, name="May.xlsx")
        job.action_import()
        self.assertEqual(job.refused_file_name, "May - refused rows.xlsx")
        self.assertIn("is not a number", self._reasons(job)[2])

    def test_rows_are_tried_one_by_one_where_one_cannot_be_written(self):
        """Counts are from 0 on: only the records know."""
        target = self.registry["kpi.test.import"]
        for content, tries, counts in (
            ("code,period,value\ncalls,2025-01,1\n", 0, {"added": 1}),
            (
                "code,period,value\ncalls,2025-02,1\ncalls,2025-03,-1\n",
                1,
                {"added": 1, "refused": 1},
            ),
        ):
            with patch.object(
                target,
                "_refuse_unwritable",
                autospec=True,
                side_effect=target._refuse_unwritable,
            ) as tried:
                job = self._imported(content)
                self.assertEqual(tried.call_count, tries)
            self.assertEqual(job.state, "done", job.error)
            self.assertCounts(job, **counts)

    def test_a_refused_file_is_imported_once_it_is_mended(self):
        job = self._imported(HEAD + "calls,2025-01,x\n")
        content = base64.b64decode(job.refused_file).decode("utf-8-sig")
        again = self._imported(content.replace(",x,", ",3,"))
        self.assertEqual(again.state, "done")
        self.assertEqual(self._values_of(self.calls), {month(1): 3})

    def test_a_refused_file_with_more_errors_can_be_mended_again(self):
        content = HEAD + "calls,2025-01,x\ncalls,2025-02,y\n"
        for wrong, count in (("x", 2), ("y", 1)):
            job = self._imported(content)
            self.assertEqual(job.refused_count, count)
            self.assertEqual(
                self._refused_table(job)[0],
                ["code", "period", "value", "Row", "Reason"],
            )
            content = base64.b64decode(job.refused_file).decode("utf-8-sig")
            content = content.replace(f",{wrong},", ",3,")
        self.assertCounts(self._imported(content), added=1)
        self.assertEqual(self._values_of(self.calls), {month(1): 3, month(2): 3})

    def test_a_row_is_imported_whole_or_not_at_all(self):
        job = self._imported("code,2025-01,2025-02\ncalls,1,x\n")
        self.assertCounts(job, refused=1)
        self.assertFalse(self._values_of(self.calls))

    def test_rows_that_say_the_same_name_each_other(self):
        job = self._imported(
            HEAD + "calls,2025-01,1\ncalls,2025-02,2\ncalls,31.01.2025,3\n"
        )
        self.assertCounts(job, added=1, refused=2)
        reason = "Row %s is a duplicate. Remove one of them."
        self.assertEqual(self._reasons(job), {2: reason % 4, 4: reason % 2})

    def test_of_many_rows_that_say_the_same_each_names_others(self):
        job = self._imported(HEAD + "calls,2025-01,1\n" * 3)
        self.assertEqual(
            self._reasons(job)[3], "Rows 2, 4 are duplicates. Remove all but one."
        )

    def test_columns_of_one_period_are_no_duplicate_rows(self):
        job = self._imported("code,2025-01,Jan 2025\ncalls,1,2\n")
        self.assertCounts(job, refused=1)
        reason = "Several columns are for the same period. Import only one."
        self.assertEqual(self._reasons(job), {2: reason})

    def test_totals_rows_are_left_out_and_reported(self):
        job = self._imported(HEAD + "calls,2025-01,1\nTotal,,1\n", policy="all")
        self.assertEqual(job.state, "done")
        self.assertCounts(job, added=1, totals=1)
        self.assertEqual(self._reasons(job), {3: "Totals row: not imported."})

    def test_ragged_rows(self):
        job = self._imported(
            HEAD + "calls,2025-01\ncalls,2025-02,1,2\ncalls,2025-03,1,\n"
        )
        self.assertEqual(
            self._reasons(job),
            {
                2: "The row has 2 cells, but there are 3 titles.",
                3: "The row has 4 cells, but there are 3 titles.",
            },
        )
        self.assertEqual(list(self._values_of(self.calls)), [month(3)])
        content = base64.b64decode(job.refused_file).decode("utf-8-sig")
        surplus = content.splitlines()[2]
        self.assertTrue(surplus.startswith("calls,2025-02,1,3,"), surplus)
        self.assertTrue(surplus.endswith('titles.",2'), surplus)

    def test_rows_without_a_value_are_counted_and_left_out(self):
        job = self._imported(
            HEAD + "calls,2025-01,No Data\ncalls,2025-02,\ncalls,2025-03,0\n",
            no_value_texts="no data; 0",
        )
        self.assertCounts(job, empty=3)

    def test_a_row_with_an_error_is_no_empty_row(self):
        job = self._imported("code,2025-01,2025-02\ncalls,x,\ncalls,,\n")
        self.assertCounts(job, refused=1, empty=1)

    def test_all_reasons_of_a_row_are_named(self):
        reason = self._reason("calls,soon,x\n")
        self.assertIn("Column “period”", reason)
        self.assertIn("Column “value”", reason)

    def test_a_text_longer_than_any_cell(self):
        reason = self._reason(f"{'x' * 100_000},2025-01,1\n")
        self.assertIn("is longer than 32,767 characters", reason)
