from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..models.test_kpi_judged import KpiTargetCase

MANAGER = "kpi_base.kpi_base_group_manager"


@tagged("post_install", "-at_install")
class TestKpiTargetCopy(KpiTargetCase):
    """Targets of this year as those of the next."""

    def _copy(self, targets, **values):
        wizard = self.env["kpi.target.copy.wizard"].create(
            {"target_ids": targets.ids, **values}
        )
        return wizard.action_copy()["params"]["message"]

    def _numbers(self, report):
        """First day → number, of next year."""
        later = report.target_ids.filtered(lambda target: target.date_from.year == 2027)
        return {target.date_from: target.value for target in later}

    def test_numbers_are_copied_a_year_later_with_some_percent(self):
        sales = self._report("Sales")
        targets = self._targets(sales, {(2026, 1): 100, (2026, 7): -33})
        targets[0].stretch = 110
        message = self._copy(targets, change_percent=5)
        self.assertIn("copied: 2.", message)
        # -33 and 5% better: -31.35, to no decimals
        self.assertEqual(
            self._numbers(sales), {date(2027, 1, 1): 105, date(2027, 7, 1): -31}
        )
        first = sales.target_ids.filtered(lambda t: t.date_from == date(2027, 1, 1))
        self.assertAlmostEqual(first.stretch, 116)  # 115.5

    def test_numbers_without_a_change_keep_their_digits(self):
        sales = self._report("Sales")
        self._copy(self._target(sales, (2026, 1), 12.345))
        self.assertEqual(self._numbers(sales), {date(2027, 1, 1): 12.345})

    def test_days_are_shown_as_people_write_them(self):
        target = self._target(self._report("Sales"), (2026, 1), 1)
        wizard = self.env["kpi.target.copy.wizard"].create({"target_ids": target.ids})
        self.assertIn("start dates Jan 1, 2027 to", wizard.summary)

    def test_a_change_by_no_number_is_refused(self):
        target = self._target(self._report("Sales"), (2026, 1), 1)
        for percent in (float("nan"), float("inf")):
            with self.assertRaisesRegex(ValidationError, "not a finite number"):
                self._copy(target, change_percent=percent)

    def test_a_stretch_that_is_less_than_the_target_is_refused(self):
        for direction, stretch in (("higher", 9), ("lower", 11)):
            report = self._report(f"Sales {direction}", direction=direction)
            target = self._target(report, (2026, 1), 10)
            target.stretch = 10
            with self.assertRaisesRegex(ValidationError, "easier than the target"):
                target.stretch = stretch

    def test_what_exists_is_skipped(self):
        sales = self._report("Sales")
        targets = self._targets(sales, {(2026, 1): 100, (2027, 1): 7})
        message = self._copy(targets[0])
        self.assertIn("copied: 0.", message)
        self.assertIn("Skipped (target already exists): 1.", message)
        self.assertEqual(self._numbers(sales), {date(2027, 1, 1): 7})

    def test_rules_and_zones_are_copied_as_they_are(self):
        sales = self._report("Sales")
        target = self._target(
            sales,
            (2026, 1),
            rule="previous_year",
            change_percent=3,
            zones="rag",
            threshold_1=90,
            threshold_2=60,
        )
        self._copy(target, change_percent=5)
        later = sales.target_ids - target
        self.assertEqual((later.rule, later.change_percent), ("previous_year", 3))
        self.assertEqual((later.threshold_1, later.threshold_2), (90, 60))

    def test_the_year_is_that_of_the_kpi(self):
        retail = self.env["kpi.calendar"].create(
            {"name": "4-4-5", "tz": "UTC", "pattern": "4-4-5", "year_end": "last"}
        )
        sales = self._report("Sales", calendar_id=retail.id)
        months = retail._periods("month", date(2026, 2, 15), date(2026, 2, 15))
        target = self.env["kpi.target"].create(
            {"report_id": sales.id, "date_from": months[0].start, "value": 5}
        )
        self._copy(target)
        later = (sales.target_ids - target).date_from
        self.assertEqual(later, retail._period("month", later).start)
        self.assertNotEqual(later.day, target.date_from.day)

    def test_from_a_kpi_the_latest_year_is_proposed(self):
        sales = self._report("Sales")
        targets = self._targets(sales, {(2025, 1): 1, (2026, 1): 2, (2026, 6): 3})
        context = sales.action_copy_targets()["context"]
        proposed = self.env["kpi.target"].browse(context["default_target_ids"])
        self.assertEqual(proposed, targets[1:].sorted())


@tagged("post_install", "-at_install")
class TestKpiTargetCascade(KpiTargetCase):
    """A target of Sales handed down: East over Harbour and Airport, and West."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        department = cls.env["hr.department"].create
        cls.sales = department({"name": "Sales"})
        cls.east = department({"name": "East", "parent_id": cls.sales.id})
        # Between East and those below it nobody tracks anything.
        between = department({"name": "Sites", "parent_id": cls.east.id})
        cls.airport = department({"name": "Airport", "parent_id": between.id})
        cls.harbour = department({"name": "Harbour", "parent_id": between.id})
        cls.west = department({"name": "West", "parent_id": cls.sales.id})
        cls.departments = cls.east | cls.airport | cls.harbour | cls.west

    def _cascaded(self, value=100, **definition):
        kpi = self.env["kpi.definition"].create(
            {
                "name": "Orders",
                "computation": "manual",
                "calendar_id": self.calendar.id,
                **definition,
            }
        )
        report = kpi._track_for("department", self.sales)
        self.reports = kpi._track_for("department", self.departments)
        return self._target(report, (2027, 1), value)

    def _wizard(self, target, **values):
        form = Form(
            self.env["kpi.target.cascade"].with_context(default_target_id=target.id)
        )
        for name, value in values.items():
            form[name] = value
        return form

    def _amounts(self, wizard):
        return {line.report_id.department_id: line.amount for line in wizard.line_ids}

    def assertAmounts(self, wizard, east, airport, harbour, west):
        self.assertEqual(
            self._amounts(wizard),
            {
                self.east: east,
                self.airport: airport,
                self.harbour: harbour,
                self.west: west,
            },
        )

    def test_evenly_down_the_tree(self):
        wizard = self._wizard(self._cascaded(101)).save()
        # 51 and 50, the first gets what is left; 26 and 25 of the 51
        self.assertAmounts(wizard, 51, 26, 25, 50)
        self.assertEqual(
            wizard.line_ids.mapped("department"),
            ["East", "\N{EM SPACE}Airport", "\N{EM SPACE}Harbour", "West"],
        )

    def test_by_last_year(self):
        target = self._cascaded(100)
        for report, value in zip(self.reports, (30, 10, 20, 10), strict=True):
            self._enter(report, {(2026, 3): value / 2, (2026, 4): value / 2})
        by_department = dict(zip(self.departments, (30, 10, 20, 10), strict=True))
        self.assertEqual(by_department[self.reports[0].department_id], 30)
        wizard = self._wizard(target, weighting="last_year").save()
        self.assertAmounts(wizard, 75, 25, 50, 25)

    def test_by_headcount(self):
        target = self._cascaded(100)
        for department, count in (
            (self.east, 1),
            (self.airport, 1),
            (self.harbour, 2),
            (self.west, 1),
        ):
            self.env["hr.employee"].create(
                [{"name": "P", "department_id": department.id} for _n in range(count)]
            )
        wizard = self._wizard(target, weighting="headcount").save()
        self.assertAmounts(wizard, 80, 27, 53, 20)  # 4 of 5; 1 and 2 of 3

    def test_by_percentages_with_a_rest_that_somebody_takes(self):
        form = self._wizard(self._cascaded(200), weighting="typed")
        for place, percent in enumerate((50, 50, 50, 30)):
            with form.line_ids.edit(place) as line:
                line.weight = percent
        self.assertEqual(
            form.remainder_in_words, "40 of the target of Sales is unassigned."
        )
        with form.line_ids.edit(3) as line:
            line.takes_rest = True
        self.assertFalse(form.remainder_in_words)
        wizard = form.save()
        self.assertAmounts(wizard, 100, 50, 50, 100)
        wizard.action_apply()
        self.assertEqual(self.reports.target_ids.mapped("value"), [100, 50, 50, 100])

    def test_more_than_there_is_is_refused(self):
        form = self._wizard(self._cascaded(100), weighting="typed")
        for place, percent in enumerate((80, 50, 50, 40)):
            with form.line_ids.edit(place) as line:
                line.weight = percent
        with self.assertRaisesRegex(
            UserError, "below Sales exceed its own target by 20"
        ):
            form.save().action_apply()

    def test_weights_of_nothing_are_refused(self):
        form = self._wizard(self._cascaded(100), weighting="last_year")
        self.assertIn("All weights below Sales are 0", form.problem)
        wizard = form.save()
        self.assertEqual(set(wizard.line_ids.mapped("amount")), {False})
        with self.assertRaisesRegex(UserError, "All weights below Sales are 0"):
            wizard.action_apply()
        self.assertFalse(self.reports.target_ids)

    def test_ratios_are_copied(self):
        wizard = self._wizard(self._cascaded(90, unit="percent")).save()
        self.assertFalse(wizard.is_split)
        self.assertAmounts(wizard, 90, 90, 90, 90)

    def test_stretch_is_split_and_a_baseline_left_out(self):
        target = self._cascaded(100)
        target.write({"stretch": 120, "has_baseline": True, "baseline": 60})
        self._wizard(target).save().action_apply()
        west = self.reports[-1].target_ids
        self.assertEqual((west.value, west.stretch), (50, 60))
        self.assertEqual((west.has_baseline, west.baseline), (False, False))

    def test_a_total_of_the_year_is_split_as_such(self):
        target = self._cascaded(100)
        target.write({"rule": "annual", "value": False, "annual_total": 1200})
        self._wizard(target).save().action_apply()
        west = self.reports[-1].target_ids
        self.assertEqual((west.rule, west.annual_total), ("annual", 600))

    def test_a_target_of_that_day_is_changed_and_shown(self):
        target = self._cascaded(100)
        west = self._target(self.reports[-1], (2027, 1), 7)
        wizard = self._wizard(target).save()
        self.assertEqual(wizard.line_ids[-1].now, "7")
        wizard.action_apply()
        self.assertEqual(west.value, 50)

    def test_without_departments_below_there_is_nothing_to_do(self):
        alone = self._report("Alone")
        target = self._target(alone, (2027, 1), 5)
        self.assertFalse(target.can_cascade)
        self.assertFalse(alone.can_cascade, "so that the button is not offered")
        with self.assertRaisesRegex(UserError, "No department below .* Track it"):
            target.action_cascade()
        self.assertTrue(self._cascaded().report_id.can_cascade)

    def test_a_manager_cascades_within_the_own_tree_only(self):
        target = self._cascaded(100)
        manager = new_test_user(self.env, "cascader", groups=MANAGER)
        employee = self.env["hr.employee"].create(
            {"name": "M", "user_id": manager.id, "company_id": self.env.company.id}
        )
        self.east.manager_id = employee
        wizards = self.env["kpi.target.cascade"].with_user(manager)
        with self.assertRaises(AccessError):
            wizards.create({"target_id": target.id})
        east = self._target(self.reports[0], (2027, 1), 50)
        own = wizards.with_context(default_target_id=east.id)
        Form(own).save().action_apply()
        below = self.reports.filtered(
            lambda report: report.department_id in self.airport | self.harbour
        )
        self.assertEqual(below.target_ids.mapped("value"), [25, 25])
