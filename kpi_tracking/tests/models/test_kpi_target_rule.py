from datetime import date

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .test_kpi_judged import KpiTargetCase

JANUARY, OCTOBER, NOVEMBER = ((2026, month) for month in (1, 10, 11))


@tagged("post_install", "-at_install")
class TestKpiTargetRule(KpiTargetCase):
    """Targets that follow from last year, another KPI or a total of the year."""

    def _targets_of(self, report, grain="month", first=JANUARY, last=NOVEMBER):
        """First month → target, as it is today."""
        judged = self._judged(report, grain, first, last, basis="today")
        return {start.month: row.target for start, row in judged.items()}

    def _refused(self, message, report, **values):
        with self.assertRaisesRegex(ValidationError, message), self.cr.savepoint():
            self._target(report, (2026, 6), **values)

    def test_what_follows_from_its_kpi_is_not_written(self):
        target = self._target(self._report("Sales"), OCTOBER, 100)
        far = self.env["res.company"].create({"name": "Far"})
        manager = new_test_user(
            self.env, "target-rule", "kpi_base.kpi_base_group_officer"
        )
        own = target.with_user(manager)
        own.value = 110
        for vals in ({"company_id": far.id}, {"definition_id": False}):
            with self.assertRaises(AccessError):
                own.write(vals)

    def test_last_year_and_some_percent(self):
        sales = self._report("Sales", {(2025, 10): 200, (2025, 11): -50, OCTOBER: 189})
        self._target(sales, OCTOBER, rule="previous_year", change_percent=5)
        # 5% less of a loss is better
        self.assertEqual(self._targets_of(sales), {10: 210, 11: -47.5})
        self.assertEqual((sales.target_value, sales.achievement), (210, 90))

    def test_without_last_year_there_is_no_target(self):
        sales = self._report("Sales", {OCTOBER: 189})
        self._target(sales, OCTOBER, rule="previous_year")
        self.assertEqual(self._targets_of(sales), {10: None})
        self.assertEqual(sales.status, "no_target")

    def test_a_rule_without_a_number_changes_nothing_each_time(self):
        """The job looks at it again, and begins the period once there is one."""
        sales = self._report("Sales", {OCTOBER: 189})
        self._target(sales, OCTOBER, rule="previous_year")
        told = []
        events = type(self.env["kpi.event"])
        changed = events._current_changed

        def note(event, reports):
            told.extend(reports.ids)
            return changed(event, reports)

        self.patch(events, "_current_changed", note)
        self.env["kpi.report"]._find_unjudged()._refresh_current()
        self.assertNotIn(sales.id, told)
        rows = [(sales.id, date(2025, 11, 1), 50.0)]
        self.env["kpi.measurement"]._upsert("month", rows, source="manual")
        self.env["kpi.report"]._find_unjudged()._refresh_current()
        self.assertIn(sales.id, told)
        row = sales.target_value_ids.filtered(lambda row: not row.rated_at)
        self.assertEqual(row.target, 50)

    def test_weeks_are_compared_with_the_same_week(self):
        calls = self._report("Calls", frequency="week")
        facts = self.env["kpi.measurement"]
        # Week 47 of 2025 begins on 17 November, of 2026 on 16 November.
        facts._upsert("week", [(calls.id, date(2025, 11, 17), 40)], source="manual")
        self._target(calls, OCTOBER, rule="previous_year", change_percent=10)
        found = calls._get_judged_values("week", date(2026, 11, 16), date(2026, 11, 16))
        self.assertAlmostEqual(found[calls][date(2026, 11, 16)].target, 44)

    def test_another_kpi_at_the_same_scope_and_period(self):
        sales = self._report("Sales", {OCTOBER: 90})
        budget = self._report("Budget", {OCTOBER: 100, NOVEMBER: 120})
        source = budget.definition_id.id
        self._target(sales, OCTOBER, rule="kpi", source_definition_id=source)
        self.assertEqual(self._targets_of(sales), {10: 100, 11: 120})
        self.assertEqual(sales.achievement, 90)

    def test_kpis_that_were_archived_together_are_judged_no_more(self):
        sales, base = self._report("Sales"), self._report("Base", {NOVEMBER: 5})
        values = {"name": "Goal", "computation": "formula", "formula": "base * 2"}
        goal = self.env["kpi.definition"].create(
            {**values, "calendar_id": self.calendar.id}
        )
        self._target(sales, OCTOBER, rule="kpi", source_definition_id=goal.id)
        # as where a month has begun since
        self.env.cr.execute(
            "UPDATE kpi_target_value SET period_stop = '2026-01-01'"
            " WHERE report_id = %s AND rated_at IS NULL",
            sales.ids,
        )
        (sales.definition_id | base.definition_id | goal).active = False
        self.assertNotIn(sales, self.env["kpi.report"]._find_unjudged())

    def test_a_changed_budget_changes_the_targets_of_open_periods_only(self):
        sales = self._report("Sales", {OCTOBER: 90, NOVEMBER: 60})
        budget = self._report("Budget", {OCTOBER: 100, NOVEMBER: 120})
        source = budget.definition_id.id
        self._target(sales, OCTOBER, rule="kpi", source_definition_id=source)
        self._enter(budget, {OCTOBER: 200, NOVEMBER: 240})
        judged = self._judged(sales)
        self.assertEqual(judged[date(2026, 10, 1)].target, 100)
        self.assertEqual(judged[date(2026, 11, 1)].target, 240)
        row = sales.target_value_ids.filtered(lambda row: not row.rated_at)
        self.assertEqual(row.target, 240)

    def test_a_budget_below_the_scope_is_rolled_up(self):
        sales = self._report("Sales", {OCTOBER: 90})
        budget = self.env["kpi.definition"].create(
            {"name": "Budget", "computation": "manual", "calendar_id": self.calendar.id}
        )
        departments = self.env["hr.department"].create([{"name": "N"}, {"name": "S"}])
        parts = budget._track_for("department", departments)
        for part in parts:
            self._enter(part, {OCTOBER: 50})
        self._target(sales, OCTOBER, rule="kpi", source_definition_id=budget.id)
        self.assertEqual(self._targets_of(sales)[10], 100)

    def test_a_total_of_the_year_is_spread_as_last_year(self):
        season = {(2025, month): 10 for month in range(1, 13)} | {(2025, 12): 90}
        sales = self._report("Sales", season)
        self._target(sales, JANUARY, rule="annual", annual_total=1000)
        found = self._targets_of(sales, last=(2026, 12))
        # 10 of 200 in each month but December
        self.assertEqual(found[1], 50)
        self.assertEqual(found[12], 450)
        (year,) = self._targets_of(sales, "year", last=(2026, 12)).values()
        self.assertAlmostEqual(year, 1000)

    def test_a_total_is_spread_evenly_without_a_whole_last_year(self):
        sales = self._report("Sales", {(2025, 6): 10})
        self._target(sales, JANUARY, rule="annual", annual_total=1200)
        self.assertEqual(set(self._targets_of(sales).values()), {100})

    def test_a_total_follows_the_fiscal_year(self):
        fiscal = self.env["kpi.calendar"].create(
            {"name": "October", "tz": "UTC", "fiscal_month": "10"}
        )
        season = {(2024, month): 1 for month in (10, 11, 12)}
        season |= {(2025, month): 1 for month in range(1, 10)} | {(2024, 10): 9}
        sales = self._report("Sales", season, calendar_id=fiscal.id)
        self._target(sales, (2025, 10), rule="annual", annual_total=200)
        found = self._targets_of(sales, first=(2025, 10), last=(2026, 9))
        self.assertEqual(found[10], 90)  # 9 of 20
        self.assertEqual(found[9], 10)

    def test_a_later_number_ends_a_rule(self):
        sales = self._report("Sales", {(2025, 10): 200, (2025, 11): 300})
        self._target(sales, OCTOBER, rule="previous_year")
        self._target(sales, NOVEMBER, 7)
        self.assertEqual(self._targets_of(sales), {10: 200, 11: 7})

    def test_formulas_read_targets_set_by_rules(self):
        sales = self._report("Sales", {(2025, 10): 200, OCTOBER: 150})
        missed = self._report(
            "Missed", computation="formula", formula="target(sales) - sales"
        )
        self._target(sales, OCTOBER, rule="previous_year", change_percent=10)
        self.env["kpi.definition"]._recompute_formulas()
        october = self._judged(missed, first=OCTOBER, last=OCTOBER)
        self.assertAlmostEqual(october[date(2026, 10, 1)].value, 70)  # 220 - 150

    def test_formulas_are_evaluated_when_a_budget_changes(self):
        sales = self._report("Sales", {OCTOBER: 150})
        budget = self._report("Budget", {OCTOBER: 100})
        share = self._report(
            "Share", computation="formula", formula="100 * sales / target(sales)"
        )
        source = budget.definition_id.id
        self._target(sales, OCTOBER, rule="kpi", source_definition_id=source)
        definitions = self.env["kpi.definition"]
        for expected, amount in ((150, 100), (75, 200)):
            self._enter(budget, {OCTOBER: amount})
            definitions._recompute_formulas()
            found = self._judged(share, first=OCTOBER, last=OCTOBER, basis="today")
            self.assertAlmostEqual(found[date(2026, 10, 1)].value, expected)

    def test_longer_periods_of_formulas_add_up_targets(self):
        sales = self._report("Sales", {(2026, month): 50 for month in (7, 8, 9)})
        share = self._report(
            "Share",
            computation="formula",
            formula="100 * sales / target(sales)",
            coarsest_grain="quarter",
        )
        self._target(sales, (2026, 7), 100)
        self.env["kpi.definition"]._recompute_formulas()
        third = self._judged(share, "quarter", (2026, 7), (2026, 7))
        self.assertAlmostEqual(third[date(2026, 7, 1)].value, 50)  # 150 of 300

    def test_cycles_are_refused_with_their_path(self):
        sales = self._report("Sales", {OCTOBER: 1})
        goal = self._report(
            "Goal", computation="formula", formula="target(sales) * 2"
        ).definition_id
        self._refused(
            "Goal → target of Sales",
            sales,
            rule="kpi",
            source_definition_id=goal.id,
        )
        own = self._report("Own", computation="formula", formula="sales - target(own)")
        self._refused("Own → target of Own", own, rule="previous_year")
        self._target(own, (2026, 6), 3)  # a number needs nothing

    def test_a_formula_that_closes_a_cycle_is_refused(self):
        sales = self._report("Sales", {OCTOBER: 1})
        goal = self._report("Goal", computation="formula", formula="sales * 2")
        source = goal.definition_id.id
        self._target(sales, OCTOBER, rule="kpi", source_definition_id=source)
        message = "Goal → target of Sales"
        with self.assertRaisesRegex(ValidationError, message):
            goal.definition_id.formula = "sales + target(sales)"

    def test_a_budget_made_of_the_values_it_judges_is_no_cycle(self):
        sales = self._report("Sales", {(2025, 11): 100, NOVEMBER: 50})
        plan = self._report(
            "Plan", computation="formula", formula="prev(sales, 12) * 1.1"
        )
        source = plan.definition_id.id
        self._target(sales, NOVEMBER, rule="kpi", source_definition_id=source)
        self.env["kpi.definition"]._recompute_formulas()
        self.assertAlmostEqual(self._targets_of(sales)[11], 110)

    def test_rules_without_what_they_need_are_refused(self):
        sales = self._report("Sales")
        rate = self._report("Rate", unit="percent")
        stock = self._report("Stock", direction="range")
        year = self._report("Year", frequency="year").definition_id
        other = self.env["kpi.calendar"].create({"name": "Other", "tz": "UTC"})
        foreign = self._report("Foreign", calendar_id=other.id).definition_id
        sales_id = sales.definition_id.id
        for message, report, values in (
            ("enter “Target”", sales, {}),
            ("enter “Other KPI”", sales, {"rule": "kpi"}),
            ("enter “Yearly Total”", sales, {"rule": "annual"}),
            ("do not add up", rate, {"rule": "annual", "annual_total": 1}),
            (
                "lowest and highest good values",
                stock,
                {"rule": "previous_year", "range_low": 1},
            ),
            ("own target", sales, {"rule": "kpi", "source_definition_id": sales_id}),
            (
                "Year has one value",
                sales,
                {"rule": "kpi", "source_definition_id": year},
            ),
            ("calendar", sales, {"rule": "kpi", "source_definition_id": foreign}),
        ):
            source = values.get("source_definition_id")
            if source and not isinstance(source, int):
                values["source_definition_id"] = source.id
            with self.subTest(message=message):
                self._refused(message, report, **values)

    def test_rules_of_many_kpis_take_as_many_queries_as_of_one(self):
        sales = self._report("Sales", {(2025, 10): 200, OCTOBER: 1})
        departments = self.env["hr.department"].create([{"name": "N"}, {"name": "S"}])
        reports = sales.definition_id._track_for("department", departments)
        for report in reports:
            self._enter(report, {(2025, 10): 100})
        for report in reports | sales:
            self._target(report, OCTOBER, rule="previous_year")
        counts = []
        for chosen in (sales, reports | sales):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            chosen._get_judged_values("month", date(2026, 1, 1), date(2026, 12, 31))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
