from datetime import date

from odoo.tests import new_test_user, tagged

from .test_kpi_judged import KpiTargetCase

MONTHS = {(2026, month): 80 for month in range(1, 10)}
YEARLY = {"aggregation_time": "sum", "coarsest_grain": "year"}


@tagged("post_install", "-at_install")
class TestKpiFigures(KpiTargetCase):
    """Each figure of a form names its period; today is 20 November 2026."""

    def _standing(self, report):
        report.invalidate_recordset()
        return report.standing

    def _figures(self, report):
        return {each["key"]: each for each in self._standing(report)["figures"]}

    def test_the_running_month_the_last_closed_one_and_the_year(self):
        values = {**MONTHS, (2026, 10): 73, (2026, 11): 64}
        sales = self._report("Sales", values, **YEARLY)
        self._target(sales, (2026, 1), 100)
        figures = self._figures(sales)
        self.assertEqual([*figures], ["running", "closed", "year"])
        titles = [each["title"] for each in figures.values()]
        self.assertEqual(titles, ["Nov 2026 so far", "Oct 2026", "2026 to date"])
        running, closed, year = figures.values()
        # 19 of 30 days are over: 63.3 of 100 are due
        self.assertEqual((running["value"], running["status"]), (64, "on_target"))
        self.assertEqual(running["texts"], ["101% of 63.3, the target to date"])
        self.assertTrue(running["is_running"])
        self.assertEqual((closed["value"], closed["status"]), (73, "off_target"))
        self.assertEqual(closed["texts"], ["73% of 100"])
        self.assertEqual(closed["start"], "2026-10-01")
        self.assertFalse(closed["is_running"])
        # 9 × 80 + 73 + 64; 323 of 365 days of 12 × 100
        self.assertEqual(year["value"], 857)
        share = 100 * 857 / (1200 * 323 / 365)
        expected = f"{share:.0f}% of 1.06\u202fk, the target to date"
        self.assertEqual(year["texts"], [expected])

    def test_the_sentence_is_the_finding(self):
        sales = self._report("Sales", {(2026, 10): 73, (2026, 11): 64})
        self._target(sales, (2026, 1), 100)
        self.assertEqual(self._standing(sales)["finding"], sales.finding)
        self.assertIn("Nov 2026", sales.finding)

    def test_figures_say_what_the_verdict_says(self):
        sales = self._report("Sales", {(2026, 10): 73, (2026, 11): 64})
        self._target(sales, (2026, 1), 100)
        figures = self._figures(sales)
        verdict = sales._get_verdicts()[sales]
        for key in ("running", "closed"):
            standing = getattr(verdict, key)
            self.assertEqual(figures[key]["value"], standing.judged.value)
            self.assertEqual(figures[key]["status"], standing.judged.status)
            self.assertEqual(figures[key]["start"], standing.period.start.isoformat())

    def test_a_month_without_a_value_yet_is_left_out(self):
        score = self._report("Score", {(2026, 10): 90}, aggregation_time="average")
        self._target(score, (2026, 1), 100)
        self.assertEqual([*self._figures(score)], ["closed", "year"])

    def test_without_any_value_the_running_month_says_so(self):
        sales = self._report("Sales")
        (figure,) = self._standing(sales)["figures"]
        self.assertEqual((figure["key"], figure["value"]), ("running", None))
        self.assertEqual((figure["status"], figure["texts"]), ("no_data", []))
        self._target(sales, (2026, 1), 100)
        (figure,) = self._standing(sales)["figures"]
        self.assertEqual(figure["texts"], ["Target to date: 63.3"])

    def test_on_the_first_day_of_the_first_month_nothing_is_due(self):
        with self._at("2026-11-01 08:00:00"):
            sales = self._report("Sales", {(2026, 11): 4}, **YEARLY)
            self._target(sales, (2026, 11), 100)
            figures = self._figures(sales)
            self.assertEqual([*figures], ["running", "year"])
            self.assertEqual(figures["running"]["status"], "not_due")
            self.assertEqual(figures["running"]["texts"], ["Target: 100"])

    def test_an_old_value_is_said_to_be_old(self):
        sales = self._report("Sales", {(2026, 7): 100})
        self._target(sales, (2026, 1), 100)
        closed = self._figures(sales)["closed"]
        self.assertEqual(closed["title"], "Jul 2026")
        self.assertEqual(closed["texts"], ["100% of 100", "no newer value"])

    def test_distances_are_said_where_there_is_no_share(self):
        for value, definition, target, text in (
            (125, {"direction": "lower"}, {"value": 100}, "25% over 100"),
            (80, {"direction": "lower"}, {"value": 100}, "20% under 100"),
            (100, {"direction": "lower"}, {"value": 100}, "Target: 100"),
            (5, {}, {"value": 0}, "Target: 0"),
            (
                75,
                {},
                {"value": 100, "has_baseline": True, "baseline": 50},
                "25% short of 100",
            ),
            (
                104,
                {},
                {"value": 100, "has_baseline": True, "baseline": 50},
                "4% above 100",
            ),
            (
                7,
                {"direction": "range"},
                {"range_low": 4, "range_high": 6},
                "Range: 4 – 6",
            ),
        ):
            name = f"{value} {definition} {target}"
            report = self._report(name, {(2026, 10): value}, **definition)
            self._target(report, (2026, 1), **target)
            with self.subTest(name):
                self.assertEqual(self._figures(report)["closed"]["texts"], [text])

    def test_a_stretch_that_was_reached_is_said(self):
        sales = self._report("Sales", {(2026, 10): 120})
        self._target(sales, (2026, 1), 100, stretch=110)
        texts = self._figures(sales)["closed"]["texts"]
        self.assertEqual(texts, ["120% of 100", "stretch reached"])

    def test_a_year_says_nothing_of_years_and_of_last_values(self):
        for definition in (
            {"frequency": "year"},
            {"aggregation_time": "last"},
            {"coarsest_grain": "quarter"},
        ):
            name = f"{definition}"
            report = self._report(name, **definition)
            rows = [(report.id, date(2026, 1, 1), 5)]
            self.env["kpi.measurement"]._upsert(report.frequency, rows, source="manual")
            report._refresh_current()
            with self.subTest(name):
                self.assertNotIn("year", self._figures(report))

    def test_messages_are_counted_by_what_people_said_and_the_log(self):
        sales = self._report("Sales")
        before = self._standing(sales)["messages"]
        sales.message_post(body="Why?", message_type="comment")
        sales.message_post(body="Owner changed", message_type="notification")
        after = self._standing(sales)["messages"]
        self.assertEqual(after["said"] - before["said"], 1)
        self.assertEqual(after["log"] - before["log"], 1)

    def test_a_new_kpi_has_none(self):
        self.assertFalse(self.env["kpi.report"].new({}).standing)

    def test_figures_are_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("de_DE")
        sales = self._report("Sales", {(2026, 10): 1234.5}, decimals=1)
        closed = self._figures(sales.with_context(lang="de_DE"))["closed"]
        self.assertEqual(closed["title"], "Okt. 2026")

    def test_many_are_read_by_as_many_statements_as_one(self):
        sales = self._report("Sales", {(2026, 10): 73, (2026, 11): 4}, **YEARLY)
        costs = self._report("Costs", {(2026, 9): 7, (2026, 11): 64}, **YEARLY)
        for report in (sales, costs):
            self._target(report, (2026, 1), 100)
        self._count_statements(sales)  # what the registry remembers
        counts = [self._count_statements(kpis) for kpis in (sales, sales | costs)]
        self.assertEqual(*counts)

    def test_who_may_set_a_target_is_led_to_it_where_there_is_none(self):
        sales = self._report("Sales", {(2026, 10): 73, (2026, 11): 64})
        manager, reader = (
            new_test_user(
                self.env, login=name, groups=f"kpi_base.kpi_base_group_{name}"
            )
            for name in ("manager", "user")
        )
        sales.shared_user_ids = manager | reader
        first, *others = self._standing(sales.with_user(manager))["figures"]
        self.assertEqual(
            [each["method"] for each in first["links"]], ["action_set_target"]
        )
        self.assertFalse([link for each in others for link in each["links"]])
        seen = self._standing(sales.with_user(reader))["figures"]
        self.assertFalse([link for each in seen for link in each["links"]])
        self._target(sales, (2026, 11), 100)
        rated = self._standing(sales.with_user(manager))["figures"]
        self.assertFalse([link for each in rated for link in each["links"]])

    def _count_statements(self, reports):
        self.env.flush_all()
        self.env.invalidate_all()
        reports.mapped("definition_id.calendar_id.name")
        before = self.env.cr.sql_log_count
        reports.mapped("standing")
        return self.env.cr.sql_log_count - before

    def test_a_form_asks_for_no_more_than_before(self):
        """The form had the finding, a gauge and a line; it has the figures instead."""
        sales = self._report("Sales", {(2026, 10): 73, (2026, 11): 64}, **YEARLY)
        self._target(sales, (2026, 1), 100)
        counts = {}
        for name, fields in (
            ("before", ("finding", "gauge", "sparkline")),
            ("now", ("standing",)),
        ):
            self.env.flush_all()
            self.env.invalidate_all()
            sales.mapped("definition_id.calendar_id.name")
            before = self.env.cr.sql_log_count
            sales.read(fields, load=None)
            counts[name] = self.env.cr.sql_log_count - before
        self.assertLessEqual(counts["now"], counts["before"] + 2)

    def test_a_stranger_reads_no_figures(self):
        group = "kpi_base.kpi_base_group_user"
        stranger = new_test_user(self.env, login="figures", groups=group)
        sales = self._report("Sales", {(2026, 10): 73})
        own = self.env["kpi.report"].with_user(stranger)
        self.assertFalse(own.search([("id", "=", sales.id)]))
        sales.shared_user_ids = stranger
        shown = own.browse(sales.id).standing["figures"]
        self.assertEqual({each["key"]: each["value"] for each in shown}["closed"], 73)
