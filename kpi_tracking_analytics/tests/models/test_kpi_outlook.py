from odoo.tests import tagged

from .analysis_case import NOW, AnalysisCase, months, seasonal


@tagged("post_install", "-at_install")
class TestKpiOutlook(AnalysisCase):
    """What is said of the end of a running period is said of the period that runs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls._entered(
            "Orders",
            {**months(seasonal()), "2026-03": 60.0},
            target=300,
            aggregation_time="sum",
        )

    def _verdict(self, report, now=NOW):
        with self._at(now):
            report.invalidate_recordset()
            return report._get_verdicts()[report], report.finding

    def test_a_likely_miss_is_part_of_the_finding(self):
        self._analyse(self.orders)
        verdict, finding = self._verdict(self.orders)
        row, outlook = self._forecast(self.orders), verdict.outlook
        self.assertEqual(outlook.period, verdict.running.period)
        self.assertEqual(outlook.label, "Mar 2026")
        self.assertEqual(
            (outlook.value, outlook.low), (row.expected_value, row.expected_low)
        )
        self.assertTrue(outlook.is_miss)
        self.assertLess(outlook.chance, 50)
        # 60 of the 97 that are due on the tenth of 31 days, and some 150 at the end
        short = f"{100 * (1 - outlook.value / 300):.0f}"
        self.assertEqual(finding, f"Mar 2026 will likely end {short}% short")

    def test_a_likely_end_on_target_is_said_too(self):
        easy = self._entered("Easy", months(seasonal()), target=60)
        self._analyse(easy)
        verdict, finding = self._verdict(easy)
        self.assertTrue(verdict.outlook.is_reach)
        self.assertEqual(finding, "Mar 2026 will likely reach its target")

    def test_a_forecast_of_an_earlier_period_says_nothing(self):
        """Early on the first day, before it is made anew."""
        self._analyse(self.orders)
        verdict, finding = self._verdict(self.orders, "2026-04-01 01:00:00")
        self.assertEqual(verdict.running.label, "Apr 2026")
        self.assertIsNone(verdict.outlook)
        self.assertNotIn("likely", finding)

    def test_few_values_say_nothing_of_a_chance(self):
        young = self._entered("Young", {"2026-01": 5.0, "2026-02": 6.0}, target=100)
        self._analyse(young)
        self.assertEqual(self._forecast(young).origin, "too_short")
        verdict, finding = self._verdict(young)
        self.assertIsNone(verdict.outlook.chance)
        self.assertFalse(verdict.outlook.is_miss)
        self.assertNotIn("likely", finding)

    def test_the_overview_says_nothing_of_periods_that_are_over(self):
        self._analyse(self.orders)
        home = self._as(self.officer, self.env["kpi.home"])
        for now, count in ((NOW, 1), ("2026-04-01 01:00:00", 0)):
            with self._at(now), self.subTest(now=now):
                digest = home.get_summary()["digest"] or {"items": []}
                ids = [
                    id_
                    for item in digest["items"]
                    if item["kind"] == "forecast"
                    for id_ in item["ids"]
                ]
                self.assertEqual(ids.count(self.orders.id), count)

    def test_the_most_at_stake_comes_first(self):
        """Money before points, and what reaches its target last."""

        def enter(name, factor, target, **definition):
            values = {
                month: factor * value for month, value in months(seasonal()).items()
            }
            return self._entered(name, values, target=target, **definition)

        money = {"unit": "currency", "aggregation_time": "sum"}
        share = {"unit": "percent", "aggregation_time": "average"}
        easy = enter("Easy", 1, 60, **money)
        little = enter("Little", 1, 300, **money)
        much = enter("Much", 1000, 300_000, **money)
        rate = enter("Rate", 0.1, 40, **share)
        visits = enter("Visits", 1, 300, aggregation_time="sum")
        kpis = easy | little | much | rate | visits
        self._analyse(kpis)
        rows = self.analytics.search([("kpi_id", "in", kpis.ids)])
        names = rows.kpi_id.definition_id.mapped("name")
        self.assertEqual(names[:2], ["Much", "Little"])
        self.assertEqual(names[-1], "Easy")
        self.assertEqual({*names[2:4]}, {"Rate", "Visits"})
        by_kpi = rows.grouped("kpi_id")
        for kpi, target in ((little, 300), (much, 300_000), (rate, 40), (visits, 300)):
            row = by_kpi[kpi]
            self.assertAlmostEqual(row.stake, target - row.expected_value)
        self.assertEqual(by_kpi[little].stake_money, by_kpi[little].stake)
        self.assertIs(by_kpi[little].stake_points, False)
        self.assertEqual(by_kpi[rate].stake_points, by_kpi[rate].stake)
        self.assertAlmostEqual(
            by_kpi[visits].stake_points,
            100 - by_kpi[visits].predicted_target_achievement,
        )
        self.assertIs(by_kpi[easy].stake, False)

    def test_a_trend_from_almost_nothing_names_both_values(self):
        values = {**months([1.0] * 35), "2025-12": 50.0, "2026-01": 60.0}
        values["2026-02"] = 70.0
        small = self._entered("Small", values, aggregation_time="sum")
        self._analyse(small)
        self.assertEqual(self._forecast(small).trend_label, "from 3 to 180")
        self._analyse(self.orders)
        self.assertRegex(self._forecast(self.orders).trend_label, r"^[+−]\d+(\.\d)?%$")
