from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..import_case import KpiImportCase, month

LONG = "code,period,value\ncalls,2025-01,10\ncalls,2025-02,20.5\n"
WIDE = "code,JAN,FEB,MAR\ncalls,1,2,\n"


@tagged("post_install", "-at_install")
class TestKpiImport(KpiImportCase):
    """From the file to the values, step by step."""

    def test_titles_suggest_what_the_columns_are(self):
        job = self._import("Code;Department;Date;Actual;Remark\ncalls;;2025-01;1,5;x\n")
        keys = {column.name: column.key for column in job.column_ids}
        self.assertEqual(
            keys,
            {
                "Code": "kpi_code",
                "Department": "department",
                "Date": "moment",
                "Actual": "value",
                "Remark": False,
            },
        )
        self.assertEqual(self._column(job, "Actual").decimal_mark, ",")

    def test_one_row_per_value(self):
        job = self._imported(LONG)
        self.assertEqual(job.state, "done")
        self.assertCounts(job, added=2)
        self.assertEqual(self._values_of(self.calls), {month(1): 10, month(2): 20.5})
        fact = self.env["kpi.measurement"].search([("report_id", "=", self.calls.id)])
        self.assertEqual(set(fact.mapped("source")), {"import"})
        self.assertEqual(fact.recorded_by_id, self.officer)

    def test_an_entry_gives_way_to_an_imported_value(self):
        report = self.calls.with_user(self.officer)
        old, same = (report._enter_value(month(n), 9) for n in (1, 2))
        self._imported("code,period,value\ncalls,2025-01,10\ncalls,2025-02,9\n")
        self.assertEqual((old + same).mapped("is_current"), [False, True])
        self.assertEqual(old.state, "approved")  # and stays readable
        self.assertIn("Replaced", old.message_ids[0].body)

    def test_one_column_per_period(self):
        job = self._imported(WIDE, first_year=2025)
        self.assertCounts(job, added=2)
        self.assertEqual(self._values_of(self.calls), {month(1): 1, month(2): 2})

    def test_months_of_a_fiscal_year_go_on_into_the_next(self):
        job = self._import("code,NOV,DEC,JAN\ncalls,1,2,3\n", first_year=2024)
        job.action_import()
        self.assertEqual(
            self._values_of(self.calls),
            {month(11, 2024): 1, month(12, 2024): 2, month(1): 3},
        )

    def test_columns_named_by_months_and_years_need_no_answer(self):
        self._imported("code,2025-01,Feb 2025,03/2025\ncalls,1,2,3\n")
        self.assertEqual(
            list(self._values_of(self.calls)), [month(3), month(2), month(1)]
        )

    def test_any_column_can_be_a_period(self):
        job = self._import("code,last,this\ncalls,1,2\n")
        for title, day in (("last", date(2025, 1, 31)), ("this", date(2025, 2, 1))):
            self._column(job, title).write({"key": "value", "period_day": day})
        self.assertFalse(job.question)
        job.action_import()
        self.assertEqual(self._values_of(self.calls), {month(1): 1, month(2): 2})

    def test_one_period_for_all_rows(self):
        self._imported("code,value\ncalls,7\n", period_day=date(2025, 3, 15))
        self.assertEqual(self._values_of(self.calls), {month(3): 7})

    def test_what_is_not_known_is_asked(self):
        job = self._import("code,date,value\ncalls,03/04/2025,1.500\n")
        self.assertIn("Does the day or the month come first", job.question)
        self.assertIn("one and a half or fifteen hundred", job.question)
        with self.assertRaisesRegex(UserError, "come first"):
            job.action_import()
        self._column(job, "date").date_order = "dmy"
        self._column(job, "value").decimal_mark = "."
        job.action_import()
        self.assertEqual(self._values_of(self.calls), {month(4): 1.5})

    def test_serial_days_of_a_text_are_asked(self):
        job = self._import("code,date,value\ncalls,45700,1\n")
        self.assertIn("1900 or 1904", job.question)
        self._column(job, "date").epoch = "1900"
        job.action_import()
        # 45658 is 1 January 2025
        self.assertEqual(self._values_of(self.calls), {month(2): 1})

    def test_missing_columns_are_asked(self):
        job = self._import("remark\nx\n")
        for text in ("“Value”", "“KPI code”", "Which period"):
            self.assertIn(text, job.question)

    def test_a_column_can_be_one_thing_only_once(self):
        job = self._import("code,a,b\ncalls,1,2\n", period_day=date(2025, 1, 1))
        self._column(job, "a").key = "description"
        self._column(job, "b").key = "description"
        self.assertIn("“a”, “b” are all", job.question)
        self._column(job, "a").key = "value"
        self._column(job, "b").key = "value"
        self.assertIn("“a”, “b”: say which period", job.question)

    def test_only_what_can_be_imported_is_chosen(self):
        job = self._import(LONG)
        with self.assertRaisesRegex(ValidationError, "wages"):
            self._column(job, "value").key = "wages"

    def test_a_check_says_what_would_happen_and_does_nothing(self):
        self._imported("code,period,value\ncalls,2025-01,10\ncalls,2025-02,1\n")
        job = self._import(LONG + "calls,2025-03,3\nnone,2025-03,3\n")
        job.action_check()
        self.assertEqual(job.state, "checked")
        self.assertCounts(job, added=1, changed=1, equal=1, refused=1)
        self.assertEqual(self._values_of(self.calls), {month(1): 10, month(2): 1})

    def test_importing_a_file_again_changes_nothing(self):
        self._imported(LONG)
        before = self.env["kpi.measurement"].search([]).mapped("recorded_at")
        job = self._imported(LONG)
        self.assertCounts(job, equal=2)
        after = self.env["kpi.measurement"].search([]).mapped("recorded_at")
        self.assertEqual(before, after)
        self.assertFalse(self.env["kpi.measurement.revision"].search([]))

    def test_changed_values_keep_the_earlier_ones(self):
        self._imported(LONG)
        job = self._imported("code,period,value\ncalls,2025-01,11\n")
        self.assertCounts(job, changed=1)
        revision = self.env["kpi.measurement.revision"].search([])
        self.assertEqual((revision.old_value, revision.new_value), (10, 11))

    def test_the_list_shows_the_latest_value_at_once(self):
        self._imported(LONG)
        self.assertEqual(self.calls.current_value, 20.5)

    def test_the_preview_shows_how_cells_are_understood(self):
        job = self._import(
            'code,period,value\n<b>calls</b>,Jan 2025,"1,234.5"\nx,soon,y\n'
        )
        self.assertIn("&lt;b&gt;calls", job.preview)
        self.assertIn("1,234.5", job.preview)
        self.assertIn("is not a date or period", job.preview)
        self.assertIn("text-danger", job.preview)

    def test_forms_that_ask_for_the_size_of_files_show_the_rows(self):
        job = self._import(LONG)
        self.env.invalidate_all()
        self.assertIn("20.5", job.with_context(bin_size=True).preview)

    def test_columns_are_matched_as_last_time(self):
        text = "a,b,c\ncalls,%s,1\n"
        job = self._import(text % "03/04/2025", no_value_texts="n/a")
        for title, values in {
            "a": {"key": "kpi_code"},
            "b": {"key": "moment", "date_order": "mdy"},
            "c": {"key": "value"},
        }.items():
            self._column(job, title).write(values)
        job.action_import()
        again = self._import(text % "05/04/2025")
        self.assertEqual(again.mapping_id, job.mapping_id)
        self.assertIn("as last time", again.notice)
        self.assertEqual(again.no_value_texts, "n/a")
        self.assertFalse(again.question)
        again.action_import()
        self.assertEqual(set(self._values_of(self.calls)), {month(3), month(5)})

    def test_a_mapping_is_kept_only_where_wanted(self):
        job = self._import(LONG, is_mapping_kept=False)
        job.action_import()
        self.assertFalse(self.env["kpi.import.mapping"].search([]))

    def test_only_officers_import(self):
        employee = self.env.user.copy({"login": "kpi_clerk"}).sudo()
        employee.group_ids = self.env.ref("kpi_tracking.kpi_tracking_group_manager")
        with self.assertRaises(AccessError):
            self.env["kpi.import"].with_user(employee).create({"file": b"QQ=="})

    def test_another_ones_company_is_refused(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        with self.assertRaisesRegex(AccessError, "one of your companies"):
            self._import(LONG, company_id=other.id)

    def test_files_that_are_none_are_refused_in_words(self):
        with self.assertRaisesRegex(UserError, "web page"):
            self._import("<html><body>Not found</body></html>", name="values.csv")

    def test_what_is_assumed_is_said(self):
        job = self._import("code,größe\ncalls,1\n".encode("cp1252"))
        self.assertIn("cp1252 was assumed", job.notice)
