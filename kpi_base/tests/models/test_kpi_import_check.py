import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools.translate import code_translations

from ...models.file_import import import_run, kpi_import, kpi_import_page
from ..count_import_case import CountImportCase
from ..import_case import OFFICER, month

HEAD = "code,period,value\n"


@tagged("post_install", "-at_install")
class TestKpiImportCheck(CountImportCase):
    """The page of a check: rows with errors, where the others go, and fixes."""

    def _checked(self, rows, head=HEAD, changes=None, **values):
        """A check of rows; ``changes``: title of a column → values of it."""
        values.setdefault("is_mapping_kept", False)
        job = self._import(head + rows, **values)
        for title, given in (changes or {}).items():
            self._column(job, title).write(given)
        job.action_check()
        return job

    def _labels(self, job):
        return [fix["label"] for fix in job.check_page["fixes"]]

    def _fix(self, job, label):
        (key,) = (
            fix["key"] for fix in job.check_page["fixes"] if label in fix["label"]
        )
        job.action_fix(key)

    def test_refused_rows_are_shown_with_the_wrong_cell_and_the_reason(self):
        job = self._checked("calls,2025-01,1\ncalls,2025-02,x\nnone,2025-03,3\n")
        page = job.check_page
        self.assertEqual(page["refused_columns"], ["code", "period", "value"])
        self.assertEqual(
            page["refused"],
            [
                {
                    "row": 3,
                    "record": "",
                    "cells": ["calls", "2025-02", "x"],
                    "wrong": [2],
                    "reason": "Column “value”: “x” is not a number such as 12.5.",
                },
                {
                    "row": 4,
                    "record": "",
                    "cells": ["none", "2025-03", "3"],
                    "wrong": [],
                    "reason": "There is no team “none”.",
                },
            ],
        )
        (accepted,) = page["accepted"]
        self.assertEqual(accepted["row"], 2)
        self.assertEqual(accepted["cells"], ["calls", "Jan 2025", "1"])

    def test_choices_are_shown_as_they_are_in_the_file(self):
        job = self._checked("calls,2025-01,1,Fast Lane\n", "code,period,value,lane\n")
        (accepted,) = job.check_page["accepted"]
        self.assertEqual(accepted["cells"], ["calls", "Jan 2025", "1", "Fast Lane"])
        self.assertIn("Fast Lane", job.preview)

    def test_columns_with_wrong_cells_are_among_those_shown(self):
        titles = [f"2025-{number:02}" for number in range(1, 13)]
        cells = ["calls", *(["1"] * 11), "x"]
        job = self._checked(f"{','.join(cells)}\n", f"code,{','.join(titles)}\n")
        page = job.check_page
        self.assertEqual(page["refused_columns"], ["code", *titles[:4], "2025-12"])
        self.assertEqual(page["refused"][0]["wrong"], [5])

    def test_the_button_says_how_many_rows_are_imported(self):
        job = self._checked("calls,2025-01,1\ncalls,2025-02,\ncalls,2025-03,2\n")
        self.assertEqual((job.import_count, job.import_label), (2, "Import 2 Rows"))
        job.action_import_checked()
        self.assertEqual(job.state, "done")
        self.assertEqual(self._values_of(self.calls), {month(1): 1, month(3): 2})
        job = self._checked("calls,2025-01,1\nnone,2025-02,1\n")
        self.assertEqual(job.import_label, "Import 1 Row")

    def test_nothing_is_imported_where_no_row_is_valid(self):
        job = self._checked("none,2025-01,1\n")
        self.assertEqual((job.import_count, job.import_label), (0, "Import 0 Rows"))
        with self.assertRaisesRegex(UserError, "no rows to import"):
            job.action_import_checked()

    def test_the_policy_decides_whether_valid_rows_are_imported(self):
        job = self._checked("calls,2025-01,1\nnone,2025-02,1\n", policy="all")
        self.assertEqual((job.accepted_count, job.import_count), (1, 0))
        job.policy = "good"
        self.assertEqual((job.state, job.import_count), ("checked", 1))

    def test_what_was_changed_is_checked_before_it_is_imported(self):
        job = self._checked("calls,2025-01,1\n")
        self._column(job, "value").no_value_texts = "1"
        self.assertEqual(job.state, "matched")
        job.action_import_checked()
        self.assertEqual((job.state, job.import_count), ("checked", 0))
        self.assertFalse(self._values_of(self.calls))
        job.no_value_texts = "0"
        self.assertEqual(job.state, "matched")

    def test_a_column_is_read_with_the_other_decimal_mark(self):
        job = self._checked(
            'calls,2025-01,2\ncalls,2025-02,"2,5"\ncalls,2025-03,"3,25"\n',
            changes={"value": {"decimal_mark": "."}},
        )
        self.assertEqual(job.refused_count, 2)
        self.assertEqual(self._labels(job), ["Read “value” with decimal comma (12,5)"])
        self.assertEqual(job.check_page["fixes"][0]["detail"], "Cells fixed: 2")
        self._fix(job, "decimal comma")
        self.assertEqual((job.state, job.import_label), ("checked", "Import 3 Rows"))
        self.assertFalse(job.check_page["fixes"])
        job.action_import_checked()
        self.assertEqual(self._values_of(self.calls)[month(3)], 3.25)

    def test_what_takes_away_as_much_as_it_gives_is_not_offered(self):
        job = self._checked(
            'calls,2025-01,"2,5"\ncalls,2025-02,2.5\n',
            changes={"value": {"decimal_mark": "."}},
        )
        self.assertEqual(job.refused_count, 1)
        self.assertFalse(job.check_page["fixes"])

    def test_dates_are_read_with_the_month_first(self):
        job = self._checked(
            "calls,01/31/2025,1\ncalls,02/03/2025,2\n",
            changes={"period": {"date_order": "dmy"}},
        )
        self.assertEqual(
            self._labels(job), ["Read “period” as month-first dates (12/31/2026)"]
        )
        self.assertIn("1 with a different value", job.check_page["fixes"][0]["detail"])
        self._fix(job, "month-first")
        job.action_import_checked()
        self.assertEqual(self._values_of(self.calls), {month(1): 1, month(2): 2})

    def test_years_that_were_read_as_months(self):
        job = self._checked(
            "calls,2010-11,1\ncalls,2012-13,2\n",
            changes={"period": {"year_pairs": "month"}},
        )
        self._fix(job, "as the year 2010 to 2011")
        self.assertEqual(self._column(job, "period").year_pairs, "years")
        self.assertFalse(job.refused_count)

    def test_texts_count_as_empty(self):
        job = self._checked(
            "calls,2025-01,-\ncalls,2025-02,n/a\ncalls,2025-03,no data\n",
            no_value_texts="no data",
        )
        self._fix(job, "Treat “-”, “n/a” as empty in “value”")
        self.assertEqual(self._column(job, "value").no_value_texts, "no data; -; n/a")
        self.assertEqual((job.refused_count, job.empty_count), (0, 3))

    def test_a_dash_is_zero_once_that_is_answered(self):
        rows = "calls,2025-01,-\ncalls,2025-02,5\n"
        job = self._checked(rows, is_mapping_kept=True)
        self.assertEqual(
            self._labels(job),
            ["Read “-” as 0 in “value”", "Treat “-” as empty in “value”"],
        )
        self._fix(job, "as 0")
        self.assertTrue(self._column(job, "value").is_dash_zero)
        job.action_import_checked()
        self.assertEqual(self._values_of(self.calls), {month(1): 0, month(2): 5})
        again = self._checked("calls,2025-03,-\ncalls,2025-04,6\n")
        self.assertFalse(again.refused_count)

    def test_failed_formulas_count_as_empty(self):
        job = self._checked("calls,2025-01,#DIV/0!\ncalls,2025-02,#N/A\n")
        self._fix(job, "Treat “#DIV/0!”, “#N/A” as empty in “value”")
        self.assertEqual((job.refused_count, job.empty_count), (0, 2))

    def test_columns_that_need_the_same_are_one_fix(self):
        job = self._checked(
            'calls,"1,5","2,5","3,5"\n',
            "code,2025-01,2025-02,2025-03\n",
            changes={
                title: {"decimal_mark": "."}
                for title in ("2025-01", "2025-02", "2025-03")
            },
        )
        self.assertEqual(
            self._labels(job),
            ["Read “2025-01”, “2025-02” and 1 more with decimal comma (12,5)"],
        )
        self._fix(job, "decimal comma")
        self.assertEqual(job.import_label, "Import 1 Row")

    def test_several_fixes_are_offered_the_most_helpful_first(self):
        job = self._checked(
            'calls,12/31/2024,"1,5"\ncalls,11/30/2024,n/a\ncalls,10/31/2024,n/a\n',
            changes={
                "period": {"date_order": "dmy"},
                "value": {"decimal_mark": "."},
            },
        )
        found = [fix["option"] for fix in job.check_page["fixes"]]
        self.assertEqual(found, ["date_order", "no_values", "decimal_mark"])

    def test_an_option_that_does_not_help_is_not_offered(self):
        job = self._checked("none,2025-01,1\n")  # no team is made whatever is chosen
        self.assertEqual(job.refused_count, 1)
        self.assertFalse(job.check_page["fixes"])

    def test_a_fix_of_another_check_is_refused(self):
        job = self._checked("calls,2025-01,1\n")
        with self.assertRaisesRegex(UserError, "Reload"):
            job.action_fix("0")

    def test_only_the_first_rows_are_on_the_page(self):
        many = "".join(f"calls,2025-01,x{number}\n" for number in range(10_000))
        few = "".join(f"calls,2025-01,x{number}\n" for number in range(60))
        statements = []
        with patch.object(kpi_import, "ROWS_AT_ONCE", 20_000):
            for rows in (few, few, many):
                job = self._import(HEAD + rows, is_mapping_kept=False)
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                job.action_check()
                statements.append(self.env.cr.sql_log_count - before)
        self.assertEqual(job.refused_count, 10_000)
        self.assertEqual(
            [row["row"] for row in job.check_page["refused"]], [*range(2, 52)]
        )
        self.assertLess(len(json.dumps(job.check_page)), 20_000)
        # batches of 5,000 rows each report how far they are
        self.assertLessEqual(statements[2], statements[1] + 2)
        self.assertEqual(len(self._reasons(job)), 10_000)

    def test_rows_that_records_refuse_cost_at_most_twice_good_ones(self):
        days = [f"{1900 + number // 12}-{number % 12 + 1:02}" for number in range(300)]
        good = "".join(f"calls,{day},1\n" for day in days)
        refused = "".join(f"calls,{day},-1\n" for day in days)
        self.assertRefusedCheap(HEAD + good, HEAD + refused)
        job = self._checked("calls,2025-01,1\ncalls,2025-02,-1\n")
        self.assertEqual(self._reasons(job), {3: "calls counts from 0 on."})

    def test_rows_beside_refused_ones_are_checked_too(self):
        """What a write refuses before the checks do is looked for by halves."""
        target = self.registry["kpi.test.import"]
        write = target._write_rows

        def refuse_sevens(self, rows):
            write(self, rows)
            if any(row["value"] == 7 for row in rows):
                raise UserError("No sevens.")

        rows = "".join(f"calls,2025-0{n},{v}\n" for n, v in enumerate((1, -1, 7, 2), 1))
        with patch.object(target, "_write_rows", refuse_sevens):
            job = self._checked(rows)
        reasons = {3: "calls counts from 0 on.", 4: "No sevens."}
        self.assertEqual(self._reasons(job), reasons)

    def test_all_valid_rows_are_shown_on_demand(self):
        rows = "".join(
            f"{'calls' if number % 3 else 'none'},{2000 + number}-01,1\n"
            for number in range(12)
        )
        job = self._checked(rows)
        self.assertEqual(
            [row["row"] for row in job.check_page["accepted"]], [3, 4, 6, 7, 9]
        )
        with patch.object(kpi_import_page, "SHOWN_MORE", 2):
            found = job.get_accepted_rows(9)
        self.assertEqual([row["row"] for row in found], [10, 12])
        self.assertEqual([row["row"] for row in job.get_accepted_rows(12)], [13])
        self.assertEqual(job.get_accepted_rows(13), [])

    def test_the_rows_of_others_are_not_shown(self):
        job = self._checked("calls,2025-01,1\n")
        other = new_test_user(
            self.env(su=True),
            "kpi_other_importer",
            OFFICER,
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        for call in (
            lambda seen: seen.get_accepted_rows(0),
            lambda seen: seen.action_fix("0"),
            lambda seen: seen.action_import_checked(),
        ):
            with self.assertRaises(AccessError):
                call(job.with_user(other))

    def test_fixes_are_offered_where_reading_ended(self):
        rows = "".join(f'calls,2025-01,"{number},5"\n' for number in range(9))
        with patch.object(import_run, "MOST_REFUSED", 3):
            job = self._checked(rows, changes={"value": {"decimal_mark": "."}})
        self.assertEqual((job.state, job.import_count), ("failed", 0))
        self.assertEqual(len(job.check_page["refused"]), 4)
        self.assertEqual(self._labels(job), ["Read “value” with decimal comma (12,5)"])

    def test_the_page_of_an_import_says_what_was_imported(self):
        job = self._imported(HEAD + "calls,2025-01,1\nnone,2025-01,1\n")
        self.assertEqual((job.state, job.accepted_count), ("done", 1))
        self.assertEqual([row["row"] for row in job.check_page["accepted"]], [2])
        self.assertEqual([row["row"] for row in job.check_page["refused"]], [3])

    def test_counts_are_said_by_name(self):
        self.assertFalse(self._import(HEAD + "calls,2025-01,1\n").summary)
        job = self._imported(HEAD + "calls,2025-01,1\n")
        self.assertEqual(job.summary, "1 new (rows read: 1)")
        job = self._checked(
            "calls,2025-01,1\ncalls,2025-02,2\ncalls,2025-03,\nnone,2025-01,1\n"
            "none,2025-02,1\n"
        )
        self.assertEqual(
            job.summary,
            "1 new, 1 unchanged, 1 empty row, 2 rows with errors (rows read: 5)",
        )

    def test_what_is_imported_is_not_mended_any_more(self):
        rows = HEAD + 'calls,2025-01,2\ncalls,2025-02,"2,5"\n'
        job = self._import(rows, is_mapping_kept=False)
        self._column(job, "value").decimal_mark = "."
        job.action_check()
        self.assertTrue(job.check_page["fixes"])
        job.action_import_checked()
        self.assertFalse(job.check_page["fixes"])

    def test_duplicates_are_marked_where_they_are_the_same(self):
        with patch.object(type(self.env["kpi.test.import"]), "_key_columns", ("team",)):
            job = self._checked("calls,2025-01,1\ncalls,2025-01,2\n")
        self.assertEqual([row["wrong"] for row in job.check_page["refused"]], [[0]] * 2)

    def test_reasons_are_in_the_language_of_the_reader(self):
        self.env["res.lang"].sudo()._activate_lang("de_DE")
        terms = {
            "“%(cell)s” is not a number such as %(example)s.": "„%(cell)s“ ist keine"
            " Zahl wie %(example)s.",
            "The file has no rows.": "Die Datei hat keine Zeilen.",
        }
        with patch.object(
            code_translations, "get_python_translations", return_value=terms
        ):
            job = self._import(HEAD + "calls,2025-01,x\n").with_context(lang="de_DE")
            job.action_check()
            self.assertIn("„x“ ist keine Zahl wie 12.5.", self._reasons(job)[2])
            self.assertIn("„x“ ist keine Zahl", job.check_page["refused"][0]["reason"])
            self.assertIn("„x“ ist keine Zahl", job.preview)
            job.file = b"Cg=="  # a line without cells
            with self.assertRaisesRegex(UserError, "Die Datei hat keine Zeilen."):
                job.action_read()
