from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..count_import_case import CountImportCase
from ..import_case import month

LONG = "code,period,value\ncalls,2025-01,10\ncalls,2025-02,20.5\n"
WIDE = "code,JAN,FEB,MAR\ncalls,1,2,\n"


@tagged("post_install", "-at_install")
class TestKpiImport(CountImportCase):
    """From the file to the records, step by step."""

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

    def test_what_is_not_known_is_asked(self):
        job = self._import("code,date,value\ncalls,03/04/2025,1.500\n")
        self.assertIn("whether the day or the month comes first", job.question)
        self.assertIn("“1.500” could be 1.5 or 1500", job.question)
        with self.assertRaisesRegex(UserError, "comes first"):
            job.action_import()
        self._column(job, "date").date_order = "dmy"
        self._column(job, "value").decimal_mark = "."
        job.action_import()
        self.assertEqual(self._values_of(self.calls), {month(4): 1.5})

    def test_serial_days_of_a_text_are_asked(self):
        job = self._import("code,date,value\ncalls,45700,1\n")
        self.assertIn("1900 is usual; 1904", job.question)
        self._column(job, "date").epoch = "1900"
        job.action_import()
        # 45658 is 1 January 2025
        self.assertEqual(self._values_of(self.calls), {month(2): 1})

    def test_months_that_may_be_two_years_are_asked(self):
        text = "code,date,value\ncalls,2010-11,1\ncalls,2012-13,2\n"
        job = self._import(text, is_mapping_kept=False)
        self.assertIn("November 2010 or the year 2010 to 2011", job.question)
        self.assertIn("could be a month or a range of two years", job.preview)
        self._column(job, "date").year_pairs = "years"
        self.assertFalse(job.question)
        self.assertIn("2010/2011", job.preview)
        job = self._import(text)
        self._column(job, "date").year_pairs = "month"
        job.action_import()
        self.assertEqual(self._values_of(self.calls), {month(11, 2010): 1})
        self.assertEqual(list(self._reasons(job)), [3])
        self.assertEqual(self._column(self._import(text), "date").year_pairs, "month")

    def test_titles_that_may_be_two_years_are_asked(self):
        job = self._import("code,2010-11,2011-12,2012-13\ncalls,1,2,3\n")
        self.assertIn("“2010-11”, “2011-12”: choose the period of each", job.question)

    def test_a_column_can_be_one_thing_only_once(self):
        job = self._import("code,a,b\ncalls,1,2\n", period_day=date(2025, 1, 1))
        self._column(job, "a").key = "note"
        self._column(job, "b").key = "note"
        self.assertIn("“a”, “b” are all", job.question)
        self._column(job, "a").key = "value"
        self._column(job, "b").key = "value"
        self.assertIn("“a”, “b”: choose the period of each", job.question)

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

    def test_the_run_has_what_the_target_asks_for(self):
        text = "code,period,value\nnew,2025-01,1\n"
        plain = self._imported(text, is_mapping_kept=False)
        self.assertIn("There is no team", self._reasons(plain)[2])
        job = self._imported(
            text, creates_teams=True, note="made", is_mapping_kept=False
        )
        self.assertIn("'note': 'made'", self._reasons(job)[2])
        usual = self._imported(text, creates_teams=True, note=None)
        self.assertIn("'note': ''", self._reasons(usual)[2])

    def test_options_are_stored_with_the_mapping(self):
        job = self._imported(LONG, creates_teams=True)
        self.assertEqual(job.asked_options[0]["key"], "creates_teams")
        self.assertTrue(job.has_period_columns)
        self.assertEqual(job.mapping_id.target_options, {"creates_teams": True})
        self.assertEqual(self._import(LONG).target_options, {"creates_teams": True})

    def test_options_of_another_target_are_refused(self):
        job = self._import(LONG)
        for options in ({"creates_agents": True}, {"note": 5}):
            with self.subTest(options), self.assertRaises(ValidationError):
                job.target_options = options

    def test_columns_are_matched_as_last_time(self):
        text = "a,b,c\ncalls,%s,1\n"
        job = self._import(text % "03/04/2025", no_value_texts="n/a")
        for title, values in {
            "a": {"key": "team"},
            "b": {"key": "moment", "date_order": "mdy"},
            "c": {"key": "value"},
        }.items():
            self._column(job, title).write(values)
        job.action_import()
        again = self._import(text % "05/04/2025")
        self.assertEqual(again.mapping_id, job.mapping_id)
        self.assertIn("as in the last import", again.notice)
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
        employee.group_ids = self.env.ref("kpi_base.kpi_base_group_manager")
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
