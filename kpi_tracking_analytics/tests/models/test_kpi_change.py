from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.kpi_tracking.tests.models.entered_case import EnteredCase

from .analysis_case import NOW, months
from .change_case import ChangeCase

JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 1)


@tagged("post_install", "-at_install")
class TestKpiChange(ChangeCase, EnteredCase):
    """Changes of KPIs that people enter, and of formulas of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.west = cls._create_department("West", cls.sales)
        cls.support = cls._create_department("Support")

    def _change(self, kpi, first=JANUARY, last=FEBRUARY, user=None, **options):
        kpi = self._as(user, kpi) if user else kpi
        with self._at(NOW):
            return kpi.explain_change(first, last, **options)

    def _below(self, kpi, values, **given):
        """The same KPI of departments: department → (January, February)."""
        for department, (first, last) in values.items():
            below = self._track(kpi.definition_id, department)
            known = {"2026-01": first, "2026-02": last}
            self._fill(below, {key: v for key, v in known.items() if v is not None})

    def test_a_change_beside_the_usual_ones(self):
        # Changes of 10 up and down; then 40, of which 10 is the median.
        kpi = self._entered("Orders", months([100, 110] * 19 + [140]))
        found = self._change(kpi, date(2026, 2, 1), date(2026, 3, 1))
        self.assertEqual((found["change"], found["is_running"]), (None, True))
        self.assertIsNone(found["ratio"], "March is not over")
        self.assertEqual(found["parts"], [])
        self.assertEqual(
            found["summary"],
            "Mar 2026 is still running. Compare it with Feb 2026 after it closes.",
        )
        level = self._entered(
            "Level", months([100, 110] * 19 + [140]), aggregation_time="last"
        )
        found = self._change(level, date(2026, 2, 1), date(2026, 3, 1))
        self.assertEqual((found["change"], found["ratio"]), (30.0, None))
        self.assertIn("Mar 2026 is still running", self._text(found))
        kpi = self._entered("Orders 2", months([100, 110] * 18 + [100, 140]))
        found = self._change(kpi)
        self.assertEqual((found["ratio"], found["is_unusual"]), (4.0, True))
        self.assertEqual(found["percent"], 40.0)
        self.assertEqual(found["from"]["period_start"], "2026-01-01")
        self.assertIn(
            "Orders 2 – North rose from 100 in Jan 2026 to 140 in Feb 2026: +40"
            " (+40%).",
            found["sentences"],
        )
        self.assertIn("4.0× its usual change", self._text(found))

    def test_of_what_hardly_moves_no_multiple_is_told(self):
        kpi = self._entered("Quality", months([97.1, 97.11] * 18 + [97.1, 95.2]))
        text = self._text(self._change(kpi))
        self.assertNotIn("×", text)
        self.assertIn("Far larger than its usual change.", text)

    def test_the_finding_calls_unusual_what_is_not_chance(self):
        # Changes of 10 up and down; then the last one.
        february = self.calendar._period("month", FEBRUARY)
        for value, is_unusual in ((131, False), (138, False), (139, True), (400, True)):
            with self.subTest(value=value):
                kpi = self._entered(f"{value}", months([100, 110] * 18 + [100, value]))
                found = self._change(kpi)
                with self._at(NOW):
                    finding = kpi._finding(february)
                self.assertEqual(found["is_unusual"], is_unusual)
                self.assertEqual("than usual" in finding, is_unusual, finding)
                self.assertEqual(
                    "possibly due to chance" in self._text(found), not is_unusual
                )

    def test_changes_over_a_year_are_compared_with_such_changes(self):
        # Each January to January +12, then +60: five times as much.
        values = [float(at) for at in range(74)]
        values[-1] += 48
        kpi = self._entered("Stock", months(values, first=date(2020, 1, 1)))
        found = self._change(kpi, date(2025, 2, 1))
        self.assertEqual((found["change"], found["ratio"]), (60.0, 5.0))

    def test_too_few_values_make_no_ratio(self):
        found = self._change(self.revenue)
        self.assertEqual((found["ratio"], found["is_unusual"]), (None, False))
        self.assertIn("Not enough earlier values", self._text(found))
        # No change ever, then one: infinitely more than usual.
        kpi = self._entered("Flat", months([5.0] * 37 + [6.0]))
        found = self._change(kpi)
        self.assertEqual((found["ratio"], found["is_unusual"]), (None, True))
        self.assertIn("never changed before", self._text(found))

    def test_what_cannot_be_compared(self):
        for days in (
            (FEBRUARY, JANUARY),
            (FEBRUARY, date(2026, 2, 28)),
            (JANUARY, date(2026, 4, 1)),
        ):
            with self.assertRaises(UserError):
                self._change(self.revenue, *days)
        with self.assertRaises(UserError):
            self._change(self.revenue, split_by="nothing")
        with self.assertRaises(UserError):
            self._change(self.env["kpi.report"])
        with self.assertRaises(AccessError):
            self._change(self.revenue, user=self.user)

    def test_a_missing_value(self):
        found = self._change(self.revenue, date(2025, 12, 1), FEBRUARY)
        self.assertEqual((found["change"], found["kind"]), (None, "none"))
        self.assertIn("no value in Dec 2025", self._text(found))
        self.assertIsNone(found["from"]["value"])

    def test_departments_and_what_is_beside_them(self):
        # 120 → 90 = −30; East 50 → 35 = −15, West 30 → 40 = +10, the rest 40 → 15.
        self._below(self.revenue, {self.east: (50, 35), self.west: (30, 40)})
        found = self._change(self.revenue)
        self.assertAddsUp(found)
        self.assertEqual(
            self._parts(found),
            {
                ("Other in North", "beside"): -25.0,
                ("Sales / East", "scope"): -15.0,
                ("Sales / West", "scope"): 10.0,
            },
        )
        self.assertEqual((found["kind"], found["split_by"]), ("sum", "scope"))
        rest = found["parts"][0]
        self.assertEqual((rest["from"], rest["to"]), (40.0, 15.0))
        self.assertIn("Sales / East: −15, from 50 to 35.", found["sentences"])

    def test_an_explanation_leads_to_the_change_to_its_period(self):
        explained = self.env["kpi.explanation"].create(
            {
                "report_id": self.revenue.id,
                "grain": "month",
                "period_start": date(2026, 1, 1),
            }
        )
        self.assertEqual(
            explained.action_explain_change()["params"],
            {"report_id": self.revenue.id, "split_by": False, "to": "2026-01-01"},
        )
        explained.grain = "year"  # whose changes are not explained
        self.assertFalse(explained.action_explain_change()["params"]["to"])
        params = self.revenue.action_explain_change("scope")["params"]
        self.assertEqual((params["to"], params["split_by"]), (None, "scope"))

    def test_the_latest_change_is_that_of_closed_periods(self):
        """Of the company's months with a value: the one that runs is none of them."""
        kpi = self._entered(
            "Sales", {"2025-11": 70, "2026-01": 120, "2026-02": 90, "2026-03": 10}
        )
        with self._at(NOW):
            found = kpi.explain_latest_change()
        self.assertEqual(found["title"], "Why Feb 2026 fell by 30")
        self.assertEqual(found["from"]["label"], "Jan 2026")
        self.assertEqual((found["from"]["text"], found["to"]["text"]), ("120", "90"))
        self.assertNotIn("Feb 2026", found["note"])

    def test_parts_of_the_latest_change_have_short_texts(self):
        kpi = self._entered("Orders", {"2026-01": 120000, "2026-02": 90000})
        self._below(kpi, {self.sales: (50000, 10000), self.support: (50000, 60000)})
        with self._at(NOW):
            found = kpi.explain_latest_change()
        self.assertEqual(found["split_by"], "scope")
        texts = {part["label"]: part["text"] for part in found["parts"]}
        self.assertEqual(texts["Sales"], "−40\u202fk")
        self.assertEqual(texts["Support"], "+10\u202fk")
        self.assertEqual(found["parts"][-1]["rest_text"], found["parts"][-1]["text"])

    def test_nothing_explains_what_did_not_change(self):
        for name, values in (
            ("None", {}),
            ("One", {"2026-02": 90}),
            ("Running", {"2026-02": 90, "2026-03": 10}),
            ("Same", {"2026-01": 90, "2026-02": 90}),
        ):
            kpi = self._entered(name, values)
            with self.subTest(name), self._at(NOW):
                self.assertEqual(kpi.explain_latest_change(), {})

    def test_the_latest_change_is_for_those_who_see_the_kpi(self):
        stranger = self._create_user("passer", groups="kpi_base.kpi_base_group_user")
        with self.assertRaises(AccessError):
            self._as(stranger, self.revenue).explain_latest_change()

    def test_numbers_below_zero_have_the_sign_of_changes(self):
        loss = self._entered("Margin", {"2026-01": 2, "2026-02": -12.5})
        found = self._change(loss)
        self.assertEqual(found["to"]["text"], "−12.5")
        self.assertIn("−14.5", self._text(found))
        self.assertNotIn("-", found["to"]["text"])

    def test_a_department_that_was_not_entered_on_one_side_is_not_told_apart(self):
        self._below(self.revenue, {self.east: (50, 35), self.west: (None, 40)})
        found = self._change(self.revenue)
        self.assertEqual(
            self._parts(found),
            {("Other in North", "beside"): -15.0, ("Sales / East", "scope"): -15.0},
        )

    def test_only_the_nearest_departments_are_parts(self):
        self._below(
            self.revenue,
            {self.sales: (100, 60), self.east: (50, 35), self.support: (20, 30)},
        )
        found = self._change(self.revenue)
        self.assertEqual(
            self._parts(found), {("Sales", "scope"): -40.0, ("Support", "scope"): 10.0}
        )

    def test_nothing_below(self):
        found = self._change(self.complaints)
        self.assertEqual((found["kind"], found["parts"]), ("none", []))
        self.assertEqual([way["key"] for way in found["ways"]], ["scope"])
        self.assertIn("No values of levels below", self._text(found))

    def test_many_parts_are_said_together(self):
        values = {self._create_department(f"D{at}"): (at, 2 * at) for at in range(1, 9)}
        kpi = self._entered("Sum", {"2026-01": 36, "2026-02": 72})
        self._below(kpi, values)
        found = self._change(kpi)
        self.assertEqual(len(found["parts"]), 8)
        self.assertIn("3 other parts: +6.", found["sentences"])
        rests = [part["rest_text"] for part in found["parts"]]
        self.assertEqual(rests[0], "+36")
        self.assertEqual(rests[5:], ["+6", "+3", "+1"])

    def test_values_without_weights_are_no_mix(self):
        kpi = self._entered("Score", {"2026-01": 5, "2026-02": 6}, unit="score")
        self._below(kpi, {self.east: (4, 5)})
        found = self._change(kpi)
        self.assertEqual(found["kind"], "none")
        self.assertIn("record count behind the average", self._text(found))
        kpi.definition_id.aggregation_scope = "max"
        self.assertIn("not combined from other levels", self._text(self._change(kpi)))

    def test_a_yes_has_no_parts(self):
        values = {"2026-01": 0, "2026-02": 1}
        found = self._change(self._entered("Audited", values, unit="boolean"))
        self.assertTrue(
            found["summary"].startswith(
                "Audited – North: No in Jan 2026, Yes in Feb 2026."
            )
        )
        self.assertEqual(found["sentences"][-1], "Yes/No values cannot be split.")
        self.assertIsNone(found["percent"])

    def test_a_manager_sees_the_departments_they_lead_and_the_rest_together(self):
        values = {self.sales: (100, 60), self.support: (15, 20)}
        self._below(self.revenue, values)
        self.revenue.shared_user_ids = self.manager
        found = self._change(self.revenue, user=self.manager)
        # 120 → 90 without Sales: 20 → 30, of which Support is not told apart.
        self.assertEqual(
            self._parts(found),
            {("Sales", "scope"): -40.0, ("Other in North", "beside"): 10.0},
        )
        self.assertNotIn("Support", repr(found))
        everything = self._change(self.revenue, user=self.officer)
        self.assertIn(("Support", "scope"), self._parts(everything))

    def test_an_employee_sees_no_parts_of_what_is_shared_with_them(self):
        self._below(self.revenue, {self.sales: (100, 60), self.support: (15, 20)})
        self.revenue.shared_user_ids = self.user
        found = self._change(self.revenue, user=self.user)
        self.assertEqual((found["kind"], found["parts"]), ("none", []))
        self.assertNotIn("Support", repr(found))

    def _formula(self, name, formula, scope=None, **given):
        kpi = self._track(
            self.env["kpi.definition"].create(
                {
                    "name": name,
                    "company_id": self.company.id,
                    "calendar_id": self.calendar.id,
                    "computation": "formula",
                    "formula": formula,
                    "history_start": date(2020, 1, 1),
                    **given,
                }
            ),
            scope or self.company,
        )
        with self._at(NOW):
            self.env["kpi.definition"]._recompute_formulas()
        return kpi

    def test_a_ratio_by_its_inputs(self):
        self._entered("Won", {"2025-12": 10, "2026-01": 10, "2026-02": 12})
        self._entered("Closed", {"2025-12": 30, "2026-01": 40, "2026-02": 30})
        kpi = self._formula("Win Rate", "100 * won / closed", unit="percent")
        found = self._change(kpi)
        # 25 → 40%. Won first: 30 − 25 = 5, last: 40 − 100·10/30 = 6.67, mean 5.8333.
        self.assertAddsUp(found)
        parts = self._parts(found)
        self.assertAlmostEqual(parts["Won", "input"], (5 + 40 - 1000 / 30) / 2)
        self.assertAlmostEqual(parts["Closed", "input"], 15 - parts["Won", "input"])
        self.assertEqual(found["kind"], "formula")
        self.assertIsNone(found["percent"], "percent of percent mean nothing")
        self.assertIn("Closed: +9.17 points, from 40 to 30.", found["sentences"])
        # As many digits as the change has, not all of a third.
        found = self._change(kpi, date(2025, 12, 1), JANUARY)
        self.assertIn("fell from 33.33% in Dec 2025 to 25%", found["summary"])
        self.assertEqual(found["from"]["text"], "33.33%")

    def test_what_looks_at_other_periods_is_an_input(self):
        self._entered("Won", {"2025-12": 7, "2026-01": 10, "2026-02": 12})
        kpi = self._formula("Growth", "won - prev(won) + days_in_period()")
        found = self._change(kpi)
        # 10 − 7 + 31 = 34; 12 − 10 + 28 = 30.
        self.assertAddsUp(found)
        self.assertEqual(
            self._parts(found),
            {
                ("prev(“Won”)", "input"): -3.0,
                ("days_in_period()", "input"): -3.0,
                ("Won", "input"): 2.0,
            },
        )

    def test_a_mixture_without_a_value_is_not_split(self):
        # 100 / 60 → 40 / 30, past 40 − 40 = 0.
        self._entered("A", {"2026-01": 100, "2026-02": 40}, code="a")
        self._entered("B", {"2026-01": 40, "2026-02": 10}, code="b")
        found = self._change(self._formula("Odd", "a / (a - b)"))
        self.assertEqual((found["kind"], found["parts"]), ("none", []))
        self.assertIn("The change cannot be split", self._text(found))

    def test_a_value_that_is_not_recalculated_yet(self):
        won = self._entered("Won", {"2026-01": 10, "2026-02": 12})
        kpi = self._formula("Twice", "2 * won")
        self._fill(won, {"2026-02": 13})
        self.assertIn("being recalculated", self._text(self._change(kpi)))

    def test_more_inputs_than_can_be_split(self):
        for at in range(11):
            self._entered(f"P{at}", {"2026-01": at, "2026-02": at + 1}, code=f"p{at}")
        kpi = self._formula("Many", " + ".join(f"p{at}" for at in range(11)))
        self.assertIn("11 inputs", self._text(self._change(kpi)))
        fewer = self._formula("Ten", " + ".join(f"p{at}" for at in range(10)))
        found = self._change(fewer)
        self.assertEqual(set(self._parts(found).values()), {1.0})

    def test_a_formula_of_what_somebody_does_not_see_is_not_split_for_them(self):
        won = self._entered("Won", {"2026-01": 10, "2026-02": 12}, scope=self.sales)
        secret = self._entered("Pay", {"2026-01": 4, "2026-02": 3}, scope=self.sales)
        kpi = self._formula("Left", "won - pay", scope=self.sales)
        (kpi | won).shared_user_ids = self.user
        found = self._change(kpi, user=self.user)
        self.assertEqual((found["kind"], found["parts"]), ("none", []))
        self.assertIn("not allowed to access all inputs", self._text(found))
        self.assertNotIn("Pay", repr(found))
        managed = self._change(kpi, user=self.manager)
        self.assertEqual(
            self._parts(managed), {("Won", "input"): 2.0, ("Pay", "input"): 1.0}
        )
        secret.shared_user_ids = self.user
        found = self._change(kpi, user=self.user)
        self.assertEqual(self._parts(found), self._parts(managed))

    def test_a_formula_of_what_lies_below_is_not_split_for_who_is_not_leading(self):
        self._entered("Won", {"2026-01": 10, "2026-02": 12}, scope=self.east)
        kpi = self._formula("Twice", "2 * won", scope=self.sales)
        kpi.shared_user_ids = self.user
        # Tracked here as well, without values of its own.
        own = self.env["kpi.report"].search([("code", "=", "won")]).definition_id
        own = self._track(own, self.sales)
        own.shared_user_ids = self.user
        found = self._change(kpi, user=self.user)
        self.assertEqual(found["parts"], [])
        self.assertIn("not allowed to access all inputs", self._text(found))
        self.assertEqual(
            self._parts(self._change(kpi, user=self.manager)), {("Won", "input"): 4.0}
        )
