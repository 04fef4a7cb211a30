from datetime import date

from odoo.tests import tagged

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
        self.assertFalse(twice.stale_from)

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
