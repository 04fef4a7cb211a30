from datetime import date
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.translate import code_translations

from ..common import FIRST, LAST, KpiCase, month_of

MONTHS = [date(2023, month, 1) for month in range(1, 13)]


@tagged("post_install", "-at_install")
class TestKpiFormulaDefinition(KpiCase):
    """Formulas are checked when saved, evaluated on totals, and say what is missing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.won = cls._definition(
            "Won", measure="count", domain="[('x_is_won', '=', True)]"
        )
        cls.closed = cls._definition("Closed", measure="count")
        cls.rate = cls._formula("Rate", "100 * won / closed", unit="percent")
        cls.north, cls.south = (cls._create_user(login) for login in ("no", "so"))

    @classmethod
    def _formula(cls, name, text, **values):
        return cls.env["kpi.definition"].create(
            {
                "name": name,
                "code": cls.env["kpi.definition"]._code_from_name(name),
                "company_id": cls.company.id,
                "calendar_id": cls.calendar.id,
                "computation": "formula",
                "formula": text,
                "history_start": FIRST,
                **values,
            }
        )

    def _deals(self, *rows):
        """Deals of (day, user, is won)."""
        self.deals.create(
            [
                {
                    "x_name": "deal",
                    "x_active": True,
                    "x_date": day,
                    "x_user_id": user.id,
                    "x_company_id": self.company.id,
                    "x_is_won": is_won,
                }
                for day, user, is_won in rows
            ]
        )

    def test_a_ratio_of_the_company_is_that_of_its_totals(self):
        # north wins 1 of 1 (100%), south 1 of 4 (25%): together 2 of 5, not 62.5%
        day = date(2023, 3, 9)
        self._deals((day, self.north, True), (day, self.south, True))
        self._deals(*[(day, self.south, False)] * 3)
        for kpi in self.won | self.closed:
            self._track(kpi, self.north, self.south)
        (company,) = self._track(self.rate)
        self._compute()
        self.assertValues(company, {date(2023, 3, 1): 40.0})

    def test_a_year_is_evaluated_on_the_totals_of_the_year(self):
        # March 1 of 2, June 1 of 1: the year 2 of 3
        self._deals(
            (date(2023, 3, 9), self.north, True),
            (date(2023, 3, 9), self.north, False),
            (date(2023, 6, 9), self.north, True),
        )
        self._track(self.won | self.closed)
        (report,) = self._track(self.rate)
        self._compute()
        self.assertValues(report, {date(2023, 1, 1): 200 / 3}, grain="year")
        self.assertValues(
            report, {date(2023, 1, 1): 50.0, date(2023, 4, 1): 100.0}, grain="quarter"
        )

    def test_own_fact_wins_over_what_is_below(self):
        # 3 deals of one user, 1 of nobody: the company's own count is 4
        day = date(2023, 5, 2)
        self._deals(*[(day, self.north, True)] * 3)
        self._deals((day, self.env["res.users"], True))
        self._track(self.closed, self.company, self.north)
        (report,) = self._track(self._formula("Same", "closed"))
        self._compute()
        self.assertEqual(self._values(report)[date(2023, 5, 1)], 4.0)

    def test_members_count_for_their_department_of_the_last_day(self):
        top = self._create_department("Top")
        left = self._create_department("Left", top)
        right = self._create_department("Right", top)
        employee = self._employ(self.north, left)
        self._transfer(employee, right, date(2023, 7, 1))
        self._deals(*[(day, self.north, True) for day in MONTHS])
        self._track(self.closed, self.north)
        reports = self._track(self._formula("Same", "closed"), top, left, right)
        by_name = {report.department_id.name: report for report in reports}
        self._compute()
        self.assertEqual(set(self._values(by_name["Top"])), set(MONTHS))
        self.assertEqual(set(self._values(by_name["Left"])), set(MONTHS[:6]))
        self.assertEqual(set(self._values(by_name["Right"])), set(MONTHS[6:]))

    def test_only_the_deepest_tracked_of_a_branch_is_counted(self):
        top = self._create_department("Top")
        child = self._create_department("Child", top)
        other = self._create_department("Other", top)
        self._employ(self.north, child)
        self._employ(self.south, other)
        day = date(2023, 2, 3)
        self._deals((day, self.north, True), *[(day, self.south, True)] * 2)
        # child is tracked by its person as well: 1 once, and other by itself: 2
        self._track(self.closed, self.north, child, other)
        (report,) = self._track(self._formula("Same", "closed"), top)
        self._compute()
        self.assertEqual(self._values(report)[date(2023, 2, 1)], 3.0)

    def test_incomplete_roll_ups_say_so(self):
        manual = self._definition("Mood", computation="manual", unit="score")
        for user in self.north, self.south:
            self._employ(user, self._create_department(user.name))
        reports = self._track(manual, self.north, self.south)
        reports[0]._enter_value(date(2023, 4, 1), 6)
        (total,) = self._track(self._formula("Total mood", "mood"))
        self._compute()
        fact = self._fact(total, date(2023, 4, 1))
        self.assertEqual(fact.value, 6.0)
        self.assertEqual((fact.parts_present, fact.parts_expected), (1, 2))

    def test_a_missing_value_has_a_reason(self):
        self._track(self.won | self.closed)
        (report,) = self._track(self.rate)
        self._deals((date(2022, 12, 1), self.north, True))
        self._compute()
        self.assertFalse(self._values(report))
        said = "No value: “Closed” is 0."
        self.assertEqual(report.computation_error, said)

    def test_chains_of_formulas_look_back_far_enough(self):
        self._deals(
            *[(day, self.north, True) for day in MONTHS for _ in range(day.month)]
        )
        self._track(self.closed)
        step = self._formula("Step", "closed - prev(closed)")
        far = self._formula("Far", "prev(step, 2)")
        (report,) = self._track(far)
        self._track(step)
        self._compute()
        # from month 4 on: the step two months before, which was 1
        self.assertEqual(
            {
                day: value
                for day, value in self._values(report).items()
                if day.month >= 4
            },
            dict.fromkeys(MONTHS[3:], 1.0),
        )

    def test_looking_back_before_all_history_costs_nothing(self):
        self._deals(*[(day, self.north, True) for day in MONTHS])
        self._track(self.closed)
        known = self._first_day()
        far = self._formula("Far", "closed + coalesce(prev(prev(closed, 400), 400), 0)")
        (report,) = self._track(far)
        self._compute()
        self.assertEqual(self._values(report)[MONTHS[0]], 1.0)
        self.assertEqual(self._values(report, "year")[FIRST], 12.0)
        self.assertEqual(far.formula_preview[-1]["value"], None)
        earliest = min(known, date(FIRST.year - 1, 1, 1))
        self.assertGreaterEqual(self._first_day(), earliest)

    def _first_day(self):
        """The first day of the calendar that is stored."""
        return (
            self.env["kpi.calendar.day"]
            .search([("shape", "=", self.calendar.shape)], order="day", limit=1)
            .day
        )

    def test_what_changes_makes_its_formulas_stale(self):
        self._track(self.won | self.closed)
        (report,) = self._track(self.rate)
        self._deals((date(2023, 1, 5), self.north, True))
        self._compute()
        self.env["kpi.definition"]._recompute_formulas()
        self.assertFalse(self.rate._is_stale())
        self._deals((date(2023, 8, 5), self.north, True))
        for source in self.env["kpi.source"].search([]):
            for statement, periods in source._plan(FIRST, LAST):
                source._compute(statement, periods)
        self.assertEqual(self.rate.stale_from, date(2023, 8, 1))
        self.env["kpi.definition"]._recompute_formulas()
        self.assertEqual(self._values(report)[date(2023, 8, 1)], 100.0)
        self.assertEqual(
            self.env["kpi.definition"]._recompute_formulas().write_count, 0
        )

    def test_what_is_asked_for_is_all_that_is_evaluated(self):
        part = self._formula("Part", "1")
        asked = self._formula("Asked", "part + 1")
        apart = self._formula("Apart", "2")
        reports = [*self._track(part), *self._track(asked), *self._track(apart)]
        self.env["kpi.definition"]._recompute_formulas(FIRST, LAST, asked)
        counts = [len(self._values(report)) for report in reports]
        self.assertEqual(counts, [12, 12, 0])

    def test_the_scheduled_refresh_evaluates_formulas(self):
        self._track(self.won | self.closed)
        (report,) = self._track(self.rate)
        today = self.calendar._today()
        self._deals((today, self.north, True))
        self.env["kpi.job"].search([]).unlink()
        cron = self.env.ref("kpi_base.kpi_job_cron")
        with self.enter_registry_test_mode(), mute_logger("odoo.sql_db"):
            cron.method_direct_trigger()
        job = self.env["kpi.job"].search([("kind", "=", "refresh")])
        self.assertEqual(job.state, "done", job.error)
        self.assertEqual(self._values(report), {month_of(today): 100.0})

    def test_a_removed_value_takes_its_formula_with_it(self):
        self._track(self.won | self.closed)
        (report,) = self._track(self.rate)
        self._deals((date(2023, 3, 5), self.north, True))
        self._compute()
        self.assertTrue(self._values(report))
        self.deals.search([]).unlink()
        self._compute()
        self.assertFalse(self._values(report))
        revision = self.env["kpi.measurement.revision"].search(
            [("report_id", "=", report.id), ("grain", "=", "month")]
        )
        self.assertEqual(revision.old_value, 100.0)
        self.assertTrue(revision.is_removal)

    def test_a_target_can_be_a_part(self):
        (report,) = self._track(self.closed)
        self.env["kpi.target"].create(
            {"report_id": report.id, "date_from": date(2023, 6, 1), "value": 8}
        )
        (gap,) = self._track(self._formula("Gap", "closed - target(closed)"))
        self._deals((date(2022, 12, 1), self.north, True))
        self._deals(*[(date(2023, 9, 1), self.north, True)] * 3)
        self._compute()
        values = self._values(gap)
        self.assertEqual(min(values), date(2023, 6, 1))
        self.assertEqual(values[date(2023, 9, 1)], -5.0)

    def test_refused_formulas_name_place_and_reason(self):
        cases = [
            ("won / clossed", r"Column 7: .*clossed.*closed"),  # a slip of the pen
            ("won.__class__", r"Column \d+"),
            ("__import__('os')", r"Column \d+"),
            ("9**9**9", r"Column \d+"),
            ("(" * 10_000 + "won" + ")" * 10_000, r"1,?000"),
            ("[x for x in won]", r"Column \d+"),
            ("won + 1e400", r"Column 7"),
            ("won\x00 + 1", r"Column 4: U\+0000"),
            ("won + \ud800", r"Column 7: U\+D800"),
            ("rate + 1", None),  # fine
        ]
        for number, (text, message) in enumerate(cases):
            with self.subTest(text=text[:40]):
                if message is None:
                    self._formula("Fine", text)
                    continue
                with self.assertRaisesRegex(ValidationError, message):
                    self._formula(f"Refused {number}", text)

    def test_mistakes_in_several_lines_name_the_line(self):
        form = Form(self.rate)
        form.formula = "100 *\n  won / clos"
        self.assertIn("Line 2, column 9: ", form.formula_error)
        self.assertEqual(form.formula_error_position, {"line": 2, "column": 9})
        form.formula = "clos\n + won"
        self.assertIn("Line 1, column 1: ", form.formula_error)
        form.formula = "won / closed"
        self.assertFalse(form.formula_error_position)

    def test_what_formulas_say_is_translated(self):
        terms = {
            "No KPI has the code %(code)s.": "Kein KPI %(code)s.",
            "Column %(column)s: %(message)s": "Spalte %(column)s: %(message)s",
        }
        self.env["res.lang"]._activate_lang("de_DE")
        german = self.rate.with_context(lang="de_DE")
        translations = patch.object(
            code_translations, "get_python_translations", return_value=terms
        )
        with translations, self.assertRaisesRegex(ValidationError, "Spalte 1: Kein"):
            german.formula = "clos"

    def test_a_cycle_is_refused_naming_its_path(self):
        second = self._formula("Second", "rate * 2")
        self._formula("Third", "second * 2")
        with self.assertRaisesRegex(
            ValidationError, "Column 7: .*rate → third → second → rate"
        ):
            self.rate.formula = "won + third"
        with self.assertRaisesRegex(ValidationError, "Column 1: Circular reference"):
            second.formula = "third"

    def test_weeks_do_not_fit_into_months(self):
        weekly = self._definition("Weekly", frequency="week")
        message = "Column 7: Weekly has one value per week, not per month"
        with self.assertRaisesRegex(ValidationError, message):
            self._formula("By month", f"won + {weekly.code}")

    def test_what_cannot_be_combined_is_refused_in_longer_periods(self):
        self._definition(
            "Customers",
            measure="distinct",
            measure_field="x_partner_id",
            coarsest_grain="month",
        )
        with self.assertRaisesRegex(ValidationError, "Customers has no value per"):
            self._formula("By year", "customers * 2")
        self._formula("Months only", "customers * 2", coarsest_grain="month")

    def test_units_that_do_not_agree_are_warned_about(self):
        self._definition(
            "Revenue", measure="sum", measure_field="x_amount", unit="currency"
        )
        kpi = self._formula("Odd", "revenue + rate")
        self.assertTrue(kpi.formula_warnings)
        self.assertFalse(self.rate.formula_warnings)

    def test_the_form_checks_and_previews_before_saving(self):
        self._track(self.won | self.closed)
        today = self.calendar._today()
        self._deals((today, self.north, True))
        self._compute(first=FIRST, last=today)
        form = Form(self.env["kpi.definition"])
        form.name = "Draft"
        form.shows_options = True
        form.company_id = self.company
        form.calendar_id = self.calendar
        form.computation = "formula"
        form.formula = "won / clos"
        self.assertIn("Column 7", form.formula_error)
        form.formula = "won / closed"
        self.assertFalse(form.formula_error)
        last = form.formula_preview[-1]
        self.assertEqual(last["period"], str(month_of(today)))
        self.assertEqual(last["value"], 1.0)
        self.assertEqual(len(form.formula_preview), 12)

    def test_a_code_in_use_is_kept(self):
        with self.assertRaisesRegex(UserError, "Rate"):
            self.won.code = "victories"

    def test_a_part_is_neither_archived_nor_deleted_before_its_formulas(self):
        message = "Won is used in the formulas of Rate"
        for take_away in (self.won.action_archive, self.won.unlink):
            with self.assertRaisesRegex(UserError, message), self.cr.savepoint():
                take_away()
        (self.won | self.rate).action_archive()
        with self.assertRaisesRegex(UserError, message):
            self.won.unlink()
        (self.won | self.rate).unlink()

    def test_a_formula_whose_part_is_archived_says_so_until_it_is_back(self):
        self._track(self.won | self.closed)
        (report,) = self._track(self.rate)
        other = self._track(self._formula("Twice", "2 * closed"))
        self._deals((date(2023, 3, 5), self.north, True))
        self.env.flush_all()
        self.cr.execute(
            "UPDATE kpi_definition SET active = FALSE WHERE id = %s", [self.won.id]
        )
        self.env.invalidate_all()
        self._compute()
        for record in (self.rate, report):
            self.assertRegex(record.computation_error, "Rate .*archived.*: won\\.")
        self.assertEqual(self._values(other)[date(2023, 3, 1)], 2.0)
        self.assertFalse(self.rate.formula_preview)
        self.won.action_unarchive()
        self._compute()
        self.assertFalse(self.rate.computation_error)
        self.assertEqual(self._values(report)[date(2023, 3, 1)], 100.0)

    def test_other_companies_cannot_be_named(self):
        south = self._create_company("South")
        calendar = self.calendar.copy({"company_id": south.id})
        with self.assertRaisesRegex(ValidationError, "No KPI has the code closed"):
            self._formula(
                "Foreign", "closed", company_id=south.id, calendar_id=calendar.id
            )
