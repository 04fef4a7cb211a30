import base64
from datetime import date

from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ...engine.tabular.write import write_xlsx
from ..import_case import KpiImportCase, month

HEAD = "code,period,value\n"


@tagged("post_install", "-at_install")
class TestKpiImportRows(KpiImportCase):
    """Rows that are refused, each with its reason; the good ones are imported."""

    def _reason(self, rows, head=HEAD, number=2, **values):
        """Why row ``number`` is refused; a good row behind it is imported."""
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

    def test_a_refused_file_is_imported_once_it_is_mended(self):
        job = self._imported(HEAD + "calls,2025-01,x\n")
        content = base64.b64decode(job.refused_file).decode("utf-8-sig")
        again = self._imported(content.replace(",x,", ",3,"))
        self.assertEqual(again.state, "done")
        self.assertEqual(self._values_of(self.calls), {month(1): 3})

    def test_all_or_nothing(self):
        job = self._imported(HEAD + "calls,2025-01,1\ncalls,2025-02,x\n", policy="all")
        self.assertEqual(job.state, "failed")
        self.assertIn("Nothing was imported", job.error)
        self.assertCounts(job, added=1, refused=1)
        self.assertFalse(self._values_of(self.calls))

    def test_a_row_is_imported_whole_or_not_at_all(self):
        job = self._imported("code,2025-01,2025-02\ncalls,1,x\n")
        self.assertCounts(job, refused=1)
        self.assertFalse(self._values_of(self.calls))

    def test_rows_that_say_the_same_name_each_other(self):
        job = self._imported(
            HEAD + "calls,2025-01,1\ncalls,2025-02,2\ncalls,31.01.2025,3\n"
        )
        self.assertCounts(job, added=1, refused=2)
        reason = "The rows 2, 4 say the same thing: keep one of them."
        self.assertEqual(self._reasons(job), {2: reason, 4: reason})

    def test_totals_rows_are_left_out_and_reported(self):
        job = self._imported(HEAD + "calls,2025-01,1\nTotal,,1\n", policy="all")
        self.assertEqual(job.state, "done")
        self.assertCounts(job, added=1, totals=1)
        self.assertEqual(self._reasons(job), {3: "A row of totals: left out."})

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

    def test_unknown_kpis_are_not_created_unless_asked(self):
        reason = self._reason("unknown,2025-01,1\ncalls,2025-02,1\n")
        self.assertEqual(
            reason, "There is no KPI with the code “unknown” in Importing."
        )
        self.assertFalse(self.env["kpi.definition"].search([("code", "=", "unknown")]))

    def test_missing_kpis_and_departments_are_created_where_asked(self):
        job = self._imported(
            "code,kpi,department,unit,lower is better (yes or no),period,value\n"
            "7663,Waiting,Front Office,%,1,2025-01,5\n"
            "7663,Waiting,Back Office,%,1,2025-01,6\n",
            creates_kpis=True,
            creates_departments=True,
        )
        self.assertCounts(job, added=2)
        self.assertEqual(
            job.created_text, "1 new KPIs, 2 newly tracked, 2 new departments"
        )
        definition = self.env["kpi.definition"].search([("code", "=", "kpi_7663")])
        self.assertEqual(
            (definition.name, definition.unit, definition.direction),
            ("Waiting", "percent", "lower"),
        )
        departments = definition.report_ids.department_id
        self.assertEqual(
            set(departments.mapped("name")), {"Front Office", "Back Office"}
        )
        self.assertEqual(departments.company_id, self.company)

    def test_a_code_of_a_new_kpi_that_is_too_long(self):
        reason = self._reason(
            f"{'a' * 65},2025-01,1\ngood,2025-01,1\n", creates_kpis=True
        )
        self.assertIn("is longer than 64 characters", reason)
        self.assertTrue(self.env["kpi.definition"].search([("code", "=", "good")]))

    def test_two_texts_are_never_one_code(self):
        reason = self._reason(
            "CS-02,2025-01,1\nCS/02,2025-02,2\ncs-02,2025-03,3\n",
            number=3,
            creates_kpis=True,
        )
        self.assertIn("“CS-02” and “CS/02” would both be", reason)
        definition = self.env["kpi.definition"].search([("code", "=", "cs_02")])
        self.assertEqual(
            self._values_of(definition.report_ids), {month(1): 1, month(3): 3}
        )

    def test_a_text_without_latin_letters_is_no_code(self):
        reason = self._reason("Выручка,2025-01,1\n", creates_kpis=True)
        self.assertIn("Choose this column as “KPI” instead", reason)

    def test_a_word_of_formulas_becomes_another_code(self):
        job = self._imported(HEAD + "round,2025-01,1\n", creates_kpis=True)
        self.assertCounts(job, added=1)
        self.assertTrue(self.env["kpi.definition"].search([("code", "=", "kpi_round")]))

    def test_new_kpis_that_cannot_be_are_told_by_row(self):
        job = self._imported(
            HEAD + "calls,2025-01,1\nvisits,2025-01,2\nvisits,2025-02,3\n",
            creates_kpis=True,
            on_track_percent=50,
            at_risk_percent=80,
        )
        self.assertEqual(job.state, "done", job.error)
        self.assertCounts(job, added=1, refused=2)
        reasons = self._reasons(job)
        self.assertEqual(list(reasons), [3, 4])
        self.assertIn("each lower than the one before", reasons[3])
        self.assertFalse(self.env["kpi.definition"].search([("code", "=", "visits")]))

    def test_new_kpis_whose_targets_cannot_be_are_told_by_row(self):
        job = self._imported(
            "code,valid from,target,set by\n"
            "calls,2025-01-01,1,\nvisits,2025-01-01,2,\nleads,2025-01-01,,budget\n",
            target_model="kpi.import.kpi.target",
            creates_kpis=True,
        )
        self.assertCounts(job, added=2, refused=1)
        self.assertIn("enter “Other KPI”", self._reasons(job)[4])
        codes = self.env["kpi.definition"].search([]).mapped("code")
        self.assertIn("visits", codes)
        self.assertNotIn("leads", codes)

    def test_targets_beside_values_that_cannot_be_are_told_by_row(self):
        self._kpi("heat", "Heat", direction="range")
        job = self._imported(
            "code,period,value,target\nheat,2025-01,1,10\ncalls,2025-01,1,10\n"
        )
        self.assertCounts(job, added=1, refused=1)
        self.assertEqual(list(self._reasons(job)), [2])

    def test_refused_rows_create_nothing(self):
        job = self._imported(HEAD + "new_one,2025-01,x\n", creates_kpis=True)
        self.assertCounts(job, refused=1)
        self.assertFalse(self.env["kpi.definition"].search([("code", "=", "new_one")]))

    def test_departments_are_not_created_unless_asked(self):
        reason = self._reason(
            "calls,Nowhere,2025-01,1\n", "code,department,period,value\n"
        )
        self.assertEqual(reason, "Department “Nowhere”: not found in Importing.")

    def test_departments_are_found_by_name_or_path(self):
        parent = self.env["hr.department"].create({"name": "Sales"})
        north = parent.create({"name": "North", "parent_id": parent.id})
        kpi = self.calls.definition_id._tracked_for("department", north)
        job = self._imported(
            "code,department,period,value\n"
            "calls,North,2025-01,1\ncalls,Sales / North,2025-02,2\n"
        )
        self.assertCounts(job, added=2)
        self.assertEqual(self._values_of(kpi), {month(1): 1, month(2): 2})

    def test_a_kpi_that_is_not_tracked_there(self):
        self.env["hr.department"].create({"name": "South"})
        reason = self._reason(
            "calls,South,2025-01,1\n", "code,department,period,value\n"
        )
        self.assertEqual(reason, "Calls is not tracked for South.")

    def test_persons_are_found_by_login(self):
        kpi = self.calls.definition_id._tracked_for("user", self.officer)
        self._imported("code,login,period,value\ncalls,kpi_importer,2025-01,4\n")
        self.assertEqual(self._values_of(kpi), {month(1): 4})

    def test_another_companys_rows(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        self.env["kpi.definition"].sudo().create(
            {"code": "foreign", "name": "Foreign", "company_id": other.id}
        )._tracked_for("company", other)
        head = "code,company,period,value\n"
        reason = self._reason("calls,Other,2025-01,1\n", head)
        self.assertEqual(
            reason, "Company “Other”: none of your companies has this name."
        )
        reason = self._reason("foreign,,2025-01,1\n", head)
        self.assertEqual(
            reason, "There is no KPI with the code “foreign” in Importing."
        )

    def test_a_company_of_ones_own_can_be_named(self):
        self._imported("code,company,period,value\ncalls,importing,2025-01,3\n")
        self.assertEqual(self._values_of(self.calls), {month(1): 3})

    def test_computed_kpis_take_no_values(self):
        self._kpi("handed", "Handed over", computation="external")
        reason = self._reason("handed,2025-01,1\n")
        self.assertEqual(reason, "Handed over is computed: values cannot be imported.")

    def test_periods_that_have_not_begun(self):
        with freeze_time("2025-03-15"):
            job = self._imported(HEAD + "calls,2025-03,1\ncalls,2025-04,1\n")
        self.assertCounts(job, added=1, refused=1)
        self.assertIn("has not begun", self._reasons(job)[3])

    def test_longer_periods_than_the_kpis(self):
        reason = self._reason("calls,2025-Q1,1\n")
        self.assertEqual(reason, "Calls has a value per month, not per quarter.")

    def test_days_outside_of_all_calendars(self):
        reason = self._reason("calls,1850-01-01,1\n")
        self.assertIn("before 1900", reason)

    def test_yes_and_no(self):
        self._kpi("done", "Done", unit="boolean")
        reason = self._reason("done,2025-01,2\ndone,2025-02,1\n")
        self.assertEqual(reason, "Done: use 1 for yes or 0 for no.")

    def test_names_that_several_kpis_have(self):
        self._kpi("calls_2", "Calls")
        reason = self._reason("Calls,2025-01,1\n", "kpi,period,value\n")
        self.assertEqual(reason, "Several KPIs are called “Calls”: use their codes.")

    def test_archived_kpis(self):
        self.calls.definition_id.active = False
        reason = self._reason("calls,2025-01,1\n")
        self.assertEqual(reason, "The KPI “calls” is archived.")

    def test_all_reasons_of_a_row_are_named(self):
        reason = self._reason("calls,soon,x\n")
        self.assertIn("Column “period”", reason)
        self.assertIn("Column “value”", reason)

    def test_a_text_longer_than_any_cell(self):
        reason = self._reason(f"{'x' * 100_000},2025-01,1\n")
        self.assertIn("is longer than 32,767 characters", reason)

    def test_targets_beside_the_values(self):
        job = self._imported(
            "code,period,value,target\n"
            "calls,2025-01,1,10\ncalls,2025-02,1,10\ncalls,2025-03,1,12\n"
        )
        self.assertCounts(job, added=3)
        targets = {t.date_from: t.value for t in self.calls.target_ids}
        self.assertEqual(targets, {month(1): 10, month(3): 12})

    def test_targets_beside_the_values_replace_what_stood_then(self):
        self.calls.target_ids = [Command.create({"date_from": month(2), "value": 99})]
        self._imported(
            "code,period,value,target\ncalls,2025-01,1,10\ncalls,2025-02,1,10\n"
        )
        targets = {t.date_from: t.value for t in self.calls.target_ids}
        self.assertEqual(targets, {month(1): 10, month(2): 10})

    def test_locked_periods(self):
        self.company.sudo().kpi_lock_date = date(2025, 1, 31)
        job = self._imported(HEAD + "calls,2025-01,1\ncalls,2025-02,2\n")
        self.assertCounts(job, added=1, refused=1)
        self.assertIn("is locked", self._reasons(job)[2])
        self.assertEqual(self._values_of(self.calls), {month(2): 2})

    def test_targets_of_kpis(self):
        text = "code,valid from,target,baseline\ncalls,2025-01-01,10,2\ncalls,x,1,1\n"
        job = self._imported(text, target_model="kpi.import.kpi.target")
        self.assertCounts(job, added=1, refused=1)
        target = self.calls.target_ids
        self.assertEqual(
            (target.date_from, target.value, target.baseline, target.has_baseline),
            (date(2025, 1, 1), 10, 2, True),
        )
        again = self._imported(text, target_model="kpi.import.kpi.target")
        self.assertCounts(again, equal=1, refused=1)

    def test_targets_that_cannot_be(self):
        self._kpi("heat", "Heat", direction="range")
        job = self._imported(
            "code,valid from,lowest good value,highest good value\n"
            "heat,2025-01-01,9,1\n",
            target_model="kpi.import.kpi.target",
        )
        self.assertIn("is above the highest", self._reasons(job)[2])

    def test_zones_and_rules_of_targets(self):
        self._kpi("budget", "Budget")
        job = self._imported(
            "code;valid from;target;best zone from (%);second zone from (%);set by;"
            "change (%);code of the other kpi\n"
            "calls;2025-01-01;10;100;90;;;\n"
            "calls;2025-02-01;;;;last year;5;\n"
            "calls;2025-03-01;;;;budget;;budget\n",
            target_model="kpi.import.kpi.target",
        )
        self.assertCounts(job, added=3)
        targets = self.calls.target_ids.sorted("date_from")
        self.assertEqual(targets.mapped("rule"), ["number", "previous_year", "kpi"])
        self.assertEqual(
            (targets[0].zones, targets[0].threshold_1, targets[0].threshold_2),
            ("rag", 100, 90),
        )
        self.assertEqual(targets[1].change_percent, 5)
        self.assertEqual(targets[2].source_definition_id.code, "budget")

    def test_targets_that_the_kpi_refuses_are_told_by_row(self):
        job = self._imported(
            "code;valid from;target;best zone from (%);second zone from (%);set by\n"
            "calls;2025-01-01;10;80;90;\n"
            "calls;2025-02-01;;;;budget\n"
            "calls;2025-03-01;12;;;\n",
            target_model="kpi.import.kpi.target",
        )
        self.assertCounts(job, added=1, refused=2)
        reasons = self._reasons(job)
        self.assertIn("each lower than the one before", reasons[2])
        self.assertIn("enter “Other KPI”", reasons[3])
        self.assertEqual(self.calls.target_ids.mapped("value"), [12])
