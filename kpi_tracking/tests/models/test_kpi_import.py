from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase

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

    def test_one_period_for_all_rows(self):
        self._imported("code,value\ncalls,7\n", period_day=date(2025, 3, 15))
        self.assertEqual(self._values_of(self.calls), {month(3): 7})

    def test_missing_columns_are_asked(self):
        job = self._import("remark\nx\n")
        for text in ("“Value”", "“KPI code”", "“Period” column"):
            self.assertIn(text, job.question)

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

    def test_what_the_target_asks_for_is_stored_with_import_and_mapping(self):
        calendar = self.env["kpi.calendar"].create({"name": "October"})
        given = {"creates_kpis": True, "calendar_id": calendar.id, "code_prefix": "b_"}
        job = self._imported(LONG, **given)
        asked = [option["key"] for option in job.asked_options]
        self.assertLess(set(given), set(asked))
        self.assertEqual(job._get_options()["direction"], "higher")
        made = self.env["kpi.definition"].search([("code", "=", "b_calls")])
        self.assertEqual(made.calendar_id, calendar)
        again = self._import(LONG)
        self.assertEqual(again.target_options, given)
        self.assertEqual(job.mapping_id.target_options, given)

    def test_a_choice_that_is_gone_is_forgotten(self):
        calendar = self.env["kpi.calendar"].create({"name": "October"})
        job = self._imported(LONG, calendar_id=calendar.id, code_prefix="")
        # Officers archive calendars; administrators delete them.
        calendar.sudo().unlink()
        self.assertFalse(job._get_options()["calendar_id"])
        again = self._import(LONG)
        self.assertEqual(again.mapping_id, job.mapping_id)
        self.assertEqual(again.target_options, {"code_prefix": ""})

    def test_what_the_target_does_not_ask_for_is_refused(self):
        # Another company, whose calendar officers of this one do not see.
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        calendar = self.env["kpi.calendar"].sudo()
        foreign = calendar.create({"name": "Theirs", "company_id": elsewhere.id})
        job = self._import(LONG)
        for options in (
            {"creates_agents": True},
            {"creates_kpis": "yes"},
            {"calendar_id": foreign.id},
            {"on_track_percent": "95"},
        ):
            with self.subTest(options), self.assertRaises(ValidationError):
                job.target_options = options
