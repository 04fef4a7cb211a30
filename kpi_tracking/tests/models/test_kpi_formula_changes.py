from datetime import date

from odoo.tests import Form, tagged

from ..common import KpiCase

JANUARY, FEBRUARY, MARCH = (date(2023, month, 1) for month in (1, 2, 3))


@tagged("post_install", "-at_install")
class TestKpiFormulaChanges(KpiCase):
    """What makes a formula be evaluated again although no part of it has changed.

    The runs are those of the cron: without a range, they look for what has changed.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.east = cls._create_department("East")
        cls.west = cls._create_department("West")
        cls.ann = cls._create_user("ann")
        cls.ann_employed = cls._employ(cls.ann, cls.east)
        for month in (JANUARY, FEBRUARY, MARCH):
            cls.deals.create(
                {
                    "x_date": month.replace(day=10),
                    "x_active": True,
                    "x_company_id": cls.company.id,
                    "x_user_id": cls.ann.id,
                }
            )

    def _formula(self, formula, *records):
        definition = self._definition(
            "Twice", computation="formula", formula=formula, coarsest_grain="month"
        )
        return self._track(definition, *records)

    def _run(self):
        with self._at("2023-03-31 12:00:00"):
            self._compute(None, None)

    def assertMonths(self, report, *values):
        found = self._values(report)
        months = (JANUARY, FEBRUARY, MARCH)
        self.assertEqual([found.get(month) for month in months], list(values))

    def test_people_who_move_take_their_values_with_them_from_that_day_on(self):
        self._track(self._definition("Deals"), self.ann)
        twice = self._formula("2 * deals", self.east, self.west)
        east, west = twice.sorted(lambda report: report.department_id.id)
        self._run()
        self.assertMonths(east, 2, 2, 2)
        self.assertMonths(west, None, None, None)
        self._transfer(self.ann_employed, self.west, MARCH)
        self._run()
        self.assertMonths(east, 2, 2, None)
        self.assertMonths(west, None, None, 2)

    def test_the_form_of_an_employee_names_the_periods_that_a_move_rewrites(self):
        self._track(self._definition("Deals"), self.ann)
        self._track(self._definition("Direct Deals"), self.east, self.west)
        east = self._formula("2 * deals", self.east)
        self.env["kpi.target"].create(
            {"report_id": east.id, "date_from": FEBRUARY, "value": 1}
        )
        self._run()
        clerk = self._create_user("clerk", groups="base.group_user,hr.group_hr_user")
        with self._at("2023-03-31 12:00:00"):
            employee = self.ann_employed.with_user(clerk).with_context(
                allowed_company_ids=self.company.ids
            )
            form = Form(employee, "hr.view_employee_form")
            form.department_id = self.west
            self.assertNotIn("closed", form.kpi_department_note)
            form.kpi_department_change = "always"
            note = "to recalculate: 2 (Jan 2023 – Feb 2023). Already rated: 1."
            self.assertIn(note, form.kpi_department_note)
            form.kpi_department_change = "date"
            form.kpi_department_since = FEBRUARY
            self.assertIn("to recalculate: 1 (Feb 2023)", form.kpi_department_note)
            form.kpi_department_change = "today"
            form.save()
        self._run()
        self.assertMonths(east, 2, 2, None)

    def test_what_was_entered_before_all_history_is_looked_back_at(self):
        entered = self._track(self._definition("Entered", computation="manual"))
        self.env["kpi.measurement"]._upsert(
            "month",
            [(entered.id, date(2022, 12, 1), 5.0), (entered.id, JANUARY, 6.0)],
            source="manual",
        )
        before = self._formula("prev(entered)", self.company)
        self._run()
        self.assertMonths(before, 5, 6, None)

    def test_only_the_days_after_a_move_are_evaluated_again(self):
        deals = self._definition("Deals")
        self._track(deals, self.ann)
        twice = self._formula("2 * deals", self.east).definition_id
        self._run()
        self._transfer(self.ann_employed, self.west, FEBRUARY)
        self.env["kpi.membership"]._refresh()
        twice.invalidate_recordset()
        self.assertEqual(twice.stale_from, FEBRUARY)

    def test_people_who_are_not_tracked_move_without_a_formula_being_evaluated(self):
        self._track(self._definition("Deals"), self.company)
        twice = self._formula("2 * deals", self.company).definition_id
        self._run()
        self._transfer(self.ann_employed, self.west, FEBRUARY)
        self.env["kpi.membership"]._refresh()
        twice.invalidate_recordset()
        self.assertEqual(twice.stale_from, date(2023, 4, 1))

    def test_a_department_moved_below_another_counts_there(self):
        self._track(self._definition("Deals"), self.east)
        north, south = (self._create_department(name) for name in ("North", "South"))
        twice = self._formula("2 * deals", north, south)
        above_north, above_south = twice.sorted(lambda report: report.department_id.id)
        self.east.parent_id = north
        self._run()
        self.assertMonths(above_north, 2, 2, 2)
        self.east.parent_id = south
        self._run()
        self.assertMonths(above_north, None, None, None)
        self.assertMonths(above_south, 2, 2, 2)

    def test_an_archived_report_counts_where_its_department_moves(self):
        deals = self._track(self._definition("Deals"), self.east)
        north = self._create_department("North")
        twice = self._formula("2 * deals", north)
        self._run()
        deals.active = False
        self.east.parent_id = north
        self._run()
        self.assertMonths(twice, 2, 2, 2)

    def test_a_department_counts_nowhere_when_the_one_above_it_is_gone(self):
        self._track(self._definition("Deals"), self.east)
        north = self._create_department("North")
        self.east.parent_id = between = self._create_department("Between", north)
        twice = self._formula("2 * deals", north)
        self._run()
        self.assertMonths(twice, 2, 2, 2)
        between.unlink()
        self._run()
        self.assertMonths(twice, None, None, None)

    def test_a_formula_tracked_later_has_the_values_of_the_past(self):
        self._track(self._definition("Deals"), self.company, self.ann)
        company = self._formula("2 * deals", self.company)
        self._run()
        ann = self._track(company.definition_id, self.ann)
        self._run()
        self.assertMonths(ann, 2, 2, 2)

    def test_a_target_that_is_set_changed_or_removed_is_used(self):
        deals = self._track(self._definition("Deals"))
        missed = self._formula("target(deals) - deals")
        self._run()
        self.assertMonths(missed, None, None, None)
        target = self.env["kpi.target"].create(
            {"report_id": deals.id, "date_from": FEBRUARY, "value": 5}
        )
        self._run()
        self.assertMonths(missed, None, 4, 4)
        target.value = 3
        self._run()
        self.assertMonths(missed, None, 2, 2)
        target.date_from = MARCH
        self._run()
        self.assertMonths(missed, None, None, 2)
        target.unlink()
        self._run()
        self.assertMonths(missed, None, None, None)

    def _entered(self, name, **months_of):
        """A KPI that people enter; for each user the values of the first months."""
        entered = self._definition(name, computation="manual")
        for login, values in months_of.items():
            report = self._track(entered, getattr(self, login))
            self._enter(report, *values)
        return entered

    def _enter(self, report, *values):
        rows = zip([report.id] * 3, (JANUARY, FEBRUARY, MARCH), values, strict=False)
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")

    def _parts(self, report, day):
        fact = self._fact(report, day)
        return fact.parts_present, fact.parts_expected

    def test_how_people_add_up_is_asked_again_when_it_changes(self):
        self.bob = self._create_user("bob")
        entered = self._entered("Entered", ann=[7], bob=[3])
        same = self._formula("entered * 1")
        self._run()
        self.assertMonths(same, 10, None, None)
        entered.aggregation_scope = "max"
        self._run()
        self.assertMonths(same, 7, None, None)
        self.assertSameAsForced()

    def test_a_unit_that_makes_it_an_average_is_noticed(self):
        self.bob = self._create_user("bob")
        entered = self._entered("Entered", ann=[7], bob=[3])
        same = self._formula("entered * 1")
        self._run()
        entered.unit = "score"
        self._run()
        self.assertMonths(same, 5, None, None)

    def test_people_tracked_later_or_no_more_are_parts_that_lack_or_not(self):
        entered = self._entered("Entered", ann=[7])
        same = self._formula("entered * 1")
        self._run()
        self.assertEqual(self._parts(same, JANUARY), (1, 1))
        bob = self._track(entered, self._create_user("bob"))
        self._run()
        self.assertEqual(self._parts(same, JANUARY), (1, 2))
        bob.write({"scope_type": "company", "user_id": False})
        self._run()
        self.assertEqual(self._parts(same, JANUARY), (1, 1))
        bob.write({"scope_type": "user", "user_id": self.env.uid})
        self._run()
        bob.unlink()
        self._run()
        self.assertEqual(self._parts(same, JANUARY), (1, 1))
        self.assertSameAsForced()

    def test_an_archived_report_counts_but_nobody_waits_for_it(self):
        entered = self._entered("Entered", ann=[7, 7])
        same = self._formula("entered * 1")
        bob = self._track(entered, self._create_user("bob"))
        self._enter(bob, 3)
        self._run()
        self.assertEqual(self._parts(same, FEBRUARY), (1, 2))
        bob.active = False
        self._run()
        self.assertMonths(same, 10, 7, None)
        self.assertEqual(self._parts(same, FEBRUARY), (1, 1))
        self.assertSameAsForced()

    def test_what_is_below_counts_after_a_computed_report_was_archived(self):
        deals = self._definition("Deals")
        company, _ann = self._track(deals, self.company, self.ann)
        self.deals.search([]).copy({"x_user_id": False})  # a deal of nobody each
        same = self._formula("deals * 1")
        with self._at("2023-02-28 12:00:00"):
            self._compute(None, None)
        company.active = False
        self._run()
        self.assertMonths(same, 2, 2, 1)
        company.active = True
        self._run()
        self.assertMonths(same, 2, 2, 2)

    def test_a_formula_tracked_for_somebody_else_has_their_values(self):
        self._track(self._definition("Deals"), self.ann)
        twice = self._formula("2 * deals", self.west)
        self._run()
        self.assertMonths(twice, None, None, None)
        twice.department_id = self.east
        self._run()
        self.assertMonths(twice, 2, 2, 2)

    def test_an_empty_report_does_not_hide_what_is_below(self):
        entered = self._entered("Entered", ann=[7, 3])
        same = self._formula("entered * 1")
        company = self._track(entered, self.company)
        self._run()
        self.assertMonths(same, 7, 3, None)
        self._enter(company, None, 5)
        self._run()
        self.assertMonths(same, 7, 5, None)
        self.assertEqual(self._parts(same, JANUARY), (1, 1))
        self.assertEqual(self._parts(same, FEBRUARY), (0, 0))
        self.assertSameAsForced()

    def test_own_and_rolled_up_periods_are_explained_and_previewed_alike(self):
        entered = self._entered("Entered", ann=[7, 3])
        same = self._formula("entered * 1")
        self._enter(self._track(entered, self.company), None, 5)
        self._run()
        for day, value in ((JANUARY, 7), (FEBRUARY, 5)):
            parts = same.get_explanation(day)["parts"]
            self.assertEqual([part["value"] for part in parts], [value] * 2)
        with self._at("2023-03-31 12:00:00"):
            preview = [row["value"] for row in same.definition_id.formula_preview]
        self.assertEqual(preview[-3:], [7, 5, None])

    def test_what_is_computed_and_has_no_records_is_not_rolled_up(self):
        # Ann works in East; her deals are the West's.
        self.deals.search([]).write({"x_department_id": self.west.id, "x_amount": 5})
        amount = self._definition(
            "Amount",
            measure="average",
            measure_field="x_amount",
            unit="currency",
            aggregation_scope="average",
            aggregation_time="average",
            department_field="x_department_id",
        )
        self._track(amount, self.ann, self.east)
        same = self._formula("amount * 1", self.east)
        self._run()
        self.assertMonths(same, None, None, None)

    def test_a_snapshot_tracked_later_was_what_is_below_before(self):
        deals = self._definition("Deals", kind="snapshot")
        ann, company = self._track(deals, self.ann, self.company)
        facts = self.env["kpi.measurement"]
        facts._upsert("month", [(ann.id, JANUARY, 4.0)], source="records")
        same = self._formula("deals * 1")
        self._run()
        self.assertEqual(self._values(same)[JANUARY], 4)
        self.assertNotIn(JANUARY, self._values(company))

    def test_a_new_period_has_a_value_although_nothing_was_entered(self):
        self._entered("Entered", ann=[7, 3])
        before = self._formula("prev(entered)")
        with self._at("2023-02-28 12:00:00"):
            self._compute(None, None)
        self.assertMonths(before, None, 7, None)
        self._run()
        self.assertMonths(before, None, 7, 3)

    def test_a_target_of_a_later_period_waits_for_it(self):
        deals = self._track(self._definition("Deals"))
        goal = self._formula("target(deals)")
        self._run()
        self.env["kpi.target"].create(
            {"report_id": deals.id, "date_from": date(2023, 5, 1), "value": 5}
        )
        self._run()
        self.assertEqual(self._values(goal), {})
        with self._at("2023-05-02 12:00:00"):
            self._compute(None, None)
        self.assertEqual(self._values(goal), {date(2023, 5, 1): 5})

    def test_a_formula_has_no_values_before_its_history_for_others_either(self):
        entered = self._track(self._definition("Entered", computation="manual"))
        self._enter(entered, 7, 3)
        twice = self._formula("2 * entered")
        twice.definition_id.history_start = FEBRUARY
        change = self._definition(
            "Change",
            computation="formula",
            formula="prev(twice) + target(entered)",
            coarsest_grain="month",
        )
        report = self._track(change)
        self.env["kpi.target"].create(
            {"report_id": entered.id, "date_from": JANUARY, "value": 1}
        )
        self._run()
        self.assertMonths(report, None, None, 7)
        entered.target_ids.value = 2
        self._run()
        self.assertMonths(report, None, None, 8)
        self.assertSameAsForced()
