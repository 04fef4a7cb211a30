import base64
from datetime import date
from io import BytesIO
from unittest.mock import patch

import xlsxwriter

from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.kpi_base.tests.import_case import month

from ..import_case import KpiImportCase

HEAD = "code,period,value\n"


@tagged("post_install", "-at_install")
class TestKpiImportRows(KpiImportCase):
    """Rows that are refused, each with its reason; the good ones are imported."""

    def _reason(self, rows, head=HEAD, number=2, **values):
        """Why row ``number`` is refused; a good row behind it is imported."""
        job = self._imported(head + rows, **values)
        self.assertEqual(job.state, "done", job.error)
        return self._reasons(job).get(number, "")

    def test_all_or_nothing(self):
        job = self._imported(HEAD + "calls,2025-01,1\ncalls,2025-02,x\n", policy="all")
        self.assertEqual(job.state, "failed")
        self.assertIn("Import stopped", job.error)
        self.assertCounts(job, added=1, refused=1)
        self.assertFalse(self._values_of(self.calls))

    def test_unknown_kpis_are_not_created_unless_asked(self):
        reason = self._reason("unknown,2025-01,1\ncalls,2025-02,1\n")
        self.assertEqual(reason, "No KPI in Importing has the code “unknown”.")
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
            job.created_text, "1 new KPI, 2 newly tracked, 2 new departments"
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

    def test_an_amount_in_another_unit_than_the_kpi_is_refused(self):
        euro = self.env.ref("base.EUR")
        euro.sudo().active = True
        euros = {"unit": "currency", "currency_id": euro.id}
        for code, values in (
            ("sales", euros),
            ("margin", {"unit": "percent"}),
            ("hours", {"unit": "duration"}),
        ):
            self._kpi(code, code.title(), **values)
        cells = {
            "sales": ["1200 EUR", "1200 €", "1200", "12 USD", "12 %", "$12"],
            "margin": ["12 %", "12", "12 EUR"],
            "hours": ["90", "90 %"],
            "calls": ["12", "12 %", "12 EUR"],  # in no company's currency
        }
        rows = [
            f'{code},2025-{number:02},"{cell}"'
            for code, each in cells.items()
            for number, cell in enumerate(each, 1)
        ]
        self.assertEqual(self.company.currency_id.name, "USD")
        reasons = self._reasons(self._imported(HEAD + "\n".join(rows) + "\n"))
        not_euros = "Sales is in EUR, not in %s. Convert the value."
        other = "%s is not in %s. Convert the value, and enter it without a unit."
        self.assertEqual(
            reasons,
            {
                5: not_euros % "USD",
                6: not_euros % "%",
                7: not_euros % "$",
                10: other % ("Margin", "EUR"),
                12: other % ("Hours", "%"),
                15: other % ("Calls", "EUR"),
            },
        )

    def test_yearly_totals_in_another_unit_than_the_kpi_are_refused(self):
        self._kpi("sales", "Sales", unit="currency")
        cells = ["1200 USD", "1200", "1200 EUR", "12 %"]
        rows = [
            f"sales,20{number}-01-01,annual,{cell}\n"
            for number, cell in enumerate(cells, 22)
        ]
        job = self._imported(
            "code,valid from,set by,yearly total\n"
            + "".join(rows)
            + "calls,2025-01-01,annual,12 EUR\n",
            target_model="kpi.import.kpi.target",
        )
        not_dollars = "Sales is in USD, not in %s. Convert the value."
        other = "Calls is not in EUR. Convert the value, and enter it without a unit."
        self.assertEqual(
            self._reasons(job), {4: not_dollars % "EUR", 5: not_dollars % "%", 6: other}
        )
        wrong = [row["wrong"] for row in job.check_page["refused"]]
        self.assertEqual(wrong, [[3]] * 3)

    def test_all_reasons_of_a_row_are_named_with_their_cells(self):
        self._kpi("sales", "Sales", unit="currency")
        self._kpi("done", "Done", unit="boolean")
        with freeze_time("2025-03-15"):
            job = self._imported(
                "code,period,value,target\nsales,2025-04,5 EUR,6 %\ndone,2025-Q1,5,\n"
            )
        self.assertCounts(job, refused=2)
        self.assertEqual(
            self._reasons(job),
            {
                2: "Apr 2025 has not started. Sales is in USD, not in %. Convert the "
                "value. Sales is in USD, not in EUR. Convert the value.",
                3: "Done has a value per month, not per quarter.",
            },
        )
        wrong = [row["wrong"] for row in job.check_page["refused"]]
        self.assertEqual(wrong, [[1, 2, 3], [1]])

    def test_percentages_in_another_unit_are_refused(self):
        job = self._imported(
            "code,valid from,target,change (%),best zone from (%)\n"
            "calls,2025-01-01,1,,95 USD\ncalls,2025-02-01,1,5 $,\n"
            "calls,2025-03-01,1,5 %,\n",
            target_model="kpi.import.kpi.target",
        )
        self.assertEqual(list(self._reasons(job)), [2, 3])
        self.assertIn("“USD” is not a known unit", self._reasons(job)[2])

    def test_units_in_the_format_of_a_cell_are_those_of_the_value(self):
        sol = self.env.ref("base.PEN")
        sol.sudo().write({"active": True, "symbol": "S/"})
        for code, values in (
            ("sales", {"unit": "currency"}),
            ("soles", {"unit": "currency", "currency_id": sol.id}),
            ("hours", {"unit": "duration", "duration_unit": "hour"}),
            ("plan", {"unit": "custom", "unit_symbol": "% of plan"}),
            ("share", {"unit": "percent"}),
        ):
            self._kpi(code, code.title(), **values)
        rows = [
            ("calls", 12, "0.0"),
            ("calls", 12, '0.0" Mio"'),
            ("calls", 12, '#,##0 "h"'),
            ("calls", 12, "[$CHF] #,##0"),
            ("calls", 12e6, '0.0,," Mio"'),
            ("sales", 12, "[$$-409]#,##0"),
            ("sales", 12, "[$CHF] #,##0"),
            ("sales", 0.5, "0%"),
            ("hours", 12, '0 "h"'),
            ("hours", 12, '0 "min"'),
            ("plan", 12, '0" % of plan"'),
            ("share", 0.5, "0%"),
            ("share", 12, '0 "h"'),
            ("soles", 12, '"S/" 0'),
        ]
        stream = BytesIO()
        with xlsxwriter.Workbook(stream) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["code", "period", "value"])
            for place, (code, number, shown) in enumerate(rows, 1):
                sheet.write_row(place, 0, [code, f"2025-{place % 12 + 1:02}"])
                form = book.add_format({"num_format": shown})
                sheet.write(place, 2, number, form)
        job = self._imported(stream.getvalue(), name="values.xlsx")
        unknown = (
            "Column “value”: “12 %s”: “%s” is not a known unit. Enter the number in "
            "full, without it."
        )
        other = "%s is not in %s. Convert the value, and enter it without a unit."
        dollars = "Sales is in USD, not in %s. Convert the value."
        self.assertEqual(
            self._reasons(job),
            {
                3: unknown % ("Mio", "Mio"),
                4: other % ("Calls", "h"),
                5: other % ("Calls", "CHF"),
                8: dollars % "CHF",
                9: dollars % "%",
                11: unknown % ("min", "min"),
                14: other % ("Share", "h"),
            },
        )
        self.assertCounts(job, added=7, refused=7)
        self.assertEqual(max(self._values_of(self.calls).values()), 12e6)
        refused = base64.b64decode(job.refused_file)
        again = self._imported(refused, name="refused.xlsx")
        self.assertCounts(again, refused=7)

    def test_values_in_the_unit_of_their_kpi_are_taken(self):
        self._kpi("hours", "Hours", unit="duration", duration_unit="hour")
        self._kpi("pieces", "Pieces", unit="custom", unit_symbol="pcs.")
        job = self._imported(
            HEAD + "hours,2025-01,8 h\nhours,2025-02,8 hrs\npieces,2025-01,7 pcs.\n"
            "hours,2025-03,7 pcs\npieces,2025-02,8 min\n"
        )
        self.assertCounts(job, added=3, refused=2)
        self.assertEqual(list(self._reasons(job)), [5, 6])

    def test_words_that_hide_a_factor_are_refused(self):
        cells = ["12 MIO", "1.5 MRD", "3 TSD", "90 MIN", "1.5 HRS", "5 MLN", "4 k"]
        rows = [f"calls,2025-{n:02},{cell}" for n, cell in enumerate(cells, 1)]
        job = self._imported(HEAD + "\n".join(rows) + "\ncalls,2025-12,7\n")
        self.assertEqual(self._values_of(self.calls), {month(12): 7})
        for number, reason in self._reasons(job).items():
            unit = cells[number - 2].split()[1]
            self.assertIn(f"“{unit}” is not a known unit", reason)

    def test_a_new_kpi_shows_the_decimals_of_its_values(self):
        self._imported(
            "code,unit,period,value,target\n"
            "downtime,h,2025-01,12,\ndowntime,h,2025-02,10.5,\n"
            "share,%,2025-01,91,91.25\ncount,,2025-01,7,\n",
            creates_kpis=True,
        )
        codes = ("downtime", "share", "count")
        made = self.env["kpi.definition"].search([("code", "in", codes)])
        shown = {definition.code: definition.decimals for definition in made}
        self.assertEqual(shown, {"downtime": 1, "share": 2, "count": 0})

    def test_a_new_kpi_shows_the_decimals_of_its_targets(self):
        self._imported(
            "code,valid from,target\ndowntime,2025-01,7.5\n",
            target_model="kpi.import.kpi.target",
            creates_kpis=True,
        )
        made = self.env["kpi.definition"].search([("code", "=", "downtime")])
        self.assertEqual(made.decimals, 1)

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
        self.assertIn("“CS-02” and “CS/02” result in the same KPI code", reason)
        definition = self.env["kpi.definition"].search([("code", "=", "cs_02")])
        self.assertEqual(
            self._values_of(definition.report_ids), {month(1): 1, month(3): 3}
        )

    def test_letters_that_no_code_has_are_never_dropped(self):
        texts = ("Жcalls", "Ж_calls", "çalls", "сalls", "calls\u0338", "call\u200bs")
        job = self._imported(
            HEAD + "".join(f"{text},2025-01,1\n" for text in texts), creates_kpis=True
        )
        self.assertCounts(job, refused=len(texts))
        for text, reason in zip(texts, self._reasons(job).values(), strict=True):
            self.assertIn(f"“{text}”", reason)
        self.assertFalse(self._values_of(self.calls))

    def test_codes_in_other_shapes_of_their_letters(self):
        job = self._imported(
            HEAD + "CALLS,2025-01,1\n\uff23alls,2025-02,2\ncalls,2025-03,3\n"
        )
        self.assertCounts(job, added=3)

    def test_names_are_found_as_written_then_in_one_other_case(self):
        other = self._kpi("calls_2", "Other Calls")
        self.env.flush_all()
        # as before such names were refused
        self.cr.execute(
            """UPDATE kpi_definition SET name = '{"en_US": "CALLS"}' WHERE id = %s""",
            [other.definition_id.id],
        )
        self.env.invalidate_all()
        visits = self._kpi("visits", "Besuche süß")
        reason = self._reason(
            "calls,2025-01,1\nCALLS,2025-01,2\nBESUCHE SU\u0308SS,2025-01,3\n",
            "kpi,period,value\n",
        )
        self.assertEqual(reason, "Several KPIs are named “calls”. Use their codes.")
        self.assertFalse(self._values_of(self.calls))
        self.assertEqual(self._values_of(other), {month(1): 2})
        self.assertEqual(self._values_of(visits), {month(1): 3})

    def test_new_names_that_differ_only_in_case_get_their_code(self):
        rows = (
            "code,kpi,period,value\n"
            "lost,Lost,2025-01,1\n"
            "lost_2,LOST,2025-01,2\n"
            "lost_3,Lost,2025-01,3\n"
            "new_calls,CALLS,2025-01,4\n"
        )
        job = self._imported(rows, creates_kpis=True)
        self.assertCounts(job, added=4)
        names = {
            "lost": "Lost",
            "lost_2": "LOST (lost_2)",
            "lost_3": "Lost",
            "new_calls": "CALLS (new_calls)",
        }
        made = self.env["kpi.definition"].search([("code", "in", list(names))])
        self.assertEqual({kpi.code: kpi.name for kpi in made}, names)
        self.assertCounts(self._imported(rows), equal=4)

    def test_a_new_name_is_one_kpi_in_any_case(self):
        rows = "kpi,period,value\nLost,2025-01,1\nLOST,2025-02,2\n"
        job = self._imported(rows, creates_kpis=True)
        self.assertCounts(job, added=2)
        lost = self.env["kpi.definition"].search([("name", "=ilike", "lost")])
        self.assertEqual(lost.name, "Lost")
        self.assertEqual(self._values_of(lost.report_ids), {month(1): 1, month(2): 2})
        self.assertCounts(self._imported(rows), equal=2)

    def test_a_name_that_only_some_rows_give_a_code(self):
        rows = (
            "code,kpi,period,value\n"
            ",Lost,2025-01,1\n"
            "lost,LOST,2025-01,2\n"
            ",lost,2025-02,3\n"
            ",Won,2025-01,4\n"
        )
        job = self._imported(rows, creates_kpis=True)
        self.assertEqual(job.state, "done", job.error)
        self.assertCounts(job, added=2, refused=2)
        why = "Other rows give the KPI “Lost” a code. Enter it in this row, too."
        self.assertEqual(self._reasons(job), {2: why, 4: why})
        made = self.env["kpi.definition"].search([("code", "in", ("lost", "won"))])
        self.assertEqual(
            {kpi.code: kpi.name for kpi in made}, {"lost": "LOST", "won": "Won"}
        )

    def test_a_generated_code_is_none_that_the_file_has(self):
        target = self.registry["kpi.import.measurement"]
        for word, created_at_once in (("lost", 100), ("won", 1)):
            with patch.object(target, "_tried_at_once", created_at_once):
                job = self._imported(
                    "code,kpi,period,value\n"
                    f",{word} deals,2025-01,1\n"
                    f"{word}_deals,Deals that we {word},2025-01,2\n",
                    creates_kpis=True,
                )
            names = {
                f"{word}_deals_2": f"{word} deals",
                f"{word}_deals": f"Deals that we {word}",
            }
            with self.subTest(created_at_once=created_at_once):
                self.assertEqual(job.state, "done", job.error)
                self.assertCounts(job, added=2)
                made = self.env["kpi.definition"].search([("code", "in", [*names])])
                self.assertEqual({kpi.code: kpi.name for kpi in made}, names)

    def test_the_preview_names_the_kpi_of_each_row(self):
        job = self._import(
            HEAD + "Calls,2025-01,1\nжcalls,2025-01,1\nnew_one,2025-01,1\n",
            creates_kpis=True,
        )
        self.assertIn(f"{self.calls.name} (calls)", job.preview)
        self.assertIn("“жcalls” is not a valid code", job.preview)
        self.assertIn("New: new_one", job.preview)
        self.assertFalse(self.env["kpi.definition"].search([("code", "=", "new_one")]))

    def test_the_preview_of_an_edited_form_names_the_kpis(self):
        job = self._import(HEAD + "calls,2025-01,1\n")
        with Form(job) as form:
            form.no_value_texts = "none"
            self.assertIn(f"{self.calls.name} (calls)", form.preview)

    def test_a_followed_kpi_is_named_by_its_own_code(self):
        self._kpi("budget", "Budget")
        job = self._imported(
            "code;valid from;set by;code of the other kpi\n"
            "calls;2025-01-01;budget;жbudget\n"
            "calls;2025-02-01;budget;BUDGET\n"
            "calls;2025-03-01;budget;budget\n",
            target_model="kpi.import.kpi.target",
        )
        self.assertCounts(job, added=2, refused=1)
        reason = "No KPI has the code “жbudget”."
        self.assertEqual(self._reasons(job)[2], reason)

    def test_a_text_without_latin_letters_is_no_code(self):
        reason = self._reason("Выручка,2025-01,1\n", creates_kpis=True)
        self.assertIn("Choose “KPI” for this column", reason)

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
        self.assertIn("Enter all in descending order", reasons[3])
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
        kpi = self.calls.definition_id._track_for("department", north)
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
        kpi = self.calls.definition_id._track_for("user", self.officer)
        self._imported("code,login,period,value\ncalls,kpi_importer,2025-01,4\n")
        self.assertEqual(self._values_of(kpi), {month(1): 4})

    def test_another_companys_rows(self):
        other = self.env["res.company"].sudo().create({"name": "Other"})
        self.env["kpi.definition"].sudo().create(
            {"code": "foreign", "name": "Foreign", "company_id": other.id}
        )._track_for("company", other)
        head = "code,company,period,value\n"
        reason = self._reason("calls,Other,2025-01,1\n", head)
        self.assertEqual(reason, "Company “Other” is not one of your companies.")
        reason = self._reason("foreign,,2025-01,1\n", head)
        self.assertEqual(reason, "No KPI in Importing has the code “foreign”.")

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
        self.assertIn("has not started", self._reasons(job)[3])

    def test_years_that_begin_in_one_and_end_in_the_next(self):
        fiscal = self.env["kpi.calendar"].create(
            {"name": "Fiscal", "company_id": self.company.id, "fiscal_month": "7"}
        )
        sales = self._kpi("sales", "Sales", frequency="year", calendar_id=fiscal.id)
        self._kpi("rent", "Rent", frequency="year")
        job = self._import(HEAD + "sales,2010-11,1\nrent,2010-11,2\nsales,2012-13,3\n")
        self._column(job, "period").year_pairs = "years"
        job.action_import()
        self.assertCounts(job, added=2, refused=1)
        self.assertEqual(self._values_of(sales), {month(7, 2010): 1, month(7, 2012): 3})
        self.assertEqual(
            self._reasons(job)[3],
            "Rent uses calendar years, not 2010 to 2011.",
        )

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
        self.assertEqual(reason, "Several KPIs are named “Calls”. Use their codes.")

    def test_archived_kpis(self):
        self.calls.definition_id.active = False
        reason = self._reason("calls,2025-01,1\n")
        self.assertEqual(reason, "The KPI “calls” is archived.")

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
        self.assertIn("exceeds the highest", self._reasons(job)[2])

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

    def test_refused_values_cost_at_most_twice_good_ones(self):
        head = "code,department,period,value\n"
        days = [f"{1950 + n // 12}-{n % 12 + 1:02}" for n in range(300)]
        good = head + "".join(f"calls,,{day},1\n" for day in days)
        for row in (
            "calls,Nowhere {n},{day},1",
            "nothing_{n},,{day},1",
            "calls,,{day},x",
            "calls,,20{m}-01-01,1",
        ):
            lines = (row.format(n=n, m=40 + n % 60, day=d) for n, d in enumerate(days))
            with self.subTest(row=row):
                self.assertRefusedCheap(good, head + "\n".join(lines))

    def test_refused_targets_cost_at_most_twice_good_ones(self):
        head = (
            "code,valid from,target,stretch,best zone from (%),second zone from (%),"
            "set by\n"
        )
        # of years whose days the calendar of the tests has
        days = [f"{2023 + n // 12}-{n % 12 + 1:02}-01" for n in range(40)]
        good = head + "".join(f"calls,{day},10,12,100,90,\n" for day in days)
        for cells in ("10,12,80,90,", "10,9,100,90,", ",,,,budget"):
            refused = head + "".join(f"calls,{day},{cells}\n" for day in days)
            with self.subTest(cells=cells):
                self.assertRefusedCheap(
                    good, refused, 40, target_model="kpi.import.kpi.target"
                )

    def test_refused_new_kpis_cost_at_most_twice_good_ones(self):
        rows = HEAD + "".join(f"new_{n},2025-01,1\n" for n in range(40))
        statements = []
        for on_track in (95, 95, 50):
            statements.append(
                self._count_statements(
                    rows, creates_kpis=True, on_track_percent=on_track
                )
            )
        self.assertEqual([count for _found, count in statements], [0, 0, 40])
        self.assertLessEqual(statements[2][0], 2 * statements[1][0])

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
        self.assertIn("Enter all in descending order", reasons[2])
        self.assertIn("enter “Other KPI”", reasons[3])
        self.assertEqual(self.calls.target_ids.mapped("value"), [12])
