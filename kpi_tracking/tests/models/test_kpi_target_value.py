from datetime import date

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .test_kpi_judged import KpiTargetCase

SEPTEMBER, OCTOBER, NOVEMBER = ((2026, month) for month in (9, 10, 11))


@tagged("post_install", "-at_install")
class TestKpiTargetValue(KpiTargetCase):
    """What a period was judged by stays, whatever happens to the targets later."""

    def _row(self, report, month, grain="month"):
        self.env.flush_all()
        return self.env["kpi.target.value"].search(
            [
                ("report_id", "=", report.id),
                ("grain", "=", grain),
                ("period_start", "=", date(*month, 1)),
            ]
        )

    def test_a_closed_period_is_judged_when_its_target_is_entered(self):
        sales = self._report("Sales", {OCTOBER: 90})
        self._target(sales, SEPTEMBER, 100, stretch=120)
        row = self._row(sales, OCTOBER)
        self.assertEqual((row.target, row.stretch, row.baseline), (100, 120, False))
        self.assertEqual((row.rated_value, row.achievement), (90, 90))
        self.assertEqual((row.status, row.band), ("at_risk", False))
        self.assertEqual((row.zones, row.threshold_1, row.threshold_2), ("rag", 95, 80))
        self.assertTrue(row.rated_at)
        self.assertEqual(row.period_stop, date(2026, 11, 1))

    def test_a_first_target_counts_from_the_period_it_is_set_in(self):
        values = {(2026, month): 90 for month in range(1, 12)}
        sales = self._report("Sales", values)
        with Form(sales.with_context(default_report_id=sales.id)) as form:
            with form.target_ids.new() as line:
                line.value = 100
                self.assertEqual(line.date_from, date(2026, 11, 1))
                self.assertEqual((line.earlier_count, line.judges_earlier), (10, False))
        self.assertFalse(self._row(sales, OCTOBER))
        self.assertEqual(self._row(sales, NOVEMBER).target, 100)
        self.assertEqual(sales.status, "on_target", "90 of 63 to date")
        quarterly = self._report("Margin", frequency="quarter")
        targets = self.env["kpi.target"].with_context(default_report_id=quarterly.id)
        self.assertEqual(targets._default_date_from(), date(2026, 10, 1))

    def test_a_first_target_judges_earlier_periods_where_that_is_chosen(self):
        values = {(2026, month): 90 for month in range(1, 12)}
        sales = self._report("Sales", values)
        targets = self.env["kpi.target"].with_context(default_report_id=sales.id)
        with Form(targets) as form:
            form.value = 100
            form.judges_earlier = True
            self.assertEqual(form.date_from, date(2026, 1, 1))
            form.judges_earlier = False
            self.assertEqual(form.date_from, date(2026, 11, 1))
            form.judges_earlier = True
        target = form.record
        self.assertEqual(
            (target.date_from, target.judges_earlier), (date(2026, 1, 1), True)
        )
        for month in range(1, 11):
            self.assertEqual(self._row(sales, (2026, month)).status, "at_risk")
        later = self._target(sales, NOVEMBER, 120)
        self.assertEqual(later.earlier_count, 0, "not the first one")

    def test_programs_choose_earlier_periods_too(self):
        sales = self._report("Sales", {SEPTEMBER: 90, OCTOBER: 90})
        target = self._target(sales, NOVEMBER, 100, judges_earlier=True)
        self.assertEqual(target.date_from, date(2026, 9, 1))
        self.assertTrue(self._row(sales, OCTOBER).rated_at)
        unmeasured = self._report("Visits")
        target = self._target(unmeasured, NOVEMBER, 100, judges_earlier=True)
        self.assertEqual(target.date_from, date(2026, 11, 1))

    def test_a_closed_period_without_a_value_waits_with_its_target(self):
        sales = self._report("Sales")
        self._target(sales, SEPTEMBER, 100)
        row = self._row(sales, SEPTEMBER)
        self.assertEqual((row.target, row.rated_at, row.status), (100, False, False))

    def test_a_target_changed_later_judges_no_closed_period_anew(self):
        sales = self._report("Sales", {OCTOBER: 90, NOVEMBER: 60})
        target = self._target(sales, OCTOBER, 100)
        target.value = 45
        self.assertEqual(self._row(sales, OCTOBER).target, 100)
        self.assertEqual(self._row(sales, NOVEMBER).target, 45)
        october = self._judged(sales)[date(2026, 10, 1)]
        self.assertEqual((october.target, october.achievement), (100, 90))
        today = self._judged(sales, basis="today")[date(2026, 10, 1)]
        self.assertEqual((today.target, today.achievement), (45, 200))

    def test_a_target_deleted_or_dated_back_judges_no_closed_period_anew(self):
        sales = self._report("Sales", {OCTOBER: 90, NOVEMBER: 60})
        target = self._target(sales, OCTOBER, 100)
        self._target(sales, SEPTEMBER, 10)
        self.assertEqual(self._row(sales, SEPTEMBER).target, 10)
        target.unlink()
        self.assertEqual(self._row(sales, OCTOBER).target, 100)
        self.assertEqual(self._row(sales, NOVEMBER).target, 10)
        sales.target_ids.unlink()
        self.assertFalse(self._row(sales, NOVEMBER))
        self.assertEqual(sales.status, "no_target")
        self.assertEqual(self._judged(sales)[date(2026, 10, 1)].status, "at_risk")

    def test_the_first_value_after_closing_is_the_one_judged(self):
        sales = self._report("Sales", {OCTOBER: 90})
        self._target(sales, OCTOBER, 100)
        self._enter(sales, {OCTOBER: 120})
        row = self._row(sales, OCTOBER)
        self.assertEqual((row.rated_value, row.achievement), (90, 90))
        then = self._judged(sales)[date(2026, 10, 1)]
        self.assertEqual((then.value, then.status), (90, "at_risk"))
        today = self._judged(sales, basis="today")[date(2026, 10, 1)]
        self.assertEqual((today.value, today.status), (120, "on_target"))

    def test_a_late_value_is_judged_by_the_target_of_the_close(self):
        sales = self._report("Sales")
        target = self._target(sales, OCTOBER, 100)
        target.value = 45
        self._enter(sales, {OCTOBER: 90})
        self.assertEqual(self._row(sales, OCTOBER).achievement, 90)
        self.assertEqual(sales.achievement, 90)

    def test_the_current_status_is_by_the_target_of_the_close(self):
        sales = self._report("Sales", {OCTOBER: 90})
        target = self._target(sales, OCTOBER, 100)
        target.value = 45
        self.assertEqual((sales.target_value, sales.status), (100, "at_risk"))

    def test_a_running_period_follows_its_target_until_it_closes(self):
        with self._at("2026-10-31 12:00:00"):
            sales = self._report("Sales", {OCTOBER: 90})
            target = self._target(sales, OCTOBER, 100)
            target.value = 80
            row = self._row(sales, OCTOBER)
            self.assertEqual((row.target, row.rated_at), (80, False))
        target.value = 45
        self.assertEqual(self._row(sales, OCTOBER).target, 80)
        self.assertAlmostEqual(self._row(sales, OCTOBER).achievement, 112.5)

    def test_a_period_closes_at_midnight_of_the_calendar(self):
        east = self.env["kpi.calendar"].create({"name": "East", "tz": "Asia/Tokyo"})
        # 1 November in Tokyo, 31 October in Greenwich
        with self._at("2026-10-31 16:00:00"):
            tokyo = self._report("Tokyo", {OCTOBER: 90}, calendar_id=east.id)
            here = self._report("Here", {OCTOBER: 90})
            for report in (tokyo, here):
                self._target(report, OCTOBER, 100)
            self.assertTrue(self._row(tokyo, OCTOBER).rated_at)
            self.assertFalse(self._row(here, OCTOBER).rated_at)

    def test_the_job_judges_what_has_closed_meanwhile(self):
        with self._at("2026-10-20 12:00:00"):
            sales = self._report("Sales", {OCTOBER: 90})
            self._target(sales, OCTOBER, 100)
        self.env["kpi.report"]._find_unjudged()._refresh_current()
        row = self._row(sales, OCTOBER)
        self.assertEqual((row.rated_value, row.achievement), (90, 90))
        self.assertTrue(row.rated_at)
        self.assertEqual(self._row(sales, NOVEMBER).target, 100)

    def test_what_can_only_come_closer_misses_no_target_before_the_period_closes(self):
        """As a number of different customers; in SQL as in the engine."""
        values = {OCTOBER: 90, NOVEMBER: 90}
        kinds = {
            "Customers": ({"aggregation_time": "none"}, 100, "not_due"),
            "Reached": ({"aggregation_time": "none"}, 80, "on_target"),
            "Most": ({"aggregation_time": "max"}, 100, "not_due"),
            "Least": ({"aggregation_time": "min", "direction": "lower"}, 80, "not_due"),
            "Worst": (
                {"aggregation_time": "max", "direction": "lower"},
                60,
                "off_target",
            ),
            "Share": ({"aggregation_time": "average"}, 120, "off_target"),
        }
        with self._at("2026-11-10 12:00:00"):
            for name, (definition, target, expected) in kinds.items():
                with self.subTest(name):
                    report = self._report(name, values, **definition)
                    self._target(report, (2026, 1), target)
                    self.assertEqual(report.status, expected)
                    judged = self._judged(report)
                    self.assertEqual(judged[date(2026, 11, 1)].status, expected)
                    closed = judged[date(2026, 10, 1)].status
                    self.assertIn(closed, ("on_target", "at_risk", "off_target"))

    def test_longer_periods_with_values_of_their_own_are_kept_too(self):
        rate = self._report("Rate", {SEPTEMBER: 8, OCTOBER: 9}, aggregation_time="none")
        facts = self.env["kpi.measurement"]
        facts._upsert("quarter", [(rate.id, date(2026, 7, 1), 8)], source="manual")
        target = self._target(rate, SEPTEMBER, 10)
        target.value = 16
        self.assertEqual(self._row(rate, (2026, 7), "quarter").achievement, 80)
        third = self._judged(rate, "quarter", (2026, 7))[date(2026, 7, 1)]
        self.assertEqual((third.target, third.achievement), (10, 80))

    def test_longer_periods_are_rolled_up_from_what_was_judged(self):
        sales = self._report("Sales", {SEPTEMBER: 40, OCTOBER: 50})
        target = self._target(sales, (2026, 7), 50)
        target.value = 100
        self._enter(sales, {SEPTEMBER: 90})
        third = self._judged(sales, "quarter", (2026, 7))[date(2026, 7, 1)]
        self.assertEqual((third.value, third.target), (40, 150))
        today = self._judged(sales, "quarter", (2026, 7), basis="today")
        self.assertEqual(today[date(2026, 7, 1)].value, 90)
        self.assertEqual(today[date(2026, 7, 1)].target, 300)

    def test_nobody_writes_judgements(self):
        sales = self._report("Sales", {OCTOBER: 90})
        self._target(sales, OCTOBER, 100)
        row = self._row(sales, OCTOBER)
        for attempt in (
            lambda: row.write({"target": 1}),
            row.unlink,
            lambda: row.create({"report_id": sales.id}),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_many_kpis_are_judged_by_as_many_queries_as_one(self):
        reports = self.env["kpi.report"]
        for number in range(6):
            report = self._report(f"Sales {number}", {OCTOBER: 5})
            self._target(report, OCTOBER, 100)
            reports |= report
        for chosen in (reports[:1], reports):
            # whose targets, the days of the calendar, judgements
            with self.assertQueryCount(3):
                chosen._judge_periods()

    def test_without_targets_there_is_one_query(self):
        report = self._report("Sales", {OCTOBER: 5})
        with self.assertQueryCount(1):
            report._judge_periods()
