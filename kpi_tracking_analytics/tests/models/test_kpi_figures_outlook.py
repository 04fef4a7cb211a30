from odoo.tests import tagged

from ...models.numbers import format_chance
from .analysis_case import NOW, AnalysisCase, months, seasonal


@tagged("post_install", "-at_install")
class TestKpiFiguresOutlook(AnalysisCase):
    """The likely end of a period follows its value so far."""

    def _figures(self, report, now=NOW):
        with self._at(now):
            report.invalidate_recordset()
            return {each["key"]: each for each in report.standing["figures"]}

    def _orders(self, name="Orders", march=60.0, target=300, **definition):
        values = {**months(seasonal()), "2026-03": march}
        kpi = self._entered(
            name, values, target=target, aggregation_time="sum", **definition
        )
        self._analyse(kpi)
        return kpi

    def test_a_likely_miss_says_how_far_and_how_probable(self):
        orders = self._orders()
        figures = self._figures(orders)
        self.assertEqual([*figures], ["running", "likely", "closed", "year"])
        likely, row = figures["likely"], self._forecast(orders)
        self.assertEqual(likely["title"], "Likely at the end of Mar 2026")
        self.assertEqual(likely["value"], row.expected_value)
        self.assertEqual(likely["status"], "likely_miss")
        gap = 100 * (1 - row.expected_value / 300)
        chance = format_chance(self.env, row.target_probability)
        self.assertEqual(
            likely["texts"][:2],
            [f"{gap:.0f}% short of 300", f"{chance} chance to reach it"],
        )

    def test_a_likely_end_on_target_has_its_status(self):
        likely = self._figures(self._orders("Easy", target=60))["likely"]
        self.assertEqual(likely["status"], "on_target")
        self.assertIn("above 60", likely["texts"][0])

    def test_the_year_says_what_it_will_come_to(self):
        orders = self._orders(coarsest_grain="year")
        total = self.env["kpi.predictive.total"].search(
            [("report_id", "=", orders.id), ("grain", "=", "year")]
        )
        year = self._figures(orders)["year"]
        self.assertEqual(year["title"], "2026 to date")
        self.assertEqual(year["value"], sum(seasonal()[-2:]) + 60)
        kpi = orders.definition_id
        gap = 100 * (1 - total.value / 3600)
        self.assertEqual(
            year["texts"],
            [
                f"Likely {kpi._format_compact(total.value)}, {gap:.0f}% short of "
                f"{kpi._format_compact(3600)}"
            ],
        )
        self.assertEqual(year["status"], "likely_miss")

    def test_the_quarter_is_in_what_is_likely(self):
        orders = self._orders(coarsest_grain="year")
        total = self.env["kpi.predictive.total"].search(
            [("report_id", "=", orders.id), ("grain", "=", "quarter")]
        )
        value = orders.definition_id._format_compact(total.value)
        chance = format_chance(self.env, total.target_probability)
        self.assertEqual(
            self._figures(orders)["likely"]["texts"][2:],
            [f"Q1 2026: {value}, {chance} chance"],
        )
        open_end = self._orders("Open", target=None, coarsest_grain="year")
        (text,) = self._figures(open_end)["likely"]["texts"][1:]
        self.assertRegex(text, r"^Q1 2026: \d+$")

    def test_without_a_target_the_limits_are_said(self):
        likely = self._figures(self._orders("Open", target=None))["likely"]
        self.assertEqual(likely["status"], "")
        self.assertRegex(likely["texts"][0], r"^Between \d+ and \d+$")

    def test_a_forecast_of_an_earlier_period_is_left_out(self):
        orders = self._orders()
        figures = self._figures(orders, "2026-04-01 01:00:00")
        self.assertNotIn("likely", figures)
        figures = self._figures(orders, "2027-01-01 12:00:00")
        self.assertNotIn("year", figures)

    def test_a_likely_end_that_is_the_value_so_far_is_no_second_figure(self):
        """Unless it alone misses the target: 60 are on track on March 11, not later."""
        with self._at(NOW):  # else March has been rated as a closed month
            orders = self._orders()
        row = self._forecast(orders)
        for target, expected, is_shown in (
            (300, 60.0, False),  # 97 are due: off track already
            (150, 60.0, True),
            (150, 60.0001, True),
            (50, 60.0, False),
            (300, 90.0, True),
        ):
            with self.subTest(target=target, expected=expected), self._at(NOW):
                orders.target_ids.value = target
                is_met = expected >= target
                row.write(
                    {
                        "expected_value": expected,
                        "target_probability": 90 if is_met else 5,
                        "expected_status": "on_target" if is_met else "off_target",
                    }
                )
                self.assertEqual("likely" in self._figures(orders), is_shown)

    def test_a_kpi_without_forecast_has_the_other_figures(self):
        kpi = self._entered("New", {"2026-02": 5.0, "2026-03": 2.0}, target=10)
        self.assertEqual([*self._figures(kpi)], ["running", "closed", "year"])

    def test_nothing_that_is_forecast_is_certain(self):
        for percent, text in ((0.2, "below 1%"), (14, "14%"), (99.8, "above 99%")):
            self.assertEqual(format_chance(self.env, percent), text)
