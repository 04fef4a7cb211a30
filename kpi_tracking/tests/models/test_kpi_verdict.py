from datetime import date

from odoo.tests import tagged

from .test_kpi_judged import KpiTargetCase


@tagged("post_install", "-at_install")
class TestKpiVerdict(KpiTargetCase):
    """What is said of a KPI names the period that it is about; today is 20 November."""

    def _verdict(self, report):
        return report._get_verdicts()[report]

    def test_a_running_month_stands_beside_the_last_closed_one(self):
        sales = self._report("Sales", {(2026, 10): 73, (2026, 11): 64})
        self._target(sales, (2026, 1), 100)
        verdict = self._verdict(sales)
        running, closed = verdict.running, verdict.closed
        self.assertEqual((running.label, closed.label), ("Nov 2026", "Oct 2026"))
        self.assertTrue(running.is_running)
        self.assertIs(verdict.latest, running)
        # 19 of 30 days are over
        self.assertAlmostEqual(running.judged.target_to_date, 100 * 19 / 30)
        self.assertEqual(running.judged.target, 100)
        self.assertEqual(running.judged.status, "on_target")
        self.assertEqual((closed.judged.value, closed.judged.due_target), (73, 100))
        self.assertIsNone(closed.judged.target_to_date)
        self.assertEqual(
            sales.finding,
            "Nov 2026 is on track so far, at 101% of its target to date",
        )

    def test_an_average_is_judged_by_its_whole_target_at_any_time(self):
        score = self._report("Score", {(2026, 11): 90}, aggregation_time="average")
        self._target(score, (2026, 1), 100)
        self.assertIsNone(self._verdict(score).running.judged.target_to_date)
        self.assertEqual(
            score.finding, "Nov 2026 is at risk so far, at 90% of its target"
        )

    def test_where_lower_is_better_an_achievement_is_no_share(self):
        cost = self._report("Cost", {(2026, 10): 125}, direction="lower")
        self._target(cost, (2026, 1), 100)
        self.assertEqual(cost.finding, "Oct 2026 missed its target by 25%")

    def test_progress_from_a_baseline_is_no_share(self):
        sales = self._report("Sales", {(2026, 10): 75})
        self._target(sales, (2026, 1), 100, has_baseline=True, baseline=50)
        self.assertEqual(sales.finding, "Oct 2026 missed its target by 25%")

    def test_nothing_is_judged_without_a_target(self):
        sales = self._report("Sales", {(2026, 10): 5, (2026, 11): 4})
        self.assertFalse(sales.finding)

    def test_an_old_value_is_that_of_its_own_period(self):
        sales = self._report("Sales", {(2026, 7): 100})
        self._target(sales, (2026, 1), 100)
        verdict = self._verdict(sales)
        self.assertEqual(verdict.closed.period.start, date(2026, 7, 1))
        self.assertIs(verdict.latest, verdict.closed)
        self.assertEqual(sales.finding, "Jul 2026 met its target")

    def test_nothing_is_said_of_a_kpi_without_values(self):
        sales = self._report("Sales")
        self.assertFalse(sales.finding)
        self.assertIsNone(self._verdict(sales).latest.judged.value)

    def test_many_are_read_by_as_many_statements_as_one(self):
        sales = self._report("Sales", {(2026, 10): 73})
        costs = self._report("Costs", {(2026, 11): 64})
        self._target(sales, (2026, 1), 100)
        self._target(costs, (2026, 1), 100)
        counts = []
        for reports in (sales, sales | costs):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            reports._get_verdicts()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_what_is_stored_on_the_kpi_is_what_the_verdict_says(self):
        for values in ({(2026, 10): 73, (2026, 11): 64}, {(2026, 9): 90}):
            sales = self._report(f"Sales {values}", values)
            self._target(sales, (2026, 1), 100, stretch=110)
            latest = self._verdict(sales).latest
            self.assertEqual(sales.current_period_start, latest.period.start)
            self.assertEqual(sales.current_value, latest.judged.value)
            self.assertAlmostEqual(sales.target_value, latest.judged.due_target)
            self.assertAlmostEqual(sales.achievement, latest.judged.achievement)
            self.assertEqual(sales.status, latest.judged.status)
