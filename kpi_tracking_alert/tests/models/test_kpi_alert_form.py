from datetime import datetime

from odoo.tests import tagged

from .alert_case import AlertCase

DURING_MARCH = datetime(2026, 3, 20, 12)
OPENS = "The alert opens below 90% of target."


@tagged("post_install", "-at_install")
class TestKpiAlertForm(AlertCase):
    """The form of an alert: its sentence, when it closes, and its chart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.department = cls._track(cls.revenue.definition_id, cls.sales)
        cls._fill(cls.department, {"2026-01": 50, "2026-02": 80})

    def _open(self, report=None, user=None, rule=None, **values):
        """An alert, as the user."""
        report = report or self.revenue
        rule = rule or self._rule(report)
        found = {"details": {"condition": rule.condition}, **values}
        return self._as(user or self.officer, self._fired(rule, report, **found))

    def test_the_sentence_names_number_and_month(self):
        self.assertEqual(
            self._open().headline, "Revenue was 90 in Feb 2026, 90% of its target"
        )
        self.assertEqual(
            self._open(self.complaints).headline,
            "Complaints was 3 in Feb 2026, 75% of its target",
        )

    def test_without_a_target_it_names_the_number(self):
        self.assertEqual(
            self._open(self.department).headline, "Revenue – Sales was 80 in Feb 2026"
        )

    def test_a_month_without_a_value(self):
        event = self._open(period="2025-12")
        self.assertEqual(event.headline, "Revenue has no value in Dec 2025")
        self.assertEqual(event.status, "no_data")

    def test_a_month_that_runs(self):
        with self._at(DURING_MARCH):
            self._fill(self.revenue, {"2026-03": 70})
            event = self._open(period="2026-03")
            self.assertRegex(
                event.headline,
                r"^Revenue is 70 so far in Mar 2026, \d+% of its target( to date)?$",
            )
            self.assertTrue(event.is_running)

    def test_periods_of_another_length_have_the_value_of_then(self):
        event = self._open(grain="quarter", period="2026-01", value=210.0)
        self.assertEqual(event.headline, "Revenue was 210 in Q1 2026")
        self.assertEqual((event.period_value, event.status), (210.0, "no_target"))
        self.assertFalse(event.target_share)

    def test_its_name_is_that_of_the_kpi_and_the_period(self):
        self.assertEqual(self._open().display_name, "Revenue · Feb 2026")

    def test_it_says_when_it_closes_by_itself(self):
        back = "It closes by itself when a period is back at %s or more."
        self.assertEqual(self._open().closing, f"{OPENS} {back % '90%'}")
        rule = self._rule(self.revenue, clear_threshold=0.95)
        self.assertEqual(self._open(rule=rule).closing, f"{OPENS} {back % '95%'}")

    def test_other_conditions(self):
        for values, found, expected in (
            (
                {"condition": "above", "compared": "achievement", "threshold": 120.0},
                {"limit": 120.0},
                "The alert opens above an achievement of 120%."
                " It closes by itself when a period is back at 120% or less.",
            ),
            (
                {
                    "condition": "outside",
                    "compared": "achievement",
                    "threshold": 80.0,
                    "threshold_high": 120.0,
                },
                {
                    "limit": 80.0,
                    "details": {"condition": "outside", "limit_high": 120.0},
                },
                "The alert opens below an achievement of 80% or above an achievement"
                " of 120%. It closes by itself when a period is back between 80% and"
                " 120%.",
            ),
        ):
            with self.subTest(condition=values["condition"]):
                rule = self._rule(self.revenue, **values)
                event = self._open(rule=rule, measured=70.0, **found)
                self.assertEqual(event.closing, expected)

    def test_a_rule_stricter_than_the_status_says_so(self):
        stricter = (
            "The rule is stricter than the status, which is On track from an"
            " achievement of %s."
        )
        lenient = {"zones": "rag", "threshold_1": 90, "threshold_2": 70}
        for value, zones, limit, share in (
            (99.97, {}, "95%", "99.9%"),
            (94.0, lenient, "90%", "94%"),
            (94.0, {}, None, "94%"),  # at risk: both agree
        ):
            with self.subTest(value=value, limit=limit):
                kpi = self._entered("Orders", {"2026-02": value}, 100, **zones)
                rule = self._rule(kpi, threshold=1.0)
                event = self._open(kpi, rule=rule, measured=value / 100)
                self.assertTrue(event.headline.endswith(f", {share} of its target"))
                self.assertEqual(event.status == "on_target", bool(limit))
                self.assertEqual("stricter" in event.closing, bool(limit))
                if limit:
                    self.assertIn(stricter % limit, event.closing)

    def test_a_change_says_what_it_was(self):
        rule = self._rule(self.revenue, compared="previous", threshold=-10.0)
        closing = self._open(rule=rule, measured=-25.0, limit=-10.0).closing
        self.assertRegex(closing, r"^.25% vs previous period, below .10%\. The alert")
        self.assertIn("opens below a change of", closing)

    def test_other_kinds_of_rules(self):
        for alert_type, values, expected in (
            ("trend_deterioration", {"limit": None}, "the trend gets no worse."),
            (
                "target_risk",
                {"measured": 14.0, "limit": 30.0},
                "the chance is back at 30% or more.",
            ),
            (
                "anomaly_detected",
                {
                    "details": {"kind": "spike", "margin": 1.0},
                    "limit": 100.0,
                    "since_period": "2026-02-01",
                },
                "values are usual again.",
            ),
            (
                "restated",
                {"limit": 5.0, "details": {"old": 95.0, "new": 90.0}},
                "the change is 5% or less.",
            ),
        ):
            with self.subTest(alert_type=alert_type):
                rule = self._rule(self.revenue, alert_type=alert_type)
                event = self._open(rule=rule, compared=None, **values)
                self.assertTrue(event.closing.endswith(expected), event.closing)

    def test_a_missing_value_closes_it_with_the_next_one(self):
        rule = self._rule(self.revenue, condition="no_data")
        values = {"measured": None, "limit": None, "details": {"newest": "2026-01-01"}}
        event = self._open(rule=rule, **values)
        self.assertTrue(event.closing.endswith("closes by itself with the next value."))

    def test_it_says_how_the_running_period_stands(self):
        with self._at(DURING_MARCH):
            self._fill(self.revenue, {"2026-03": 70})
            event = self._open()
            running = self.calendar._period("month", DURING_MARCH.date())
            finding = self._as(self.officer, self.revenue)._finding(running)
            self.assertTrue(finding)
            self.assertTrue(event.closing.endswith(f" {finding}."), event.closing)

    def test_once_it_is_over_it_says_how_it_ended(self):
        event = self._open()
        event.sudo()._resolve("cleared")
        self.assertEqual(event.closing, "Back to normal.")

    def test_the_chart_marks_the_period_and_the_levels_that_open_it(self):
        chart = self._open().chart
        marked = [point["label"] for point in chart["points"] if point["is_alert"]]
        self.assertEqual(marked, ["Feb 2026"])
        (limit,) = chart["limits"]
        self.assertEqual(
            (limit["text"], limit["values"][-1]), ("Alert below 90%", 90.0)
        )

    def test_levels_by_what_is_compared(self):
        for values, expected in (
            ({"compared": "achievement", "limit": 80.0}, ("Alert below 80%", 80.0)),
            ({"compared": "previous", "limit": -10.0}, None),
            ({"compared": "target", "limit": None}, None),
        ):
            with self.subTest(**values):
                limits = self._open(**values).chart["limits"]
                ends = [(limit["text"], limit["values"][-1]) for limit in limits]
                self.assertEqual(ends, [expected] if expected else [])

    def test_its_chart_does_not_fall_on_the_first_day_of_a_period(self):
        with self._at("2026-03-01 12:00:00"):
            self._fill(self.revenue, {"2026-03": 0})
            *_others, before, now = self._open().chart["points"]
        self.assertEqual((before["value"], now["value"]), (90, None))

    def test_an_older_alert_is_in_its_chart(self):
        points = self._open(period="2025-03").chart["points"]
        self.assertEqual(
            [point["label"] for point in points if point["is_alert"]], ["Mar 2025"]
        )

    def test_where_the_value_comes_from(self):
        part, others = self._open().parts
        self.assertEqual(
            [part[name] for name in ("id", "name", "text", "share", "status")],
            [self.department.id, "Sales", "80", "", "no_target"],
        )
        self.assertEqual((others["id"], others["text"]), (False, "10"))

    def test_parts_add_up_to_the_value(self):
        definition = self.revenue.definition_id
        for number, value in enumerate((0, 1, 2, 2, 1, 1, 3)):
            name = f"Branch {number}"
            branch = self._create_department(name)
            self._fill(self._track(definition, branch), {"2026-02": value})
        parts = self._open().parts
        named = {part["name"]: part["text"] for part in parts}
        self.assertEqual(len(parts), 6)
        self.assertEqual([named["Sales"], named["Branch 6"]], ["80", "3"])
        self.assertNotIn("Branch 0", named)
        self.assertEqual(sum(int(text) for text in named.values()), 90)
        self.assertEqual(parts[-1]["name"], "Others")

    def test_messages_list_the_parts_of_the_change(self):
        definition = self.revenue.definition_id
        self._fill(self.revenue, {"2026-01": 100})
        for number, change in enumerate((-9, -8, -7, -6, -5, 0)):
            branch = self._create_department(f"Branch {number}")
            values = {"2026-01": 10, "2026-02": 10 + change}
            self._fill(self._track(definition, branch), values)
        (line,) = self._open()._describe_parts_line()
        texts = [text.replace("−", "-") for _label, text in line.facts]
        self.assertEqual(line.facts[-1][0], "Others")
        self.assertEqual(sum(map(int, texts)), -10)
        self.assertNotIn("0", texts)

    def test_readers_see_no_parts_of_others(self):
        self.revenue.shared_user_ids = self.user
        self.assertFalse(self._open(user=self.user).parts)

    def test_why_it_changed(self):
        action = self._open().action_explain_change()
        self.assertEqual(
            (action["params"]["report_id"], action["params"]["to"]),
            (self.revenue.id, "2026-02-01"),
        )
