from datetime import date

from odoo.tests import new_test_user, tagged

from .question_case import QuestionCase


@tagged("post_install", "-at_install")
class TestKpiNlpProcessorAnalysis(QuestionCase):
    """Questions why a KPI moved, what comes next, and what is unusual."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        points = [(date(2026, 3, 1), 95.0), (date(2026, 4, 1), 110.0)]
        for kpi in (cls.own, cls.of_sales):
            for start, value in points:
                cls.env["kpi.predictive.point"].create(
                    {
                        "report_id": kpi.id,
                        "is_latest": True,
                        "made_on": date(2026, 3, 1),
                        "period_start": start,
                        "value": value,
                        "low_80": value - 10,
                        "high_80": value + 10,
                    }
                )
        for kpi, state in ((cls.own, "new"), (cls.of_sales, "dismissed")):
            cls.env["kpi.anomaly"].create(
                {
                    "report_id": kpi.id,
                    "period_start": date(2026, 1, 1),
                    "period_last": date(2026, 1, 1),
                    "oddest_start": date(2026, 1, 1),
                    "kind": "spike",
                    "value": 90.0,
                    "expected": 120.0,
                    "margin": 10.0,
                    "score": -3.0,
                    "score_size": 3.0,
                    "state": state,
                }
            )

    def test_a_drop_is_explained_between_two_periods(self):
        for question in (
            "why did asked visits drop",  # the latest period with a value
            "why did asked visits fall in January 2026",
        ):
            found = self._ask(question)
            sides = [found["change"][side]["value"] for side in ("from", "to")]
            self.assertEqual(sides, [120, 90])
            self.assertEqual(found["change"]["change"], -30)
            self.assertIn("Jan 2026", found["sentences"][0])
            self.assertEqual({row["report"] for row in found["rows"]}, {self.own.id})

    def test_a_longer_period_is_explained_from_the_one_before_it(self):
        found = self._ask("why did asked visits change in Q4 2025")
        labels = [found["change"][side]["label"] for side in ("from", "to")]
        self.assertEqual(labels, ["Sep 2025", "Dec 2025"])

    def test_a_change_over_several_periods_names_the_largest_step(self):
        found = self._ask("why did asked visits change from November 2025 to January")
        labels = [found["change"][side]["label"] for side in ("from", "to")]
        self.assertEqual(labels, ["Oct 2025", "Jan 2026"])
        found = self._ask("why did asked visits drop in January vs November 2025")
        # 100, 120, 90
        self.assertEqual(found["change"]["change"], -10)
        self.assertIn("Most of it came in Jan 2026: down 30.", found["sentences"])
        found = self._ask("why did asked visits drop in January 2026")
        self.assertNotIn("Most of it", str(found["sentences"]))

    def test_a_part_of_a_period_is_not_explained(self):
        found = self.processor.process_natural_language_query(
            "why did asked visits drop on 2026-01-10"
        )
        self.assertIsNone(found["change"])
        self.assertEqual(found["outcome"], "ambiguous")

    def test_a_forecast_has_its_limits_and_unit(self):
        found = self._ask("forecast asked visits next month")
        self.assertEqual(
            [(one["report"], one["value"], one["low"]) for one in found["forecast"]],
            [(self.own.id, 110, 100)],
        )
        self.assertIn(
            "Apr 2026: 110 expected, between 100 and 120", found["sentences"][0]
        )
        self.assertTrue(found["sentences"][0].endswith(" with 80% probability"))
        self.assertEqual(len(self._ask("forecast asked visits")["forecast"]), 2)

    def test_limits_that_are_equal_are_left_out(self):
        point = {"label": "Apr 2026", "value": 110, "low": 110, "high": 110}
        sentence = self.own._say_forecast(point)
        self.assertTrue(sentence.endswith("Apr 2026: 110 expected"), sentence)

    def test_beyond_the_forecast_there_is_no_number(self):
        found = self._ask("forecast asked visits in March 2027")
        self.assertEqual(found["forecast"], [])
        self.assertIn("ends with Apr 2026", found["sentences"][0])
        found = self._ask("forecast asked orders of Asked Sales")
        self.assertIn("no forecast", found["sentences"][0])

    def test_unusual_values_are_listed_but_those_called_usual(self):
        found = self._ask("unusual values of asked visits")
        self.assertEqual([one["report"] for one in found["anomalies"]], self.own.ids)
        self.assertIn("was 90, usually 120", found["sentences"][0])
        found = self._ask("any anomalies in Asked Sales")
        self.assertEqual((found["anomalies"], found["count"]), ([], 0))
        found = self._ask("unusual values of asked visits in December 2025")
        self.assertEqual(found["anomalies"], [])

    def test_what_changed_most_is_ranked(self):
        def rank(question):
            return [
                (one["name"], one["number"]) for one in self._ask(question)["ranking"]
            ]

        # 20 to 30 visits
        question = "which department improved the most in asked visits in January 2026"
        self.assertEqual(rank(question), [("Asked Sales", 10)])
        # of their targets: visits from 80 % to 120 %, orders from 40 % to 30 %
        kpis = rank("which KPIs of Asked Sales improved the most in January 2026")
        self.assertEqual([round(number) for _name, number in kpis], [40, -10])
        worst = rank("which KPI of Asked Sales worsened the most in January 2026")
        self.assertEqual([round(number) for _name, number in worst], [-10])

    def test_answers_hold_what_the_user_sees(self):
        stranger = new_test_user(
            self.env, "asked_stranger", "base.group_user,kpi_base.kpi_base_group_user"
        )
        processor = self.processor.with_user(stranger)
        for question in (
            "why did asked visits drop",
            "forecast asked visits",
            "unusual values of asked visits",
            "any anomalies",
            "which KPIs improved the most in January 2026",
        ):
            with self.subTest(question=question):
                found = processor.process_natural_language_query(question)
                ours = {self.own.id, self.of_sales.id, self.orders_of_sales.id}
                named = [
                    one["report"]
                    for name in (
                        "rows",
                        "forecast",
                        "anomalies",
                        "ranking",
                        "candidates",
                    )
                    for one in found[name]
                ]
                self.assertFalse(ours & set(named))
                self.assertIsNone(found["change"])

    def test_an_answer_is_a_sentence_too(self):
        found = self._ask("asked visits of Asked Sales in January 2026")
        self.assertEqual(
            found["sentences"],
            ["Asked Visits, Asked Sales, Jan 2026: 30, target 25, on track"],
        )
        found = self._ask("asked visits nov 2025 vs dec 2025")
        self.assertEqual(found["sentences"][-1], "Dec 2025 is 20 above Nov 2025.")
        found = self._ask(
            "how many KPIs of Asked Sales are below target in January 2026"
        )
        self.assertEqual(found["sentences"][0], "One of the KPIs you can access.")
