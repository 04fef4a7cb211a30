from datetime import datetime

from odoo.tests import tagged

from .test_kpi_action_item import ActionCase


def months(values, year=2025):
    """Values by month from January of a year on."""
    return {
        f"{year + at // 12}-{at % 12 + 1:02}": value for at, value in enumerate(values)
    }


@tagged("post_install", "-at_install")
class TestKpiActionEffect(ActionCase):
    """What has changed since an action, as the form says it."""

    def setUp(self):
        super().setUp()
        self.enterContext(self._at(datetime(2026, 8, 10, 12)))

    def _done(self, values, effective="2026-01-01", **item):
        kpi = self._entered("Orders", months(values))
        return self._action(
            report_id=kpi.id, status="completed", effective_date=effective, **item
        )

    def test_a_slope_has_none(self):
        item = self._done([100 + 5 * month for month in range(19)])
        self.assertAlmostEqual(item.measured_effect, 0)
        self.assertLessEqual(item.effect_low, 1e-9)
        self.assertGreaterEqual(item.effect_high, -1e-9)
        self.assertIn("may be chance", item.effect_in_words)

    def test_a_step_of_ten_is_ten(self):
        item = self._done([100 + month + 10 * (month >= 12) for month in range(19)])
        self.assertAlmostEqual(item.measured_effect, 10)
        self.assertIn("+10", item.effect_in_words)
        self.assertIn("7 periods", item.effect_in_words)
        self.assertIn("12 periods before", item.effect_in_words)
        self.assertNotIn("chance", item.effect_in_words)

    def test_a_change_of_percentages_is_in_points(self):
        kpi = self._entered(
            "Share",
            months([20 + 10 * (month >= 12) for month in range(19)]),
            unit="percent",
        )
        item = self._action(
            report_id=kpi.id, status="completed", effective_date="2026-01-01"
        )
        self.assertRegex(item.effect_in_words, r"^\+10(\.0+)? points on average")

    def test_it_is_never_called_a_cause(self):
        item = self._done([100 + 10 * (month >= 12) for month in range(19)])
        for word in ("cause", "because", "due to", "thanks", "led to"):
            self.assertNotIn(word, item.effect_in_words.lower())

    def test_of_few_periods_it_is_too_early(self):
        item = self._done([100.0] * 14)
        self.assertIs(item.measured_effect, False)
        self.assertIn("Too early", item.effect_in_words)
        self.assertIn("and 3 after (now 12 and 2)", item.effect_in_words)

    def test_the_month_that_runs_does_not_count(self):
        values = [100.0 + 10 * (month >= 12) for month in range(15)]
        item = self._done(values)
        self.assertAlmostEqual(item.measured_effect, 10)
        with self._at(datetime(2026, 3, 30, 12)):
            item.invalidate_recordset()
            self.assertIn("and 3 after (now 12 and 2)", item.effect_in_words)

    def test_nothing_is_said_before_it_is_done(self):
        item = self._action()
        self.assertFalse(item.effect_in_words)
        self.assertIs(item.measured_effect, False)

    def test_what_was_expected_stands_beside_it(self):
        item = self._done(
            [100.0 + 10 * (month >= 12) for month in range(19)],
            expected_effect=8.0,
            expected_by="2026-06-30",
        )
        self.assertIn("Expected: +8", item.effect_in_words)
        self.assertIn("Jun 30", item.effect_in_words)

    def test_other_actions_at_that_time_are_named(self):
        item = self._done([100.0 + 10 * (month >= 12) for month in range(19)])
        self.assertNotIn("Other actions", item.effect_in_words)
        near = {"report_id": item.report_id.id, "status": "completed"}
        for text, day in (
            ("Lower prices", "2026-02-10"),
            ("New shop", "2025-06-01"),
            ("Long ago", "2023-06-01"),
        ):
            self._action(description=text, effective_date=day, **near)
        self._action(description="Only planned", report_id=item.report_id.id)
        item.invalidate_recordset()
        self.assertIn("“Lower prices”", item.effect_in_words)
        self.assertIn("“New shop”", item.effect_in_words)
        for text in ("Long ago", "Only planned"):
            self.assertNotIn(text, item.effect_in_words)

    def test_days_at_the_ends_of_the_calendar_are_answered(self):
        for day in ("1900-02-01", "9998-06-01"):
            with self.subTest(day):
                item = self._done([1.0, 2.0], effective=day)
                self.assertIn("Too early", item.effect_in_words)
